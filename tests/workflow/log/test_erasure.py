"""Erasing is for good: the row keeps its id, the bytes are gone from the data files, and the log goes on."""

import asyncio
import secrets
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from databases import PostgresServer
from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Ask
from secor_workflow.database.engine import exclusive
from secor_workflow.database.tables import people
from secor_workflow.domain.beside import Text
from secor_workflow.domain.commands import ErasePerson, PlaceHold
from secor_workflow.domain.context import Actor, Role
from secor_workflow.log.upkeep import verify
from workflow.log.files import holds
from workflow.log.services import a_service, erase
from workflow.log.stories import POLICIES, STAFF, registration, someone

NOW = datetime(2026, 3, 2, 20, tzinfo=UTC)


@pytest.fixture
def server(engine_kind: str, request: pytest.FixtureRequest) -> PostgresServer | None:
    """The server whose files are looked at; SQLite's lie beside the test."""
    if engine_kind == "sqlite":
        return None
    server: PostgresServer = request.getfixturevalue("postgres")
    return server


async def registered(rooms: Rooms, name: str, email: str) -> tuple[UUID, UUID]:
    """A new case and its contact."""
    answer = await rooms.handler.handle(None, Ask(actor=STAFF, wish=registration(contact=someone(name, email))))
    assert answer.case.contact_id is not None
    return answer.case.case_id, answer.case.contact_id


async def held(rooms: Rooms, case_id: UUID, reason: str) -> UUID:
    """The id of a text on a case."""
    answer = await rooms.handler.handle(case_id, Ask(actor=STAFF, wish=PlaceHold(reason=Text(reason))))
    assert answer.case.hold is not None
    return answer.case.hold.reason_id


async def test_an_erased_person_keeps_the_id_and_nothing_else(rooms: Rooms) -> None:
    case_id, contact = await registered(rooms, "Robin Vale", "robin@heron.example")

    await erase(rooms, contact)

    person = await rooms.people.person(contact)
    assert person is not None
    assert (person.person_id, person.case_id) == (contact, case_id)
    assert (person.name, person.email, person.phone) == (None, None, None)
    erased = await rooms.erasure.of(contact)
    assert erased is not None
    assert person.erased_at == erased.event.recorded_at


async def test_erasing_again_changes_nothing(rooms: Rooms) -> None:
    _, contact = await registered(rooms, "Robin Vale", "robin@heron.example")
    await erase(rooms, contact)
    before = await rooms.people.person(contact)

    await erase(rooms, contact, by="admin-2")

    assert await rooms.people.person(contact) == before
    assert await rooms.log.head() == 2


async def test_only_the_one_is_erased(rooms: Rooms) -> None:
    _, first = await registered(rooms, "Robin Vale", "robin@heron.example")
    _, second = await registered(rooms, "Kim Ash", "kim@heron.example")

    await erase(rooms, first)

    person = await rooms.people.person(second)
    assert person is not None
    assert (person.name, person.erased_at) == ("Kim Ash", None)


async def test_a_person_erased_and_named_again_is_someone_new(rooms: Rooms) -> None:
    case_id, contact = await registered(rooms, "Robin Vale", "robin@heron.example")
    await erase(rooms, contact)

    assert await rooms.people.known_in(case_id) == {}


async def test_the_bytes_of_a_person_are_gone_from_the_files(rooms: Rooms, server: PostgresServer | None) -> None:
    name, email = f"N{secrets.token_hex(12)}", f"{secrets.token_hex(12)}@heron.example"
    _, contact = await registered(rooms, name, email)
    assert await holds(rooms.log, name, email, server=server) == {name, email}

    await erase(rooms, contact)

    assert await holds(rooms.log, name, email, server=server) == set()


@pytest.mark.parametrize("length", [40, 3900])
async def test_the_bytes_of_a_text_are_gone_from_the_files(
    rooms: Rooms, server: PostgresServer | None, length: int
) -> None:
    reason = secrets.token_hex(length // 2)
    middle = reason[-30:]
    case_id, _ = await registered(rooms, "Robin Vale", "robin@heron.example")
    text_id = await held(rooms, case_id, reason)
    assert await holds(rooms.log, middle, server=server) == {middle}

    await rooms.people.erase_text(text_id, by="admin-1", reason="asked to", now=NOW)

    assert await holds(rooms.log, middle, server=server) == set()
    text = await rooms.people.text(text_id)
    assert text is not None
    assert (text.text, text.erased_at) == (None, NOW)


async def test_the_bytes_of_many_are_gone_however_the_pages_were_shuffled(
    rooms: Rooms, server: PostgresServer | None
) -> None:
    names = [secrets.token_hex(8 + 7 * (n % 12)) for n in range(60)]
    found = await asyncio.gather(*(registered(rooms, name, f"{n}@heron.example") for n, name in enumerate(names)))
    for case_id, _ in found[::3]:
        await held(rooms, case_id, "x" * 3000)  # so that rows move between pages

    for _, contact in found[::2]:
        await erase(rooms, contact)

    assert await holds(rooms.log, *names, server=server) == set(names[1::2])


@pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)
async def test_the_planner_of_postgresql_remembers_nobody(rooms: Rooms, server: PostgresServer | None) -> None:
    names, reasons = ([f"{kind}{secrets.token_hex(12)}" for _ in range(10)] for kind in "NT")
    found = [await registered(rooms, name, f"{name}@heron.example") for name in names]
    texts = [await held(rooms, case_id, reason) for (case_id, _), reason in zip(found, reasons, strict=True)]
    async with rooms.log.engine.connect() as connection:
        outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await outside.execute(sa.text("ANALYZE"))  # as the autovacuum does when it likes

    for (_, contact), text_id in zip(found, texts, strict=True):
        await erase(rooms, contact)
        await rooms.people.erase_text(text_id, by="admin-1", reason="asked to", now=NOW)

    assert await holds(rooms.log, *names, *reasons, server=server) == set()


@pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)
async def test_no_trace_stays_between_the_rows_of_sqlite(rooms: Rooms) -> None:
    """Rows that grow and shrink push others from page to page; each page keeps scraps of what it held."""
    names = [f"{secrets.token_hex(12)}{'x' * (37 * n % 150)}" for n in range(900)]
    contacts = [uuid4() for _ in names]
    columns = {"case_id": uuid4(), "email": "robin@heron.example"}
    async with exclusive(rooms.log.engine) as connection:
        for n, (contact, name) in enumerate(zip(contacts, names, strict=True)):
            await connection.execute(sa.insert(people).values(person_id=contact, name=name, **columns))
            if n % 3 == 0:
                which = people.c.person_id == contacts[(n * 7) % (n + 1)]
                await connection.execute(sa.update(people).where(which).values(phone="1" * (n % 200)))
        erased = {"name": None, "email": None, "phone": None, "erased_at": NOW}
        for contact in contacts:
            await connection.execute(sa.update(people).where(people.c.person_id == contact).values(erased))

    assert await rooms.people.forget()

    assert await holds(rooms.log, *(name[:24] for name in names)) == set()


@pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)
async def test_an_erasure_that_a_reader_hinders_says_so_and_may_be_repeated(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "secor_workflow.database.engine._PRAGMAS", ("journal_mode=WAL", "busy_timeout=100", "secure_delete=ON")
    )
    name = f"N{secrets.token_hex(12)}"
    async with a_service(url) as rooms:
        _, contact = await registered(rooms, name, "robin@heron.example")
        async with rooms.log.engine.connect() as reader:
            await reader.exec_driver_sql("BEGIN")
            await reader.exec_driver_sql("SELECT count(*) FROM people")
            with pytest.raises(TimeoutError):
                await erase(rooms, contact)
            await reader.exec_driver_sql("COMMIT")

        await erase(rooms, contact)

        assert await rooms.log.head() == 2

        assert await holds(rooms.log, name) == set()


async def test_the_bytes_are_gone_though_others_are_reading(rooms: Rooms, server: PostgresServer | None) -> None:
    name = f"N{secrets.token_hex(12)}"
    _, contact = await registered(rooms, name, "robin@heron.example")
    reading = asyncio.Event()

    async def read() -> None:
        while not reading.is_set():
            await rooms.people.person(contact)

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(read())
        await erase(rooms, contact)
        reading.set()

    assert await holds(rooms.log, name, server=server) == set()


async def test_a_case_whose_people_are_erased_still_folds_verifies_and_streams(rooms: Rooms) -> None:
    case_id, contact = await registered(rooms, "Robin Vale", "robin@heron.example")
    text_id = await held(rooms, case_id, "Robin is away.")
    case, page = await rooms.log.case(case_id), await rooms.log.page(0, 10)

    await erase(rooms, contact)
    await rooms.people.erase_text(text_id, by="admin-1", reason="asked to", now=NOW)

    after = await rooms.log.case(case_id)
    assert (after.contact_id, after.state, after.deadlines) == (contact, case.state, case.deadlines)
    assert (await rooms.log.page(0, 10)).texts[:-1] == page.texts
    assert await verify(rooms.log, POLICIES, lambda _done, _of: None) == []


async def test_an_erasure_that_was_cut_short_is_finished_at_the_next_start(
    url: str, server: PostgresServer | None
) -> None:
    secret = secrets.token_hex(12)
    async with a_service(url) as rooms:
        case_id, contact = await registered(rooms, secret, "robin@heron.example")
        wish = ErasePerson(person_id=contact, requested_by="person", reason=Text("asked to"))
        await rooms.handler.handle(case_id, Ask(actor=Actor("admin-1", Role.ADMIN), wish=wish))  # and killed

    async with a_service(url) as rooms:
        finishing = asyncio.create_task(rooms.erasure.finish_forever())
        while (person := await rooms.people.person(contact)) is None or person.forgotten_at is None:
            assert not finishing.done()
            await asyncio.sleep(0.01)
        finishing.cancel()

        assert await holds(rooms.log, secret, server=server) == set()
        assert not await rooms.people.forget()
