"""The ledger's promises, kept on SQLite and on PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncEngine

from notifier.given import CASE, DUE, RULES, deadline, event, to_send, watch
from secor_notifier.domain.event_letters import letters_for
from secor_notifier.domain.reminders import HELD, Owed, owed
from secor_notifier.domain.skip import Cause, Skip
from secor_notifier.ledger import Ledger, Outbox, Reminder, Status, Taken, Wishes
from secor_notifier.ledger.engine import writing
from secor_notifier.ledger.reading import Reading, Wanted
from secor_notifier.ledger.tables import metadata
from secor_notifier.migrations import configured, migrate

NOW = datetime(2027, 1, 29, 18, 30, 15, 123456, tzinfo=UTC)
TODAY = DUE - timedelta(days=7)
WATCH = watch(deadline())
EVENT = event("NoticeFiled", {"audit_kind": "certification"}, at=NOW)
LETTERS = tuple((one, EVENT.fact) for one in letters_for(EVENT, WATCH, RULES, NOW))


def taken(cursor: str, position: int = 1) -> Taken:
    return Taken(cursor, position, (WATCH,), LETTERS)


def outbox(ledger: Ledger, owner: str = "one") -> Outbox:
    return Outbox(ledger.engine, owner, 60)


async def all_of(ledger: Ledger) -> tuple[Reminder, ...]:
    return (await Reading(ledger.engine).page(Wanted(limit=500))).items


async def test_what_a_page_taught_is_kept_with_the_cursor(ledger: Ledger) -> None:
    assert await ledger.take(None, taken("e.1"), NOW)

    bookmark = await ledger.bookmark()
    assert (bookmark.cursor, bookmark.position, bookmark.pulled_at) == ("e.1", 1, NOW)
    assert await ledger.watches([CASE, "another"]) == {CASE: WATCH}
    assert [one.decision for one in await all_of(ledger)] == [replace(decision, moved=None) for decision, _ in LETTERS]
    assert {one.fact["audit_kind"] for one in await all_of(ledger)} == {"certification"}


async def test_a_page_read_twice_is_taken_once(ledger: Ledger) -> None:
    first, second = await asyncio.gather(
        ledger.take(None, taken("e.1"), NOW), ledger.take(None, taken("e.1"), NOW), return_exceptions=False
    )

    assert sorted([first, second]) == [False, True]
    assert len(await all_of(ledger)) == len(LETTERS)


async def test_a_page_that_cannot_be_kept_whole_is_not_kept_at_all(ledger: Ledger) -> None:
    broken = replace(LETTERS[0][0], owed_on=None)  # type: ignore[arg-type]

    with pytest.raises(Exception, match=r"IntegrityError|NOT NULL|null value"):
        await ledger.take(None, replace(taken("e.1"), letters=((broken, {}),)), NOW)
    assert (await ledger.bookmark()).cursor is None
    assert await ledger.watches([CASE]) == {}


async def test_reading_the_same_events_again_decides_nothing_anew(ledger: Ledger) -> None:
    await ledger.take(None, taken("e.1"), NOW)
    await ledger.begin_anew("e.1", 1)
    bookmark = await ledger.bookmark()
    assert (bookmark.cursor, bookmark.position, bookmark.read_before) == (None, 0, 1)
    assert await ledger.watches([CASE]) == {}
    await ledger.take(None, taken("f.1"), NOW + timedelta(days=1))

    assert len(await all_of(ledger)) == len(LETTERS)
    assert {one.due_at for one in await all_of(ledger)} == {NOW}


async def test_each_reminder_is_decided_once(ledger: Ledger) -> None:
    await ledger.take(None, Taken("e.1", 1, (WATCH,)), NOW)
    for hours in range(3):
        await ledger.owe([(WATCH, None)], owed(WATCH, RULES, TODAY), NOW + timedelta(hours=hours))

    found = await all_of(ledger)
    assert len(found) == len({one.reminder_id for one in found}) == len(owed(WATCH, RULES, TODAY))
    assert {one.status for one in found} == {Status.PLANNED, Status.SKIPPED}


async def test_what_was_sent_is_never_owed_again(ledger: Ledger) -> None:
    await ledger.owe([], to_send(WATCH, TODAY), NOW)
    ours = outbox(ledger)
    for one in await ours.lease(NOW, 10):
        await ours.sent(await ours.begin([one], "<id@x>", NOW), NOW)
    await ledger.owe([], owed(WATCH, RULES, DUE - timedelta(days=1)), NOW)

    by_rung = {one.decision.rung: one.status for one in await all_of(ledger)}
    assert by_rung == {-7: Status.SENT, -1: Status.PLANNED, -30: Status.SKIPPED, -14: Status.SKIPPED}


async def test_what_a_hold_kept_back_is_owed_again_after_it(ledger: Ledger) -> None:
    await ledger.owe([], owed(replace(WATCH, held=True), RULES, TODAY), NOW)
    assert await outbox(ledger).lease(NOW, 10) == []
    assert HELD in {one.decision.skip for one in await all_of(ledger)}

    released_at = NOW + timedelta(days=2)
    await ledger.owe([], owed(WATCH, RULES, TODAY), released_at)

    ready = await outbox(ledger).lease(released_at, 10)
    assert {(one.decision.rung, one.due_at, one.decision.reason) for one in ready} == {(-7, released_at, None)}


async def test_a_skipped_reminder_stays_skipped(ledger: Ledger) -> None:
    await ledger.owe([], to_send(WATCH, TODAY), NOW)
    for one in await outbox(ledger).lease(NOW, 10):
        await outbox(ledger).skipped(one, Skip(Cause.FULFILLED, "The deadline is no longer open."))
    await ledger.owe([], to_send(WATCH, TODAY), NOW)

    assert await outbox(ledger).lease(NOW, 10) == []


async def test_a_failed_attempt_waits_for_its_next_time_and_in_the_end_is_dead(ledger: Ledger) -> None:
    ours = outbox(ledger)
    await ledger.owe([], to_send(WATCH, TODAY)[:1], NOW)
    begun = await ours.begin(await ours.lease(NOW, 10), "<id@x>", NOW)
    await ours.failed(begun, "SMTP 451", NOW + timedelta(minutes=1))

    assert await ours.lease(NOW, 10) == []
    [again] = await ours.lease(NOW + timedelta(minutes=1), 10)
    assert (again.attempts, again.last_error, again.status) == (1, "SMTP 451", Status.FAILED)

    await ours.failed(await ours.begin([again], "<id@x>", NOW), "SMTP 550", None)
    [dead] = await all_of(ledger)
    assert (dead.attempts, dead.status, dead.next_attempt_at) == (2, Status.DEAD, None)


async def test_a_look_costs_what_is_due_and_not_what_is_watched(ledger: Ledger) -> None:
    many = tuple(replace(WATCH, case_id=f"case-{number}") for number in range(20))
    await ledger.take(None, Taken("e.1", 1, many), NOW)
    assert len(await ledger.watches_to_look_at(TODAY, 100)) == 20

    await ledger.owe([(one, DUE if one.case_id == "case-3" else None) for one in many], [], NOW)
    assert await ledger.watches_to_look_at(TODAY, 100) == []
    assert [one.case_id for one in await ledger.watches_to_look_at(DUE, 100)] == ["case-3"]


async def test_what_people_ask_for_while_a_case_is_looked_at_is_not_overlooked(ledger: Ledger) -> None:
    await ledger.take(None, Taken("e.1", 1, (WATCH,)), NOW)
    await Wishes(ledger.engine).opt_out("somebody", "staff", NOW)
    await ledger.owe([(WATCH, None)], to_send(WATCH, TODAY), NOW)

    assert await all_of(ledger) == ()
    assert await ledger.watches_to_look_at(TODAY, 100) == [WATCH]


async def test_other_rules_make_every_watch_be_looked_at_again(ledger: Ledger) -> None:
    await ledger.follow_rules("first")
    await ledger.take(None, Taken("e.1", 1, (WATCH,)), NOW)
    await ledger.owe([(WATCH, None)], [], NOW)

    await ledger.follow_rules("first")
    assert await ledger.watches_to_look_at(date(2100, 1, 1), 100) == []
    await ledger.follow_rules("second")
    assert await ledger.watches_to_look_at(TODAY, 100) == [WATCH]


async def test_the_sandbox_clock_is_kept(ledger: Ledger) -> None:
    ahead = timedelta(days=700, microseconds=17)
    await ledger.set_clock_ahead(ahead)

    assert await ledger.clock_ahead() == ahead


async def test_lists_are_read_page_by_page_and_by_case_and_status(ledger: Ledger) -> None:
    decisions: list[Owed] = []
    for number in range(5):
        decisions += to_send(replace(WATCH, case_id=f"case-{number}", champion_id=None), TODAY)
    await ledger.owe([], decisions, NOW)
    reading = Reading(ledger.engine)

    seen, after = [], 0
    while after is not None:
        page = await reading.page(Wanted(after=after, limit=2))
        seen += [one.decision.case_id for one in page.items]
        after = page.next_after  # type: ignore[assignment]
    assert seen == [f"case-{number}" for number in range(5)]
    assert len((await reading.page(Wanted(case_id="case-2"))).items) == 1
    assert (await reading.page(Wanted(status=Status.SENT))).items == ()
    assert (await reading.counts())[Status.PLANNED] == 5


async def test_migrating_twice_at_once_is_harmless_and_gives_the_tables_the_code_knows(engine: AsyncEngine) -> None:
    await asyncio.gather(migrate(engine), migrate(engine))

    async with engine.connect() as connection:
        shape = await connection.run_sync(
            lambda sync: {
                table: {column["name"] for column in inspect(sync).get_columns(table)} for table in metadata.tables
            }
        )
    assert shape == {name: set(table.columns.keys()) for name, table in metadata.tables.items()}


async def test_the_ledger_goes_back_a_version_and_forward_again(engine: AsyncEngine) -> None:
    await Ledger(engine).owe([], to_send(WATCH, TODAY), NOW)
    async with writing(engine).begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(configured(sync), "0001"))
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        assert "silences" not in names
    await migrate(engine)

    assert {one.status for one in await all_of(Ledger(engine))} == {Status.PLANNED}
