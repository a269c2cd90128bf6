"""What keeps a service from starting is told in one sentence and a number; what may pass by itself is waited for."""

import asyncio
import json
import os
import resource
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from databases import PostgresServer
from faults.disk import small_disk
from forking import CONTEXT
from loopback import NO_TLS
from notifier.template import NOTIFIER as LEDGER
from operating.programs import Running, ran, until
from secor_workflow.database.engine import exclusive, open_engine
from secor_workflow.log.upkeep import verify
from secor_workflow.main import build_rooms, close_rooms, fill_rooms
from secor_workflow.settings import Settings
from workflow.documents.house import a_case, a_house
from workflow.template import WORKFLOW

PATIENCE = 30.0
VERSIONS = {
    "older": "UPDATE alembic_version SET version_num = '0001'",
    "newer": "UPDATE alembic_version SET version_num = '9999'",
}
NOTIFIER = {"NOTIFIER_WORKFLOW_KEY": "k", "NOTIFIER_WORKFLOW_URL": "http://127.0.0.1:1"}


def told(url: str, *statements: str) -> None:
    """Statements, each for good."""

    async def run() -> None:
        engine = open_engine(url)
        async with engine.connect() as connection:
            outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
            for statement in statements:
                await outside.exec_driver_sql(statement)
        await engine.dispose()

    asyncio.run(run())


def why(output: str) -> str:
    """The sentence of the one line that was written."""
    (line,) = output.splitlines()
    found = json.loads(line)
    assert found["level"] == "critical"
    return str(found["why"])


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"SECOR_HOME": str(tmp_path), **NOTIFIER}


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


# --- what ends it at once ---


@pytest.mark.parametrize("service", ["workflow", "notifier"])
def test_a_port_that_is_taken(home: dict[str, str], service: str, taken: int) -> None:
    served = ran(service, "serve", "--port", str(taken), **home)

    assert (served.exit_code, why(served.stderr)) == (
        3,
        f"It cannot listen at 127.0.0.1, port {taken}: address already in use.",
    )


@pytest.mark.parametrize("service", ["workflow", "notifier"])
def test_a_host_that_is_none_of_ours(home: dict[str, str], service: str) -> None:
    served = ran(service, "serve", "--host", "192.0.2.1", "--port", "18080", **home)

    assert (served.exit_code, "It cannot listen at 192.0.2.1" in why(served.stderr)) == (3, True)


@pytest.mark.parametrize(
    ("wrong", "exit_code", "sentence"),
    [
        ("password", 2, "refuses the user or the password"),
        ("name", 2, "no database of the name"),
        ("empty", 4, "The database is empty."),
        ("older", 4, "of an older version than this program. Run `secor-workflow migrate`."),
        ("newer", 4, "of a version that this program does not know. Run the newer program."),
    ],
)
def test_a_database_of_postgresql_that_is_not_as_it_must_be(
    home: dict[str, str], postgres: PostgresServer, wrong: str, exit_code: int, sentence: str
) -> None:
    name = postgres.create_database() if wrong == "empty" else WORKFLOW.create_database(postgres)
    url = postgres.url(name)
    if wrong in VERSIONS:
        told(url, VERSIONS[wrong])
    given = {"password": url.replace("secor:", "secor:x"), "name": f"{url}_nobody"}.get(wrong, url)

    served = ran("workflow", "serve", **home, WORKFLOW_DATABASE_URL=given)
    looked = ran("workflow", "keys", "list", **home, WORKFLOW_DATABASE_URL=given)

    assert (served.exit_code, looked.exit_code) == (exit_code, exit_code)
    assert sentence in why(served.stderr)
    assert sentence in looked.stderr
    postgres.drop_database(name)


def test_a_ledger_of_another_version(home: dict[str, str], postgres_url: str) -> None:
    served = ran("notifier", "serve", **home, NOTIFIER_DATABASE_URL=postgres_url)

    assert (served.exit_code, "is empty" in why(served.stderr)) == (4, True)


