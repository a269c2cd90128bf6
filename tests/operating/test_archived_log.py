"""A log whose oldest part lies in an archive is backed up, restored, exported and imported like any other."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import Result

from databases import PostgresServer
from feed.commands import Employer
from operating.programs import ran
from workflow.api.caller import refused
from workflow.api.service import Service
from workflow.template import WORKFLOW

ARCHIVE = "secor-events-000000000001-000000000010.ndjson"


def secor(database_url: str, *arguments: str) -> Result:
    done = ran("workflow", *arguments, WORKFLOW_DATABASE_URL=database_url)
    assert "Traceback" not in done.output
    return done


@dataclass(frozen=True)
class Old:
    """The log as it was, what was made of it, and where its archive lies."""

    folder: Path
    whole: bytes
    rest: bytes
    closed: str
    going_on: str

    @property
    def archive(self) -> str:
        return str(self.folder / ARCHIVE)


@pytest.fixture(scope="module")
def old(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Old:
    """Thirteen events, of which the first ten were taken out; backed up and exported beside the running service."""
    folder, url = tmp_path_factory.mktemp("old"), postgres.url(WORKFLOW.create_database(postgres))
    with Service(url) as service, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(postgres.binaries), prepend=":")
        closed, going_on = Employer(service.staff), Employer(service.staff)
        secor(url, "partitions", "prepare", "--size", "10")
        while closed.do_next() < 9:
            pass
        assert service.staff.post(f"{closed.path}/commands/close", json={"reason": "duplicate"}).is_success
        assert [going_on.do_next() for _ in range(3)] == [11, 12, 13]
        whole = service.reader.get("/v1/events").content
        epoch = service.reader.read("/v1/events/head")["cursor"].partition(".")[0]
        for command in (
            ("partitions", "detach", str(folder)),
            ("backup", str(folder / "backup")),
            ("export", str(folder / "export")),
        ):
            assert secor(url, *command).exit_code == 0
        rest = service.reader.get("/v1/events", params={"after": f"{epoch}.10"}).content
    return Old(folder, whole, rest, closed.path, going_on.path)


@pytest.fixture
def empty(postgres: PostgresServer) -> Iterator[str]:
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)


def goes_on(old: Old, url: str) -> None:
    """What is in the log is there, what is in the archive is told to be, and the next event has the next position."""
    with Service(url) as service:
        cursor = service.reader.read("/v1/events/head")["cursor"]
        begins = f"{cursor.partition('.')[0]}.10"
        assert service.reader.get("/v1/events", params={"after": begins}).content == old.rest
        told = refused(service.reader.get("/v1/events"), 410, "archived")
        assert (told["archives"], told["last_common"]) == ([ARCHIVE], begins)
        refused(service.staff.get(old.closed), 404, "case_archived")
        standing = {"good": True, "as_of": "2026-01-05"}
        done = service.staff.post(f"{old.going_on}/commands/record-standing", json=standing)
        assert done.json()["event"]["position"] == 14


def is_whole_again(old: Old, url: str) -> None:
    """The archive goes back where it was."""
    put_back = secor(url, "partitions", "attach", old.archive)
    assert put_back.exit_code == 0, put_back.output
    with Service(url) as service:
        assert service.reader.get("/v1/events", params={"limit": 13}).content == old.whole
        assert service.staff.read(old.closed)["state"] == "Closed"
    assert secor(url, "verify").exit_code == 0


def test_it_comes_back_from_a_backup(
    old: Old, empty: str, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(postgres.binaries), prepend=":")

    restored = secor(empty, "restore", str(old.folder / "backup"))

    assert restored.exit_code == 0, restored.output
    goes_on(old, empty)
    is_whole_again(old, empty)


def test_it_moves_to_another_postgresql(old: Old, empty: str) -> None:
    secor(empty, "migrate")

    imported = secor(empty, "import", str(old.folder / "export"))

    assert imported.exit_code == 0, imported.output
    goes_on(old, empty)
    too_early = secor(empty, "partitions", "attach", old.archive)
    assert (too_early.exit_code, "partitions prepare" in too_early.output) == (1, True)
    secor(empty, "partitions", "prepare", "--size", "10")
    is_whole_again(old, empty)


def test_it_moves_to_sqlite_and_its_archive_stays_one(old: Old, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'workflow.db'}"
    WORKFLOW.begin(url)

    imported = secor(url, "import", str(old.folder / "export"))

    assert imported.exit_code == 0, imported.output
    goes_on(old, url)
    assert secor(url, "partitions", "attach", old.archive).exit_code == 2
