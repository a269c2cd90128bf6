"""Whatever happened and whenever the notifier was awake: what was sent is what was owed at each send, and no more."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.given import CHAMPION, CONTACT, RULES
from secor_notifier.clock import Clock
from secor_notifier.domain.circumstances import ORDINARY
from secor_notifier.domain.event import Deadline, Event
from secor_notifier.domain.learning import learn
from secor_notifier.domain.reminders import Owed, owed, timed
from secor_notifier.domain.verdict import still_owed
from secor_notifier.domain.watch import Watch
from secor_notifier.ledger import Ledger, Outbox, Reminder, Status, Taken, Wishes
from secor_notifier.ledger.reading import Reading, Wanted
from secor_notifier.planning import Planning
from secor_notifier.zone import local_date

START = datetime(2026, 11, 2, 19, tzinfo=UTC)
NAMES = ("name_champion", "sms", "audit_submission", "qa_decision")


class Post:
    """The notifier's thinking without wires: what it would hand over, and the truth at that moment."""

    def __init__(self) -> None:
        self.watches: dict[str, Watch] = {}
        self.decided: dict[str, Owed] = {}
        self.waiting: dict[str, tuple[Owed, datetime]] = {}
        self.sent: list[tuple[Owed, Watch, date]] = []

    def read(self, events: list[Event], now: datetime) -> None:
        changed, letters = learn(events, self.watches, RULES, now)
        self.watches |= {watch.case_id: watch for watch in changed}
        self.decide([letter for letter, _ in letters], now)

    def tick(self, now: datetime) -> None:
        for watch in self.watches.values():
            found = owed(watch, RULES, local_date(now))
            self.decide([timed(one, RULES, now) for one in found], now)
        for key, (one, at) in list(self.waiting.items()):
            if at <= now:
                self.send(key, one, now)

    def decide(self, found: list[Owed], now: datetime) -> None:
        for one in found:
            before = self.decided.get(one.key)
            if before is None or (before.skip and before.skip.cause == "held" and not one.skip):
                self.decided[one.key] = one
                if one.skip is None:
                    self.waiting[one.key] = (one, one.moved.to if one.moved else now)

    def send(self, key: str, one: Owed, now: datetime) -> None:
        watch, today = self.watches[one.case_id], local_date(now)
        moved = timed(replace(one, moved=None), RULES, now).moved
        if moved:
            self.waiting[key] = (one, moved.to)
            return
        del self.waiting[key]
        skip = still_owed(one, watch, RULES, today, ORDINARY)
        if skip is None:
            self.sent.append((one, watch, today))
        else:
            self.decided[key] = replace(one, skip=skip)


happenings = st.lists(
    st.tuples(
        st.integers(0, 90 * 24),
        st.sampled_from(["NoticeFiled", "CaseHeld", "CaseReleased", "ReviewerAssigned", "CaseClosed"]),
        st.dictionaries(st.sampled_from(NAMES), st.integers(-20, 120), max_size=3),
    ),
    min_size=1,
    max_size=8,
)
ticks = st.lists(st.integers(0, 150 * 24), min_size=1, max_size=25)


@given(happenings, ticks)
@settings(max_examples=120, deadline=None)
def test_what_was_sent_is_what_was_owed_at_each_send(
    told: list[tuple[int, str, dict[str, int]]], awake: list[int]
) -> None:
    post, log = Post(), list(history(told))
    for hour in sorted(awake):
        now = START + timedelta(hours=hour)
        new = [event for event in log if event.happened_at <= now]
        log = log[len(new) :]
        post.read(new, now)
        post.tick(now)

    assert max(Counter(one.key for one, _, _ in post.sent).values(), default=1) == 1
    for one, watch, today in post.sent:
        if one.event_id is None:
            right = {other.key for other in owed(watch, RULES, today) if other.skip is None}
            assert one.key in right
            standing = watch.deadline(one.deadline or "")
            assert standing is not None
            assert standing.due_on == one.due_on
        assert not watch.closed or one.letter == "case_closed"


def history(told: list[tuple[int, str, dict[str, int]]]) -> list[Event]:
    """The case's events: registered first, then what is told, in order; each with the deadlines after it."""
    first = (0, "EmployerRegistered", {"name_champion": 30})
    found = []
    for position, (hour, kind, deadlines) in enumerate([first, *sorted(told, key=lambda one: one[0])], start=1):
        at = START + timedelta(hours=hour)
        standing = tuple(
            Deadline(name, local_date(at) + timedelta(days=days), "staff" if name == "qa_decision" else "employer")
            for name, days in sorted(deadlines.items())
        )
        found.append(
            Event(
                event_id=f"event-{position}",
                case_id="a-case",
                position=position,
                type=kind,
                happened_at=at,
                happened_on=local_date(at),
                state="Closed" if kind == "CaseClosed" else "NoticeFiled",
                deadlines=() if kind == "CaseClosed" else standing,
                fact={"contact_id": CONTACT, "person_id": CHAMPION},
            )
        )
        if kind == "CaseClosed":
            break
    return found


@pytest.fixture
def engine_kind() -> str:
    """One engine is enough here: what both keep is shown by the ledger's own tests."""
    return "sqlite"


async def test_after_an_outage_of_thirty_days_each_open_deadline_gets_its_one_right_letter(ledger: Ledger) -> None:
    cases = [_case(number) for number in range(200)]
    await ledger.take(None, Taken("e.1", 1, tuple(cases)), START)
    await plan(ledger, START)
    for one in await Outbox(ledger.engine, "before", 60).lease(START, 10_000):
        box = Outbox(ledger.engine, "before", 60)
        await box.sent(await box.begin([one], f"<{one.reminder_id}@x>", START), START)
    before = {one.reminder_id for one in await all_of(ledger)}

    after = START + timedelta(days=30)
    await plan(ledger, after)
    await plan(ledger, after)
    new = [one for one in await all_of(ledger) if one.reminder_id not in before]
    to_send = [one for one in new if one.status is Status.PLANNED]

    per_deadline = Counter((one.decision.case_id, one.decision.deadline, one.decision.recipient.id) for one in to_send)
    assert set(per_deadline.values()) == {1}
    right = {
        other.reminder_id
        for watch in cases
        for other in owed(watch, RULES, local_date(after))
        if other.skip is None and other.reminder_id not in before
    }
    assert {one.reminder_id for one in to_send} == right
    assert {one.decision.skip.cause.value for one in new if one.decision.skip} == {"superseded", "too_late"}


def _case(number: int) -> Watch:
    event = Event(
        event_id=f"event-{number}",
        case_id=f"case-{number:03}",
        position=number + 1,
        type="NoticeFiled",
        happened_at=START - timedelta(days=60),
        happened_on=local_date(START - timedelta(days=60)),
        state="NoticeFiled",
        deadlines=(
            Deadline("audit_submission", local_date(START) + timedelta(days=number % 60), "employer"),
            Deadline("audit_start", local_date(START) + timedelta(days=number % 45), "employer"),
        ),
        fact={"contact_id": CONTACT},
    )
    changed, _ = learn([event], {}, RULES, START)
    return changed[0]


async def plan(ledger: Ledger, now: datetime) -> None:
    await Planning(ledger, Wishes(ledger.engine), RULES, Clock(now - datetime.now(UTC))).plan()


async def all_of(ledger: Ledger) -> list[Reminder]:
    found: list[Reminder] = []
    after: int | None = 0
    while after is not None:
        page = await Reading(ledger.engine).page(Wanted(after=after, limit=500))
        found += page.items
        after = page.next_after
    return [one for one in found if one.decision.case_id]
