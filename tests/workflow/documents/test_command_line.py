"""`secor-workflow verify` and `secor-workflow documents …` as an operator runs them."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Ask
from secor_workflow.cli.program import main
from secor_workflow.domain.commands import Close
from workflow.documents.house import a_case, a_house, digest_of, handed_in, make_old, put
from workflow.log.stories import STAFF


@pytest.fixture
def database(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'workflow.db'}"
    monkeypatch.setenv("WORKFLOW_DATABASE_URL", url)
    monkeypatch.setenv("WORKFLOW_DOCUMENTS_URL", folder.as_uri())
    monkeypatch.setenv("COLUMNS", "200")
    return url


@pytest.fixture
def in_house(database: str, folder: Path) -> Callable[[Callable[[Rooms], Awaitable[UUID]]], UUID]:
    """Do something in the service, which then is closed again."""

    def done(what: Callable[[Rooms], Awaitable[UUID]]) -> UUID:
        async def run() -> UUID:
            async with a_house(database, folder.as_uri()) as rooms:
                return await what(rooms)

        return asyncio.run(run())

    return done


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def said(result: Result) -> str:
    return re.sub(r"\s+", " ", result.output)


async def with_an_orphan(rooms: Rooms) -> UUID:
    case_id = await a_case(rooms)
    await handed_in(rooms, case_id, "kept")
    await put(rooms, case_id, "nobody's")
    return case_id


async def long_closed(rooms: Rooms) -> UUID:
    await rooms.clock.set(rooms.log.engine, datetime(2019, 3, 1, 20, tzinfo=UTC))
    case_id = await a_case(rooms)
    await handed_in(rooms, case_id, "old")
    await rooms.handler.handle(case_id, Ask(actor=STAFF, wish=Close(reason="inactive")))
    return case_id


Within = Callable[[Callable[[Rooms], Awaitable[UUID]]], UUID]


def test_gc_says_what_it_would_collect_and_collects_it_when_told_to(in_house: Within, folder: Path) -> None:
    case_id = in_house(with_an_orphan)
    orphan = make_old(folder, case_id, digest_of("nobody's"))

    told = ran("documents", "gc")

    assert told.exit_code == 0
    assert "orphans: 1," in said(told)
    assert digest_of("nobody's") in said(told)
    assert "Nothing was changed" in said(told)
    assert orphan.exists()

    assert "orphans: 1," in said(ran("documents", "gc", "--delete"))
    assert not orphan.exists()
    assert "orphans: 0," in said(ran("documents", "gc"))


def test_retention_says_what_it_would_erase_and_erases_it_when_told_to(in_house: Within) -> None:
    case_id = in_house(long_closed)

    told = ran("documents", "retention")

    assert told.exit_code == 0
    assert f"case {case_id}, closed on 2019-03-01: 1 documents" in said(told)
    assert "Nothing was changed" in said(told)

    assert f"case {case_id}" in said(ran("documents", "retention", "--delete"))
    assert f"case {case_id}" not in said(ran("documents", "retention"))
    assert ran("verify").exit_code == 0


def test_verify_names_a_document_whose_bytes_are_gone(in_house: Within, folder: Path) -> None:
    case_id = in_house(with_an_orphan)
    healthy = ran("verify")
    assert healthy.exit_code == 0, healthy.output
    assert "The bytes of every document are there" in said(healthy)

    (folder / str(case_id) / digest_of("kept")).unlink()

    broken = ran("verify")
    assert broken.exit_code == 1
    assert f"the bytes {digest_of('kept')} of a document are missing" in said(broken)


@pytest.mark.parametrize("command", [("verify",), ("rebuild",), ("documents", "gc")])
def test_a_database_that_is_not_the_services_is_said_in_a_sentence(database: str, command: tuple[str, ...]) -> None:
    elsewhere = ran(*command)

    assert elsewhere.exit_code == 3
    assert "Are SECOR_HOME and WORKFLOW_DATABASE_URL those of the service?" in said(elsewhere)
    assert not Path(database.removeprefix("sqlite:///")).exists()


@pytest.mark.parametrize("command", [("verify",), ("documents", "gc"), ("documents", "gc", "--delete")])
def test_a_store_that_is_away_is_said_in_a_sentence(
    in_house: Within, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    in_house(with_an_orphan)
    monkeypatch.setenv("WORKFLOW_DOCUMENTS_URL", "s3://nobodys")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ALLOW_HTTP"):
        monkeypatch.setenv(name, "true")

    away = ran(*command)

    assert away.exit_code == 3
    assert "The document store does not answer" in said(away)