@pytest.mark.parametrize("service", ["workflow", "notifier"])
def test_of_several_servers_the_one_that_answers_is_taken(
    postgres: PostgresServer, postgres_url: str, tmp_path: Path, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(postgres.binaries), prepend=":")
    several = {f"{service.upper()}_DATABASE_URL": postgres_url.replace("@", "@127.0.0.1:1,")}

    migrated, copied = (ran(service, *told, **several) for told in (("migrate",), ("backup", str(tmp_path / "copy"))))

    assert (migrated.exit_code, copied.exit_code) == (0, 0), migrated.output + copied.output


def test_a_database_that_takes_no_writes(home: dict[str, str], postgres: PostgresServer) -> None:
    name = postgres.create_database()
    told(postgres.url("postgres"), f"ALTER DATABASE {name} SET default_transaction_read_only = on")

    migrated = ran("workflow", "migrate", **home, WORKFLOW_DATABASE_URL=postgres.url(name))

    assert (migrated.exit_code, "it is read-only" in migrated.stderr) == (3, True)
    postgres.drop_database(name)


@pytest.mark.parametrize("service", ["workflow", "notifier"])
@pytest.mark.parametrize(
    ("place", "told"),
    [("nowhere/{}.db", (3, "cannot be opened or made")), ("letter.txt", (2, "is no SQLite database"))],
)
def test_a_file_that_is_no_database(
    home: dict[str, str], tmp_path: Path, service: str, place: str, told: tuple[int, str]
) -> None:
    (tmp_path / "nowhere").write_text("a file, and no folder")
    (tmp_path / "letter.txt").write_text("Dear Morgan, " * 1000)
    url = f"sqlite:///{tmp_path / place.format(service)}"

    served = ran(service, "serve", **home, **{f"{service.upper()}_DATABASE_URL": url})

    assert (served.exit_code, told[1] in why(served.stderr)) == (told[0], True), served.output


