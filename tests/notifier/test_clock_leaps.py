"""A clock set back an hour, or one that leapt thirty days and was set right again: nothing twice, nothing forgotten."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from notifier.given import DUE, RULES, deadline, watch
from notifier.house import House
from notifier.stand_in import due
from secor_notifier.clock import Clock
from secor_notifier.ledger import Ledger, Reminder, Status, Taken, Wishes
from secor_notifier.ledger.reading import Reading, Wanted
from secor_notifier.planning import Planning

MONDAY = datetime(2027, 1, 25, 20, tzinfo=UTC)  # noon in British Columbia
MIDNIGHT = datetime(2027, 1, 29, 7, 30, tzinfo=UTC)  # half past midnight there, seven days before the date


class Machine:
    """A ledger on a machine whose clock people and time servers set; each look is one tick of the planning."""

    def __init__(self, ledger: Ledger) -> None:
        self.clock = Clock()
        self.wishes = Wishes(ledger.engine)
        self.planning = Planning(ledger, self.wishes, RULES, self.clock)
        self.reading = Reading(ledger.engine)

    async def looks_at(self, *instants: datetime) -> list[Reminder]:
        for instant in instants:
            self.clock.ahead = instant - datetime.now(UTC)
            await self.planning.plan()
        return [one for one in (await self.reading.page(Wanted(limit=500))).items if one.decision.case_id]


async def test_set_back_an_hour_over_midnight_nothing_is_decided_twice_or_lost(ledger: Ledger) -> None:
    await ledger.take(None, Taken("e.1", 1, (watch(deadline(), champion=None),)), MIDNIGHT)
    machine = Machine(ledger)
    before = await machine.looks_at(MIDNIGHT)
    after = await machine.looks_at(MIDNIGHT - timedelta(hours=1), MIDNIGHT, MIDNIGHT + timedelta(days=6))

    status = {one.decision.rung: one.status for one in after}
    assert {one.reminder_id for one in before} < {one.reminder_id for one in after}
    assert (status[-7], status[-1]) == (Status.PLANNED, Status.PLANNED)
    assert len(status) == len(after)


async def test_what_was_overtaken_only_on_days_that_have_not_come_is_owed_when_they_do(ledger: Ledger) -> None:
    await ledger.take(None, Taken("e.1", 1, (watch(deadline(), champion=None),)), MONDAY)
    machine = Machine(ledger)
    leapt = await machine.looks_at(MONDAY, MONDAY + timedelta(days=30))
    assert {one.decision.rung for one in leapt if one.status is Status.SKIPPED} >= {-7, -1}

    back = await machine.looks_at(
        MONDAY + timedelta(minutes=5), MONDAY + timedelta(days=4), MONDAY + timedelta(days=10)
    )
    status = {one.decision.rung: one.status for one in back}
    assert (status[-7], status[-1]) == (Status.PLANNED, Status.PLANNED)
    assert len(back) == len({one.reminder_id for one in back})


async def test_what_waits_for_an_hour_of_days_that_have_not_come_waits_no_longer(ledger: Ledger) -> None:
    """Seen first on a Saturday, the reminder of Friday waits for Monday; when Friday is back, it goes out on Friday."""
    friday = MIDNIGHT + timedelta(hours=12)
    await ledger.take(None, Taken("e.1", 1, (watch(deadline(), champion=None),)), MONDAY)
    machine = Machine(ledger)
    waiting = {one.decision.rung: one.next_attempt_at for one in await machine.looks_at(friday + timedelta(days=1))}
    back = {one.decision.rung: one.next_attempt_at for one in await machine.looks_at(friday)}

    assert waiting[-7] == datetime(2027, 2, 1, 15, tzinfo=UTC)
    assert back[-7] is not None
    assert abs(back[-7] - friday) < timedelta(seconds=30)


async def test_a_leap_is_kept_as_an_absence(ledger: Ledger) -> None:
    """Two looks an hour apart are none: that is as long as a pause between two may be set."""
    machine = Machine(ledger)
    await machine.looks_at(MONDAY, MONDAY + timedelta(hours=1), MONDAY + timedelta(days=30))

    [absence] = (await machine.wishes.past(MONDAY)).absences
    assert abs(absence.began_at - (MONDAY + timedelta(hours=1))) < timedelta(seconds=30)
    assert abs(absence.ended_at - (MONDAY + timedelta(days=30))) < timedelta(seconds=30)
    assert (await machine.wishes.past(MONDAY + timedelta(days=31))).absences == ()
    await machine.looks_at(MONDAY)
    assert (await machine.wishes.past(MONDAY)).absences == ()


def test_after_a_leap_and_back_each_letter_goes_out_once_and_on_its_day(tmp_path: Path) -> None:
    with House(tmp_path, f"sqlite:///{tmp_path / 'notifier.db'}") as house:
        house.set_clock(now=MONDAY.isoformat())
        house.workflow.now = MONDAY
        contact = house.workflow.person("Ana Ng", "ana@inn.example")
        deadlines = [due("audit_submission", DUE.isoformat())]
        house.workflow.tell(house.workflow.case(contact), "CaseOpened", {"contact_id": contact}, deadlines=deadlines)
        house.settle()
        house.set_clock(advance="P30D")
        leapt = {one["rung"] for one in house.reminders(recipient=contact, status="sent")}
        for on in ("2027-01-25", "2027-01-29", "2027-02-04", "2027-02-08", "2027-02-24"):
            house.set_clock(now=f"{on}T13:00:00-07:00")

        sent = house.reminders(recipient=contact, status="sent")
        days = {one["rung"]: one["sent_at"][:10] for one in sent}
        assert {-7: "2027-01-29", -1: "2027-02-04", 1: "2027-02-08"}.items() <= days.items()
        assert leapt < days.keys()
        assert len(sent) == len({one["message_id"] for one in sent})
        assert {one["attempts"] for one in sent} == {1}
