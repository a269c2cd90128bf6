"""A backup made beside the running service brings everything back, in a new epoch that tells readers what was lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from databases import PostgresServer
from feed.commands import Employer
from operating.programs import ran
from workflow.api.caller import refused
from workflow.api.service import Service


def secor(database_url: str, *arguments: str, **environment: str) -> Result:
    return ran("workflow", *arguments, WORKFLOW_DATABASE_URL=database_url, **environment)


@pytest.fixture
def empty_url(engine_kind: str, tmp_path: Path, postgres: PostgresServer) -> Iterator[str]:
    """Where there is no database yet, as after the old one's disk was lost."""
    if engine_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'workflow.db'}"
        return
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture(autouse=True)
def _with_the_servers_own_programs(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(postgres.binaries), prepend=":")


def test_what_was_backed_up_comes_back_and_readers_are_told_what_did_not(
    database_url: str, empty_url: str, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    with Service(database_url) as service:
        employer = Employer(service.staff)
        assert [employer.do_next() for _ in range(2)] == [1, 2]
        done = secor(database_url, "backup", str(backup))
        assert (done.exit_code, backup.stat().st_mode & 0o077) == (0, 0), done.output
        kept = service.reader.get("/v1/events").content
        assert employer.do_next() == 3
        lost = str(service.reader.get("/v1/events/head").json()["cursor"])

    done = secor(empty_url, "restore", str(backup))

    assert (done.exit_code, "after position 2" in done.output, "verified" in done.output) == (0, True, True), (
        done.output
    )
    with Service(empty_url) as service:
        assert service.reader.get("/v1/events").content == kept
        problem = refused(service.reader.get("/v1/events", params={"after": lost}), 410, "stale_cursor")
        assert problem["last_common_position"] == 2
        assert Employer(service.staff).do_next() == 3


def test_nothing_is_restored_over_a_database_that_is_there(database_url: str, tmp_path: Path) -> None:
    with Service(database_url) as service:
        Employer(service.staff).do_next()
        assert secor(database_url, "backup", str(tmp_path / "backup")).exit_code == 0
        Employer(service.staff).do_next()

        done = secor(database_url, "restore", str(tmp_path / "backup"))

        assert (done.exit_code, "already" in done.output) == (1, True), done.output
        assert service.reader.get("/v1/events/head").json()["position"] == 2


def test_what_is_no_backup_brings_nothing(empty_url: str, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear employer, " * 1000)

    done = secor(empty_url, "restore", str(tmp_path / "letter"))

    assert done.exit_code == 1, done.output
    assert "Traceback" not in done.output
    assert not (tmp_path / "new" / "workflow.db").exists()


def test_a_backup_that_cannot_be_written_says_so_and_leaves_the_last_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'workflow.db'}"
    assert secor(url, "migrate").exit_code == 0
    assert secor(url, "backup", str(tmp_path / "backup")).exit_code == 0
    before = (tmp_path / "backup").read_bytes()

    nowhere = secor(url, "backup", str(tmp_path / "nowhere" / "backup"))
    unknown = secor(f"sqlite:///{tmp_path / 'none.db'}", "backup", str(tmp_path / "backup"))

    assert (nowhere.exit_code, unknown.exit_code) == (3, 3), nowhere.output + unknown.output
    assert (tmp_path / "backup").read_bytes() == before
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_without_postgresqls_programs_it_says_which_one_is_missing(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert secor(postgres_url, "migrate").exit_code == 0
    monkeypatch.setenv("PATH", str(tmp_path))

    done = secor(postgres_url, "backup", str(tmp_path / "backup"))

    assert (done.exit_code, "pg_dump is not installed here" in done.output) == (1, True), done.output


def test_the_notifiers_ledger_comes_back_and_what_may_have_gone_since_counts_as_decided(
    database_url: str, empty_url: str, tmp_path: Path
) -> None:
    def notifier(url: str, *arguments: str) -> Result:
        return ran("notifier", *arguments, NOTIFIER_DATABASE_URL=url)

    def exported(url: str) -> list[bytes]:
        assert notifier(url, "export", str(tmp_path / "export")).exit_code == 0
        return (tmp_path / "export").read_bytes().replace(b'"read_before":0', b'"read_before":17').splitlines()[:-1]

    assert notifier(database_url, "migrate").exit_code == 0
    assert notifier(database_url, "backup", str(tmp_path / "backup")).exit_code == 0

    done = notifier(empty_url, "restore", str(tmp_path / "backup"), "--head", "17")

    assert done.exit_code == 0, done.output
    assert exported(empty_url) == exported(database_url)
    again = notifier(empty_url, "restore", str(tmp_path / "backup"), "--head", "17")
    assert (again.exit_code, "already" in again.output) == (1, True), again.output


def test_a_ledger_that_came_back_by_other_means_is_settled_alike(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'notifier.db'}"
    assert ran("notifier", "migrate", NOTIFIER_DATABASE_URL=url).exit_code == 0

    settled = ran("notifier", "count-as-decided", "--head", "17", NOTIFIER_DATABASE_URL=url)

    assert (settled.exit_code, "up to position 17" in settled.output) == (0, True), settled.output
    assert b'"read_before":17' in ran("notifier", "export", "-", NOTIFIER_DATABASE_URL=url).stdout_bytes