def migrated_with_no_room(service: str, home: str) -> None:
    """A process whose files may not grow further, as on a disk that is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
    os._exit(ran(service, "migrate", SECOR_HOME=home).exit_code)


@pytest.mark.parametrize("service", ["workflow", "notifier"])
def test_a_disk_without_room_leaves_nothing_half_made(home: dict[str, str], tmp_path: Path, service: str) -> None:
    full = CONTEXT.Process(target=migrated_with_no_room, args=(service, str(tmp_path)))
    full.start()
    full.join(PATIENCE)

    assert full.exitcode == 3
    assert ran(service, "migrate", **home).exit_code == 0  # once there is room


def refusing_as_full(*tables: str) -> list[str]:
    """Statements after which PostgreSQL refuses to write, as when its disk is full: new tables, and rows of these."""
    raises = "LANGUAGE plpgsql AS $$ BEGIN RAISE 'No space left on device' USING ERRCODE = 'disk_full'; END $$"
    return [
        f"CREATE FUNCTION no_room() RETURNS trigger {raises}",
        f"CREATE FUNCTION no_room_at_all() RETURNS event_trigger {raises}",
        *(
            f"CREATE TRIGGER no_room_left BEFORE INSERT OR UPDATE ON {one} FOR EACH ROW EXECUTE FUNCTION no_room()"
            for one in tables
        ),
        "CREATE EVENT TRIGGER no_room_left ON ddl_command_start EXECUTE FUNCTION no_room_at_all()",
    ]


@pytest.mark.parametrize("service", ["workflow", "notifier"])
def test_a_postgresql_without_room_for_its_tables(home: dict[str, str], postgres_url: str, service: str) -> None:
    told(postgres_url, *refusing_as_full())
    given = home | {f"{service.upper()}_DATABASE_URL": postgres_url, f"{service.upper()}_AUTO_MIGRATE": "1"}

    migrated, served = ran(service, "migrate", **given), ran(service, "serve", **given)

    assert (migrated.exit_code, served.exit_code) == (3, 3)
    assert "no room left on the disk" in migrated.stderr
    assert "no room left on the disk" in why(served.stderr)


@pytest.mark.parametrize("service", ["workflow", "notifier"])
def test_a_file_on_a_disk_that_cannot_be_written(home: dict[str, str], service: str) -> None:
    with small_disk(8) as disk:
        (WORKFLOW if service == "workflow" else LEDGER).begin(f"sqlite:///{disk / 'here.db'}")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)

        served = ran(service, "serve", **home, **{f"{service.upper()}_DATABASE_URL": f"sqlite:///{disk / 'here.db'}"})

    assert (served.exit_code, "cannot be opened or made" in why(served.stderr)) == (3, True)


# --- what may pass by itself ---


def served_nevertheless(service: str, **environment: str) -> tuple[httpx.Response, Running]:
    """How a process says that it stands that was started on what is not as it should be; it is asked to go."""
    port, streams = _free(), Path(environment["SECOR_HOME"])
    own = {f"{service.upper()}_PORT": str(port), f"{service.upper()}_DRAIN_SECONDS": "0"}
    running = Running(service, "serve", streams=streams, **environment, **own)
    answers: list[httpx.Response] = []

    def has_answered() -> bool:
        assert running.goes_on, running.complained
        with suppress(httpx.TransportError):
            answers.append(httpx.get(f"http://127.0.0.1:{port}/readyz", verify=NO_TLS))
        return bool(answers) and "not finished" not in answers[-1].text

    until(has_answered)
    running.send(signal.SIGTERM)
    assert running.ended() == -signal.SIGTERM
    assert "Traceback" not in running.complained
    return answers[-1], running


@pytest.mark.parametrize("why_not", ["full", "read-only"])
def test_a_postgresql_that_takes_no_rows_is_read_from_by_the_workflow(
    home: dict[str, str], postgres: PostgresServer, why_not: str
) -> None:
    name = WORKFLOW.create_database(postgres)
    read_only = [f"ALTER DATABASE {name} SET default_transaction_read_only = on"]
    full = refusing_as_full("events", "cases", "api_keys")
    told(postgres.url(name), *(read_only if why_not == "read-only" else full))

    answer, _ = served_nevertheless("workflow", **home, WORKFLOW_DATABASE_URL=postgres.url(name))

    assert (answer.status_code, answer.json()["checks"]["database"]) == (200, "ok")
    postgres.drop_database(name)


def test_a_postgresql_that_is_read_only_is_none_for_the_notifier(
    home: dict[str, str], postgres: PostgresServer
) -> None:
    name = LEDGER.create_database(postgres)
    told(postgres.url("postgres"), f"ALTER DATABASE {name} SET default_transaction_read_only = on")

    served = ran("notifier", "serve", **home, NOTIFIER_DATABASE_URL=postgres.url(name))

    assert (served.exit_code, "it is read-only" in why(served.stderr)) == (3, True)
    postgres.drop_database(name)


def test_a_postgresql_that_became_full_is_waited_for_by_the_notifier(
    home: dict[str, str], postgres: PostgresServer
) -> None:
    """With new rules it has to write before it may send anything."""
    name = LEDGER.create_database(postgres)
    told(postgres.url(name), *refusing_as_full("bookmark", "watches", "reminders"))

    answer, running = served_nevertheless("notifier", **home, NOTIFIER_DATABASE_URL=postgres.url(name))

    assert (answer.status_code, [*answer.json()["checks"]]) == (503, ["database"])
    assert "the database does not answer: not ready" in running.complained
    postgres.drop_database(name)


def test_a_bucket_that_does_not_answer(home: dict[str, str]) -> None:
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "ca-central-1"}
    keys = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "WORKFLOW_DOCUMENTS_URL": "s3://papers/kept"}

    answer, _ = served_nevertheless("workflow", **home, **nowhere, **keys)

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"]["documents"] == "does not answer"


def test_without_its_database_it_serves_probes_and_begins_when_that_is_there(
    home: dict[str, str], tmp_path: Path
) -> None:
    with PostgresServer() as server, httpx.Client(verify=NO_TLS) as client:
        database, ledger = (server.url(server.create_database()) for _ in range(2))
        ran("workflow", "migrate", WORKFLOW_DATABASE_URL=database)
        server.stop()
        ports = [_free(), _free()]
        streams = [tmp_path / "workflow", tmp_path / "notifier"]
        more = {"WORKFLOW_DATABASE_URL": database, "NOTIFIER_DATABASE_URL": ledger, "NOTIFIER_AUTO_MIGRATE": "1"}
        running = []
        for service, port, folder in zip(("workflow", "notifier"), ports, streams, strict=True):
            folder.mkdir()
            given = home | more | {f"{service.upper()}_PORT": str(port)}
            running.append(Running(service, "serve", streams=folder, **given))

        def answer(port: int, path: str) -> httpx.Response | None:
            try:
                return client.get(f"http://127.0.0.1:{port}{path}")
            except httpx.TransportError:
                return None

        for port in ports:
            until(lambda port=port: answer(port, "/readyz") is not None)  # type: ignore[misc]
            ready, asked = answer(port, "/readyz"), answer(port, "/v1/reminders" if port == ports[1] else "/v1/me")
            assert ready
            assert asked
            assert (ready.status_code, asked.status_code) == (503, 503)
            assert "does not answer" in ready.json()["checks"]["database"]
            assert asked.json()["code"] == "unavailable"

        server.start()
        until(lambda: (ready := answer(ports[0], "/readyz")) is not None and ready.status_code == 200)
        until(lambda: "ok" in str((answer(ports[1], "/readyz") or httpx.Response(503)).json()["checks"]["database"]))
        for one in running:
            one.send(signal.SIGTERM)
        assert {one.ended() for one in running} == {-signal.SIGTERM}
    complained = "".join(one.complained for one in running)
    assert "the database does not answer: not ready" in complained
    assert "Traceback" not in complained
    assert str(sa.make_url(database).password) not in complained


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


# --- a signal in the middle ---


@pytest.fixture
def filled(postgres: PostgresServer, tmp_path: Path) -> Iterator[str]:
    """A database with a case."""
    name = WORKFLOW.create_database(postgres)

    async def fill() -> None:
        async with a_house(postgres.url(name), (tmp_path / "documents").as_uri()) as rooms:
            await a_case(rooms)

    asyncio.run(fill())
    yield postgres.url(name)
    postgres.drop_database(name)


async def _stopped_behind(url: str, lock: str, command: str, tmp_path: Path) -> int:
    """How a command ends that is sent a signal while it waits, in the middle of its work, for somebody's lock."""
    engine = open_engine(url)
    waits = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with exclusive(engine, 1) as connection:
        await connection.exec_driver_sql(lock)
        running = Running("workflow", command, streams=tmp_path, WORKFLOW_DATABASE_URL=url, SECOR_HOME=str(tmp_path))
        async with asyncio.timeout(PATIENCE):
            while not await connection.scalar(waits):  # noqa: ASYNC110 (another process is looked at)
                await asyncio.sleep(0.02)  # until the lock is seen to be waited for
        running.send(signal.SIGTERM)
        ended = await asyncio.to_thread(running.ended)
    await engine.dispose()
    return ended


