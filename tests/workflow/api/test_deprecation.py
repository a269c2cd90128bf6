"""One line on an operation makes the document and every answer say that it is to go, when, and what comes after it."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from secor_workflow.api.deprecation import deprecated
from secor_workflow.api.problems import Problem
from secor_workflow.main import create_app
from workflow.api.service import settings_for

router = APIRouter()


@router.get("/v1/old", openapi_extra=deprecated(since=date(2027, 1, 1), sunset=date(2027, 7, 1), successor="/v1/new"))
async def old(*, well: bool) -> str:
    if not well:
        raise Problem("not_found", "Nothing.")
    return "still here"


@router.get("/v1/new")
async def new() -> str:
    return "here to stay"


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[FastAPI]:
    """The real application, started, with two routes more."""
    database, documents = f"sqlite:///{tmp_path / 'log.db'}", (tmp_path / "documents").as_uri()
    made = create_app(settings_for(database, documents_url=documents))
    made.include_router(router)
    async with made.router.lifespan_context(made):
        yield made


async def ask(app: FastAPI, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        return await client.get(path)


@pytest.mark.parametrize(("query", "status"), [("well=1", 200), ("well=0", 404), ("well=perhaps", 422)])
async def test_every_answer_says_from_when_until_when_and_what_instead(app: FastAPI, query: str, status: int) -> None:
    answer = await ask(app, f"/v1/old?{query}")

    assert answer.status_code == status
    assert answer.headers["deprecation"] == f"@{int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())}"
    assert parsedate_to_datetime(answer.headers["sunset"]) == datetime(2027, 7, 1, tzinfo=UTC)
    assert answer.headers["sunset"].endswith(" GMT")
    assert answer.links["successor-version"]["url"] == "/v1/new"


async def test_what_stays_says_nothing_of_the_kind(app: FastAPI) -> None:
    answer = await ask(app, "/v1/new")

    assert not {"deprecation", "sunset", "link"} & {*answer.headers}


def test_the_document_marks_it(app: FastAPI) -> None:
    paths = app.openapi()["paths"]

    assert paths["/v1/old"]["get"]["deprecated"] is True
    assert "deprecated" not in paths["/v1/new"]["get"]


def test_callers_are_given_time() -> None:
    with pytest.raises(ValueError, match="time"):
        deprecated(since=date(2027, 7, 1), sunset=date(2027, 7, 1), successor="/v1/new")
