"""On PostgreSQL the service runs as a role that can do all its work and yet change nothing in the log."""

import secrets
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from databases import PostgresServer
from secor_workflow.asking import Ask
from secor_workflow.cli.program import main
from secor_workflow.database.engine import exclusive, open_engine
from secor_workflow.database.migrate import GRANTS, grant, migrate
from secor_workflow.domain.beside import Text
from secor_workflow.domain.commands import PlaceHold
from secor_workflow.domain.context import Role
from secor_workflow.log.upkeep import rebuild, verify
from secor_workflow.people_reads import Read
from secor_workflow.sweep import sweep
from workflow.log.services import a_service, erase
from workflow.log.stories import POLICIES, STAFF, naming, registration

FORBIDDEN = [
    *(f"{change} events" for change in ("DELETE FROM", "TRUNCATE", "DROP TABLE", "LOCK TABLE")),
    "UPDATE events SET body = '{}'",
    "ALTER TABLE events DISABLE TRIGGER ALL",
    "DROP TRIGGER events_append_only ON events",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "SET session_replication_role = replica",
    "DELETE FROM epochs",
    "UPDATE alembic_version SET version_num = 'none'",
    "DELETE FROM api_keys",
    "CREATE TABLE mine (id int)",
]


def as_role(url: str, role: str, password: str) -> str:
    return sa.make_url(url).set(username=role, password=password).render_as_string(hide_password=False)


async def told(url: str, *statements: str) -> None:
    engine = open_engine(url)
    try:
        async with engine.begin() as connection:
            for statement in statements:
                await connection.exec_driver_sql(statement)
    finally:
        await engine.dispose()


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[str]:
    """An empty database's name."""
    name = postgres.create_database()
    yield name
    postgres.drop_database(name)


@pytest.fixture
async def app_url(postgres: PostgresServer, database: str) -> str:
    """What the service connects with, once an owner who is no superuser has migrated and granted."""
    owner, app, password = (f"{kind}_{secrets.token_hex(4)}" for kind in ("owner", "app", "password"))
    await told(
        postgres.url(database),
        f"CREATE ROLE {owner} LOGIN PASSWORD '{password}'",
        f"CREATE ROLE {app} LOGIN PASSWORD '{password}'",
        f"GRANT {app} TO {owner}",  # so that it may hand over people and texts
        f"ALTER DATABASE {database} OWNER TO {owner}",
    )
    engine = open_engine(as_role(postgres.url(database), owner, password))
    await migrate(engine)
    await grant(engine, app)
    await migrate(engine)
    await grant(engine, app)  # both are safe to repeat
    await engine.dispose()
    return as_role(postgres.url(database), app, password)


async def test_the_role_can_do_all_the_service_s_work(app_url: str) -> None:
    async with a_service(app_url) as rooms:
        case = (await rooms.handler.handle(None, Ask(actor=STAFF, wish=registration()))).case
        await rooms.handler.handle(case.case_id, Ask(actor=STAFF, wish=naming()))
        held = await rooms.handler.handle(case.case_id, Ask(actor=STAFF, wish=PlaceHold(reason=Text("away"))))
        now = rooms.clock.now()
        assert case.contact_id is not None
        assert held.case.hold is not None

        await erase(rooms, case.contact_id)
        await rooms.people.erase_text(held.case.hold.reason_id, by="admin-1", reason="asked to", now=now)
        await rooms.erasure.confirm(case.contact_id, "notifier", by="postman", now=now)
        shown = Read(actor_id="a", role="staff", operation="read_text", request_id="r", case_id=case.case_id)
        await rooms.people_reads.note([shown])
        key, _ = await rooms.keys.create(
            actor_id=None, role=Role.STAFF, name="desk", account=None, by="admin-1", now=now
        )
        await rooms.keys.revoke(key.key_id, now)
        await rooms.clock.set(rooms.log.engine, now.replace(year=now.year + 1))
        assert await sweep(rooms.handler) > 0
        assert await rebuild(rooms.log, POLICIES, lambda _done, _of: None) == 1
        assert await verify(rooms.log, POLICIES, lambda _done, _of: None) == []
        assert len((await rooms.log.page(0, 100)).texts) == await rooms.log.head()


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_the_role_can_change_nothing_that_is_not_its_own(app_url: str, statement: str) -> None:
    async with a_service(app_url) as rooms:
        await rooms.handler.handle(None, Ask(actor=STAFF, wish=registration()))
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
            async with exclusive(rooms.log.engine) as connection:
                await connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("table", "right"), [(table, right) for table, rights in GRANTS.items() for right in rights.split(", ")]
)
async def test_the_role_has_what_is_written_down_and_the_public_nothing(app_url: str, table: str, right: str) -> None:
    engine = open_engine(app_url)
    async with engine.connect() as connection:
        held = await connection.scalar(sa.text(f"SELECT has_table_privilege('{table}', '{right}')"))
        public = await connection.scalar(sa.text(f"SELECT has_table_privilege('public', '{table}', '{right}')"))
    await engine.dispose()

    assert (held, public) == (True, False)


def test_the_command_line_migrates_and_grants(
    postgres: PostgresServer, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKFLOW_DATABASE_URL", postgres.url(database))
    assert CliRunner().invoke(main, ["migrate", "--grant-to", "pg_monitor"]).exit_code == 0


def test_sqlite_has_no_roles(sqlite_log_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKFLOW_DATABASE_URL", sqlite_log_url)
    assert CliRunner().invoke(main, ["migrate", "--grant-to", "app"]).exit_code == 2
