"""What is exported from one database and imported into another is the same, down to positions and cursors."""

import asyncio
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from databases import PostgresServer
from feed.commands import Employer
from operating.programs import ran
from secor_notifier import transfer as notifier_transfer
from secor_workflow.database import transfer as workflow_transfer
from upgrades.filling import EMPTY, fill
from upgrades.houses import NOTIFIER, WORKFLOW, House
from workflow.api.service import Service
from workflow.template import WORKFLOW as MIGRATED

WAYS = {
    "workflow": (workflow_transfer.take_in, workflow_transfer.write_out),
    "notifier": (notifier_transfer.take_in, notifier_transfer.write_out),
}


def secor(database_url: str, *arguments: str) -> Result:
    return ran("workflow", *arguments, WORKFLOW_DATABASE_URL=database_url)


@pytest.fixture
def other_url(postgres: PostgresServer) -> Iterator[str]:
    """Where everything moves to."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small log, as `export` wrote it beside the running service."""
    folder = tmp_path_factory.mktemp("old")
    with Service(url := f"sqlite:///{folder / 'workflow.db'}") as service:
        for _ in range(2):
            employer = Employer(service.staff)
            employer.do_next()
            employer.do_next()
        (folder / "cursor").write_text(str(service.reader.get("/v1/events/head").json()["cursor"]))
        (folder / "feed").write_bytes(service.reader.get("/v1/events").content)
        done = secor(url, "export", str(folder / "export.ndjson"))
    assert (done.exit_code, "4 events of 2 cases" in done.output) == (0, True), done.output
    return folder / "export.ndjson"


def test_a_log_moves_to_postgresql_and_its_readers_go_on_with_their_cursors(exported: Path, other_url: str) -> None:
    assert secor(other_url, "migrate").exit_code == 0

    done = secor(other_url, "import", str(exported))

    assert done.exit_code == 0, done.output
    assert "verified" in done.output
    with Service(other_url) as service:
        assert service.reader.get("/v1/events").content == exported.with_name("feed").read_bytes()
        cursor = exported.with_name("cursor").read_text()
        assert Employer(service.staff).do_next() == 5
        assert [event["position"] for event in service.reader.read("/v1/events", after=cursor)] == [5]


@pytest.mark.parametrize("back", [False, True], ids=["sqlite to postgresql", "postgresql to sqlite"])
@pytest.mark.parametrize("house", [WORKFLOW, NOTIFIER], ids=lambda house: house.name)
async def test_every_row_of_every_table_comes_along(
    tmp_path: Path, other_url: str, house: House, *, back: bool
) -> None:
    take_in, write_out = WAYS[house.name]
    first, second = (house.open(url) for url in (f"sqlite:///{tmp_path / 'a.db'}", other_url)[:: -1 if back else 1])
    for engine in (first, second):
        await house.migrate(engine)
    await house.within(first, fill)
    before, after = io.BytesIO(), io.BytesIO()
    counts = await write_out(first, before.write, lambda _done, _of: None)

    await second.dispose()
    await take_in(second, io.BytesIO(before.getvalue()), lambda _done, _of: None)

    await second.dispose()
    await write_out(second, after.write, lambda _done, _of: None)
    assert after.getvalue() == before.getvalue()
    assert {name for name, count in counts.items() if not count} == (EMPTY if house is WORKFLOW else set())
    await asyncio.gather(first.dispose(), second.dispose())


def damaged(text: bytes) -> Iterator[tuple[str, bytes]]:
    lines = text.splitlines(keepends=True)
    yield "cut off", b"".join(lines[:-1])
    yield "cut off", text[:-20]
    yield "its digest is another", text.replace(b'"good":true', b'"good":null').replace(b"Registered", b"Certified", 1)
    yield "its digest is another", b"".join([*lines[:-2], lines[-1]])
    yield "not JSON", b"".join([lines[0], b"nonsense\n", *lines[1:]])
    yield "no JSON object", b"".join([lines[0], b"[]\n", *lines[1:]])
    yield "not written by `secor-workflow export`", b'{"specversion":"1.0"}\n'
    yield "unknown here", b"".join([lines[0], b'{"table":"wages","row":{}}\n', *lines[1:]])
    head = json.loads(lines[0])
    yield "of schema 0000", b"".join([json.dumps(head | {"schema": "0000"}).encode() + b"\n", *lines[1:]])
    yield "cut off", b""


def test_what_is_damaged_is_not_taken_in_at_all(exported: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    MIGRATED.begin(url)
    untouched = secor(url, "export", "-").stdout
    for told, text in damaged(exported.read_bytes()):
        (tmp_path / "damaged").write_bytes(text)

        done = secor(url, "import", str(tmp_path / "damaged"))

        assert (done.exit_code, told in done.output) == (1, True), (told, done.output)
        assert secor(url, "export", "-").stdout == untouched, told


def test_nothing_is_imported_over_what_is_there(exported: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    MIGRATED.begin(url)
    assert secor(url, "keys", "create", "--role", "reader").exit_code == 0

    done = secor(url, "import", str(exported))

    assert (done.exit_code, "not empty: there are rows in api_keys" in done.output) == (1, True), done.output


def test_nothing_is_imported_while_the_service_runs(exported: Path, tmp_path: Path) -> None:
    with Service(url := f"sqlite:///{tmp_path / 'new.db'}"):
        done = secor(url, "import", str(exported))

        assert (done.exit_code, "stop every process" in done.output) == (1, True), done.output
