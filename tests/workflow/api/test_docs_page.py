"""The page at /docs works without the internet, and without scripts still names every operation."""

import re
from html import unescape

import pytest

from workflow.api.caller import refused
from workflow.api.service import Service


@pytest.fixture(scope="module")
def page(service: Service) -> str:
    answer = service.nobody.get("/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    return answer.text


def test_the_page_names_nothing_that_lies_elsewhere(page: str) -> None:
    assert "//" not in page


def test_the_browser_is_told_to_load_from_the_service_alone(service: Service) -> None:
    policy = service.nobody.get("/docs").headers["content-security-policy"]

    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_everything_that_the_page_loads_is_served_here(service: Service, page: str) -> None:
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)

    types = {name: service.nobody.get(f"/{name}").headers["content-type"].split(";")[0] for name in loaded}

    assert types == {
        "docs/swagger-ui.css": "text/css",
        "docs/favicon.png": "image/png",
        "docs/swagger-ui-bundle.js": "text/javascript",
        "docs/start.js": "text/javascript",
    }
    for name in loaded:
        assert service.nobody.get(f"/{name}").status_code == 200


def test_the_script_reads_the_document_that_this_service_gives(service: Service) -> None:
    script = service.nobody.get("/docs/start.js").text

    assert 'url: "openapi.json"' in script
    assert service.nobody.get("/openapi.json").status_code == 200


def test_every_operation_stands_on_the_page_with_its_summary(service: Service, page: str) -> None:
    shown = unescape(page)
    for path, methods in service.nobody.read("/openapi.json")["paths"].items():
        for method, operation in methods.items():
            assert f"<code>{method.upper()} {path}</code> {operation['summary']}</li>" in shown


def test_what_the_page_does_not_load_is_not_there(service: Service) -> None:
    refused(service.nobody.get("/docs/redoc.standalone.js"), 404, "not_found")
