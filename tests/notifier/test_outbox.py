"""Who may hand a letter over, and what is true when nobody knows whether it arrived; on SQLite and on PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from notifier.given import DUE, RULES, deadline, to_send, watch
from secor_notifier.domain.letters import template_version
from secor_notifier.domain.reminders import Owed
from secor_notifier.domain.rules import Category
from secor_notifier.ledger import Ledger, Outbox, Reminder, Status, Taken, Template
from secor_notifier.ledger.reading import Reading, Wanted
from secor_notifier.ledger.tables import reminders

NOW = datetime(2027, 1, 29, 18, 30, tzinfo=UTC)
NUDGES = to_send(watch(deadline()), DUE - timedelta(days=7))
NOTICES = [replace(one, category=Category.NOTICE) for one in NUDGES]


def box(ledger: Ledger, owner: str = "one") -> Outbox:
    return Outbox(ledger.engine, owner, 60)


async def let_leases_end(ledger: Ledger) -> None:
    async with ledger.engine.begin() as connection:
        await connection.execute(update(reminders).where(reminders.c.lease_until.is_not(None)).values(lease_until=0))


async def all_of(ledger: Ledger) -> list[Reminder]:
    return list((await Reading(ledger.engine).page(Wanted(limit=500))).items)


def test_the_reminders_of_the_rules_are_nudges() -> None:
    assert {one.category for one in NUDGES} == {Category.NUDGE}
    assert RULES.category("notice_accepted") is Category.NOTICE


async def test_what_one_process_has_leased_no_other_gets(ledger: Ledger) -> None:
    await ledger.owe([], NUDGES, NOW)
    shares = await asyncio.gather(*(box(ledger, owner).lease(NOW, 1) for owner in ("one", "two", "three")))

    assert sorted(len(share) for share in shares) == [0, 1, 1]
    assert len({one.seq for share in shares for one in share}) == 2


async def test_all_that_is_due_for_one_person_goes_to_one_process_whatever_the_limit(ledger: Ledger) -> None:
    """Else two processes would write two letters of what belongs into one."""
    many = [replace(one, case_id=f"case-{number}") for one in NUDGES for number in range(40)]
    await ledger.owe([], many, NOW)
    shares = await asyncio.gather(*(box(ledger, owner).lease(NOW, 5) for owner in ("one", "two", "three")))

    people = [{one.decision.recipient.id for one in share} for share in shares]
    assert sorted(len(share) for share in shares) == [0, 40, 40]
    assert sorted(len(some) for some in people) == [0, 1, 1]


async def test_a_nudge_waits_until_all_that_is_owed_today_is_planned_and_a_notice_does_not(ledger: Ledger) -> None:
    cases = tuple(replace(watch(deadline()), case_id=f"case-{number}") for number in range(2))
    first, second = (replace(NUDGES[0], case_id=one.case_id) for one in cases)
    await ledger.take(None, Taken("e.1", 1, cases), NOW)
    await ledger.owe([(cases[0], DUE)], [first, replace(NOTICES[1], case_id="case-0")], NOW)
    assert [one.decision.category for one in await box(ledger).lease(NOW, 10)] == [Category.NOTICE]

    await ledger.owe([(cases[1], DUE)], [second], NOW)
    assert {one.decision.case_id for one in await box(ledger).lease(NOW, 10)} == {"case-0", "case-1"}


async def test_a_lease_given_back_is_free_at_once(ledger: Ledger) -> None:
    await ledger.owe([], NUDGES, NOW)
    await box(ledger).lease(NOW, 10)
    await box(ledger).give_back()

    assert len(await box(ledger, "two").lease(NOW, 10)) == 2


async def test_who_has_lost_its_lease_can_neither_begin_nor_write_an_outcome(ledger: Ledger) -> None:
    await ledger.owe([], NUDGES[:1], NOW)
    slow = await box(ledger, "slow").lease(NOW, 10)
    await let_leases_end(ledger)
    quick = await box(ledger, "quick").lease(NOW, 10)

    assert await box(ledger, "slow").begin(slow, "<slow@x>", NOW) == ()
    begun = await box(ledger, "quick").begin(quick, "<quick@x>", NOW)
    await box(ledger, "slow").sent(slow, NOW)
    [row] = await all_of(ledger)
    assert (row.status, row.message_id, row.attempts) == (Status.ATTEMPTING, "<quick@x>", 1)

    await box(ledger, "quick").sent(begun, NOW)
    assert [one.status for one in await all_of(ledger)] == [Status.SENT]


async def test_the_row_tells_the_template_it_was_planned_with_and_the_one_it_was_written_from(ledger: Ledger) -> None:
    """They differ when the words have changed in between, or when several went out as one."""
    await ledger.owe([], NUDGES[:1], NOW)
    [planned] = await all_of(ledger)
    begun = await box(ledger).begin(await box(ledger).lease(NOW, 10), "<id@x>", NOW, Template("several_dates", "f00"))
    await box(ledger).sent(begun, NOW)

    [sent] = await all_of(ledger)
    assert planned.template_version == sent.template_version == template_version("deadline_reminder")
    assert (planned.written, sent.written) == (None, Template("several_dates", "f00"))


async def test_of_a_parcel_whose_lease_is_lost_in_part_nothing_begins(ledger: Ledger) -> None:
    await ledger.owe([], NUDGES, NOW)
    first, second = await box(ledger).lease(NOW, 10)

    assert await box(ledger).begin([first, replace(second, token=second.token - 1)], "<id@x>", NOW) == ()
    assert {one.status for one in await all_of(ledger)} == {Status.PLANNED}


@pytest.mark.parametrize(("decisions", "again_at"), [(NOTICES, NOW), (NUDGES, None)], ids=["notice", "nudge"])
async def test_an_attempt_whose_process_is_gone_is_unknown(
    ledger: Ledger, decisions: list[Owed], again_at: datetime | None
) -> None:
    await ledger.owe([], decisions[:1], NOW)
    await box(ledger).begin(await box(ledger).lease(NOW, 10), "<id@x>", NOW)
    assert await box(ledger, "two").find_lost(NOW) == 0
    await let_leases_end(ledger)
    assert await box(ledger, "two").find_lost(NOW) == 1

    [row] = await all_of(ledger)
    assert (row.status, row.next_attempt_at, row.message_id) == (Status.UNKNOWN, again_at, "<id@x>")
    assert len(await box(ledger, "two").lease(NOW, 10)) == (1 if again_at else 0)


async def test_whoever_alone_uses_the_database_finds_what_was_lost_at_its_start(ledger: Ledger) -> None:
    await ledger.owe([], NOTICES, NOW)
    first, _second = await box(ledger).lease(NOW, 10)
    await box(ledger).begin([first], "<id@x>", NOW)

    assert await box(ledger, "after the crash").find_lost(NOW, all_of_them=True) == 1
    assert len(await box(ledger, "after the crash").lease(NOW, 10)) == 2


async def test_a_dead_letter_is_sent_again_when_somebody_asks_and_another_is_not(ledger: Ledger) -> None:
    await ledger.owe([], NUDGES, NOW)
    ours = box(ledger)
    dead, sent = [await ours.begin([one], f"<{one.seq}@x>", NOW) for one in await ours.lease(NOW, 10)]
    await ours.failed(dead, "SMTP 550", None)
    await ours.sent(sent, NOW)

    assert await ours.resend(dead[0].reminder_id, NOW)
    assert not await ours.resend(dead[0].reminder_id, NOW)
    assert not await ours.resend(sent[0].reminder_id, NOW)
    [again] = await ours.lease(NOW, 10)
    assert (again.reminder_id, again.attempts, again.message_id) == (dead[0].reminder_id, 0, f"<{dead[0].seq}@x>")