def test_a_rebuild_that_is_stopped_in_the_middle_has_changed_nothing(filled: str, tmp_path: Path) -> None:
    ended = asyncio.run(_stopped_behind(filled, "SELECT * FROM cases FOR UPDATE", "rebuild", tmp_path))

    async def faults() -> list[str]:
        rooms = build_rooms(Settings.model_validate({"database_url": filled}))
        try:
            await fill_rooms(rooms)
            return await verify(rooms.log, rooms.policies, lambda _done, _of: None)
        finally:
            await close_rooms(rooms)

    assert ended == -signal.SIGTERM
    assert asyncio.run(faults()) == []


def test_a_migration_that_is_stopped_in_the_middle_has_changed_nothing(postgres_url: str, tmp_path: Path) -> None:
    told(postgres_url, "CREATE TABLE people (of_somebody_else int)")  # in whose name's way the migration comes
    told(postgres_url, "DROP TABLE people")
    lock = "CREATE TABLE people (of_somebody_else int)"  # not committed: whoever makes one of this name waits

    ended = asyncio.run(_stopped_behind(postgres_url, lock, "migrate", tmp_path))
    told(postgres_url, "DROP TABLE IF EXISTS people")
    again = ran("workflow", "migrate", SECOR_HOME=str(tmp_path), WORKFLOW_DATABASE_URL=postgres_url)

    assert ended == -signal.SIGTERM
    assert again.exit_code == 0, again.output
