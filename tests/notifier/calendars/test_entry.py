"""A deadline's entry keeps its name for ever, and its sequence grows with each change."""

from datetime import UTC, date, datetime, timedelta

from notifier.given import CASE, event
from secor_notifier.calendars.entry import Entry, follow
from secor_notifier.domain.event import Deadline, Event

AT = datetime(2026, 12, 1, 18, tzinfo=UTC)
DUE = date(2027, 2, 5)


def lived(*events: Event) -> dict[str, Entry]:
    known: dict[str, Entry] = {}
    for one in events:
        known |= {entry.deadline: entry for entry in follow(known, one)}
    return known


def told(days: int, *due: date) -> Event:
    deadlines = (Deadline("audit_submission", day, "employer") for day in due)
    return event("Something", {}, *deadlines, at=AT + timedelta(days=days))


def test_a_deadline_that_stands_unchanged_is_the_same_entry() -> None:
    known = lived(told(0, DUE), told(1, DUE), told(2, DUE))

    assert known == {"audit_submission": Entry(CASE, "audit_submission", DUE, "employer", 0, AT)}


def test_each_new_date_counts() -> None:
    known = lived(told(0, DUE), told(1, DUE + timedelta(days=14)), told(2, DUE + timedelta(days=7)))

    entry = known["audit_submission"]
    assert (entry.due_on, entry.sequence) == (DUE + timedelta(days=7), 2)
    assert entry.changed_at == AT + timedelta(days=2)


def test_what_no_longer_stands_has_ended_and_may_begin_anew_under_the_same_name() -> None:
    ended = lived(told(0, DUE), told(1))["audit_submission"]
    again = lived(told(0, DUE), told(1), told(2), told(3, DUE))["audit_submission"]

    assert (ended.sequence, ended.ended_at) == (1, AT + timedelta(days=1))
    assert (again.sequence, again.ended_at, again.uid) == (2, None, ended.uid)


def test_reading_the_same_events_again_ends_where_it_was_with_a_higher_sequence() -> None:
    once = lived(told(0, DUE), told(1, DUE + timedelta(days=7)))["audit_submission"]
    twice = lived(*(told(0, DUE), told(1, DUE + timedelta(days=7))) * 2)["audit_submission"]

    assert (twice.due_on, twice.ended_at) == (once.due_on, None)
    assert twice.sequence > once.sequence
