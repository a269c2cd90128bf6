"""A fault of ours, such as a damaged log, is a whole problem too: it has the request's id and is counted."""

import sqlite3
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from workflow.api.caller import PROBLEM, is_a_whole_problem
from workflow.api.life import Life, a_life
from workflow.api.service import Service

DAMAGE = "INSERT INTO events (position, case_id, version, event_id, type, actor, body) VALUES (?, ?, ?, ?, ?, ?, ?)"


@pytest.fixture
def damaged(tmp_path: Path, service: Service) -> Life:
    """A case whose last event cannot be read."""
    life = a_life(service, "Registered")
    row = (life.case()["position"] + 1, UUID(life.case_id).hex, 2, "0" * 32, "NoticeFiled", "nobody", "Grace {")
    with sqlite3.connect(service.settings.database.removeprefix("sqlite:///")) as database:
        database.execute(DAMAGE, row)
    database.close()
    return life


def test_it_is_a_problem_with_the_requests_id_and_is_counted(service: Service, damaged: Life) -> None:
    headers = {"Authorization": f"Bearer {service.staff.key}", "X-Request-ID": "damaged-1"}

    answer = httpx.get(f"{service.url}{damaged.path}", headers=headers)

    assert answer.status_code == 500
    assert answer.headers["content-type"] == PROBLEM
    is_a_whole_problem(answer.json(), 500, "damaged-1")
    assert answer.json()["code"] == "internal_error"
    assert "Grace" not in answer.text
    assert answer.headers["x-request-id"] == "damaged-1"
    counted = 'requests_total{method="GET",route="/v1/cases/{case_id}",status="500"} 1.0'
    assert counted in service.nobody.get("/metrics").text
