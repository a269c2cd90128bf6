"""Whatever the history and whenever the notifier was awake: never two letters for one key, never a burst."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.given import CASE, CHAMPION, CONTACT, RULES
from secor_notifier.domain.recipients import EMPLOYER_ROLES
from secor_notifier.domain.reminders import Owed, next_look, owed
from secor_notifier.domain.watch import Watch, Watched

DAY = date(2026, 11, 1)
DEADLINES = [*RULES.ladders, "of_the_future"]


def days(most: int) -> st.SearchStrategy[date]:
    return st.integers(0, most).map(lambda number: DAY + timedelta(days=number))


deadlines = st.lists(
    st.builds(
        Watched,
        name=st.sampled_from(DEADLINES),
        due_on=days(400),
        owner=st.sampled_from(["employer", "staff"]),
        missed=st.booleans(),
        since=st.none() | days(400),
    ),
    unique_by=lambda one: one.name,
    max_size=5,
).map(tuple)
watches = st.builds(
    Watch,
    case_id=st.just(CASE),
    state=st.sampled_from(["NoticeFiled", "Certified", "Closed"]),
    deadlines=deadlines,
    contact_id=st.just(CONTACT),
    champion_id=st.sampled_from([None, CHAMPION, CONTACT]),
    held=st.booleans(),
)


def to_whom(one: Owed) -> tuple[str | None, str]:
    return one.deadline, one.recipient.id


@given(watches, days(500))
def test_never_two_decisions_for_one_key(watch: Watch, today: date) -> None:
    keys = [one.key for one in owed(watch, RULES, today)]

    assert len(keys) == len(set(keys))


@given(watches, days(500))
def test_after_any_outage_one_letter_per_deadline_and_recipient(watch: Watch, today: date) -> None:
    letters = Counter(to_whom(one) for one in owed(watch, RULES, today) if one.reason is None)

    assert all(number == 1 for number in letters.values())


@given(watches, days(500))
def test_every_letter_is_for_an_open_deadline_and_has_fallen_due(watch: Watch, today: date) -> None:
    for one in owed(watch, RULES, today):
        standing = watch.deadline(one.deadline or "")
        assert standing is not None
        assert standing.due_on == one.due_on
        assert one.owed_on <= today or standing.missed
        assert not watch.closed
        assert one.reason or not (watch.held and one.recipient.role in EMPLOYER_ROLES)


@given(watches, st.lists(days(500), min_size=1, max_size=12))
@settings(max_examples=150)
def test_looking_only_when_something_may_be_new_misses_nothing(watch: Watch, ticks: list[date]) -> None:
    """The ledger looks at a watch on `next_look` alone; that must decide what a look at every tick would."""
    every: set[str] = set()
    lazily: set[str] = set()
    next_on: date | None = date.min
    for today in sorted(ticks):
        every |= {one.key for one in owed(watch, RULES, today)}
        if next_on is not None and next_on <= today:
            lazily |= {one.key for one in owed(watch, RULES, today)}
            next_on = next_look(watch, RULES, today)

    assert lazily == every
