"""A simulation lives a case again as it was: with its hold, what people asked for, good hours, and the outages."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from notifier.given import CASE, CHAMPION, CONTACT, DUE, RULES, event
from secor_notifier.domain.circumstances import Matcher, Silence
from secor_notifier.domain.event import Deadline, Event
from secor_notifier.domain.past import Absence, Past
from secor_notifier.simulation import Sent, Window, difference
from secor_notifier.zone import ZONE

SUBMISSION = Deadline("audit_submission", DUE, "employer")
FILED = event("NoticeFiled", {"contact_id": CONTACT}, SUBMISSION, at=datetime(2026, 12, 1, 20, tzinfo=UTC))
NAMED = event("ChampionNamed", {"person_id": CHAMPION}, SUBMISSION, at=datetime(2026, 12, 2, 20, tzinfo=UTC))
NOTHING = replace(RULES, ladders={}, otherwise=replace(RULES.otherwise, rungs=()), events={})


def at(day: date, hour: int = 0) -> datetime:
    return datetime.combine(day, time(hour), ZONE)


def days_before(days: int) -> date:
    return DUE - timedelta(days=days)


def sent(*events: Event, past: Past | None = None) -> list[tuple[int | None, str, datetime]]:
    """What goes out in the last twenty days before the date: rung, to whom, when."""
    window = Window(at(days_before(20)), at(DUE, 12), past or Past())
    found = difference(CASE, [FILED, *events], NOTHING, RULES, window)
    assert not found.removed
    return [_told(one) for one in found.added]


def reminders(*events: Event, past: Past | None = None) -> list[tuple[int | None, str, datetime]]:
    return [one for one in sent(*events, past=past) if one[0] is not None]


def _told(one: Sent) -> tuple[int | None, str, datetime]:
    return one.decision.rung, one.decision.recipient.id, one.at.astimezone(ZONE)


def test_each_rung_goes_out_on_its_day_when_good_hours_begin() -> None:
    assert sent() == [(-days, CONTACT, at(days_before(days), 8)) for days in (14, 7, 1)]


def test_what_a_hold_kept_back_goes_out_after_it() -> None:
    held = event("CaseHeld", {}, SUBMISSION, at=at(days_before(10), 10))
    released = event("CaseReleased", {}, SUBMISSION, at=at(days_before(4), 10))

    assert reminders(held, released) == [
        (-14, CONTACT, at(days_before(14), 8)),
        (-7, CONTACT, at(days_before(4), 10)),
        (-1, CONTACT, at(days_before(1), 8)),
    ]


def test_what_a_silence_kept_back_goes_out_after_it() -> None:
    matcher = Matcher(deadline="audit_submission")
    quiet = Silence("s", matcher, at(days_before(3), 13), "staff", "", created_at=at(days_before(10)))

    assert sent(past=Past((quiet,)))[1] == (-7, CONTACT, at(days_before(3), 13))


def test_who_wants_no_reminders_gets_none_from_then_on_and_others_are_told() -> None:
    found = sent(NAMED, past=Past(opted_out={CONTACT: at(days_before(10))}))

    assert [(days, who) for days, who, _ in found if who == CONTACT] == [(-14, CONTACT)]
    assert {who for days, who, _ in found if days == -7} == {CHAMPION, "staff"}


def test_after_an_outage_only_the_rung_that_was_then_right_goes_out() -> None:
    away = Absence(at(days_before(15)), at(days_before(4), 11))

    assert sent(past=Past(absences=(away,))) == [
        (-7, CONTACT, at(days_before(4), 11)),
        (-1, CONTACT, at(days_before(1), 8)),
    ]


def test_a_letter_about_what_happened_waits_for_good_hours_too() -> None:
    sunday = date(2027, 1, 31)
    found = sent(event("NoticeAccepted", {}, SUBMISSION, at=at(sunday, 10)))

    assert (None, CONTACT, at(date(2027, 2, 1), 8)) in found


def test_other_hours_move_letters_and_add_none() -> None:
    later = replace(RULES, hours=replace(RULES.hours, opens=time(10)))
    found = difference(CASE, [FILED], RULES, later, Window(at(days_before(20)), at(DUE, 12), Past()))

    assert (found.added, found.removed) == ((), ())
    assert [(was.at.astimezone(ZONE).hour, instead.at.astimezone(ZONE).hour) for was, instead in found.moved] == [
        (8, 10),
        (8, 10),
        (8, 10),
    ]


def test_the_same_rules_make_no_difference() -> None:
    assert not difference(CASE, [FILED, NAMED], RULES, RULES, Window(at(days_before(60)), at(DUE, 12), Past()))
