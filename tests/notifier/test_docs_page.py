"""The page at /docs works without the internet, names every operation, and what is to go says so."""

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from html import unescape

import httpx
from fastapi import FastAPI

from notifier.house import House
from secor_notifier.api.deprecation import Deprecations, deprecated


def test_the_page_loads_everything_from_the_service(house: House) -> None:
    page = house.ask("/docs", key=None)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)

    assert "//" not in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert len(loaded) == 4
    assert {house.ask(f"/{name}", key=None).status_code for name in loaded} == {200}
    assert house.ask("/docs/redoc.standalone.js", key=None).json()["code"] == "not_found"


def test_every_operation_stands_on_the_page_with_its_summary(house: House) -> None:
    shown = unescape(house.ask("/docs", key=None).text)
    for path, methods in house.ask("/openapi.json", key=None).json()["paths"].items():
        for method, operation in methods.items():
            assert f"<code>{method.upper()} {path}</code> {operation['summary']}</li>" in shown


async def test_an_operation_marked_by_one_line_says_that_it_is_to_go() -> None:
    app = FastAPI()
    app.add_middleware(Deprecations)
    leaving = deprecated(since=date(2027, 1, 1), sunset=date(2027, 7, 1), successor="/v1/new")
    app.add_api_route("/v1/old", lambda: "still here", openapi_extra=leaving)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        answer = await client.get("/v1/old")

    assert answer.headers["deprecation"] == f"@{int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())}"
    assert parsedate_to_datetime(answer.headers["sunset"]) == datetime(2027, 7, 1, tzinfo=UTC)
    assert answer.links["successor-version"]["url"] == "/v1/new"
    assert app.openapi()["paths"]["/v1/old"]["get"]["deprecated"] is True
