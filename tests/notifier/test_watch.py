"""A watch follows what each event tells, known or not."""

from datetime import UTC, date, datetime

from notifier.given import CHAMPION, CONTACT, DUE, event
from secor_notifier.domain.event import Deadline
from secor_notifier.domain.watch import Watch, Watched, evolve

LATER = datetime(2026, 12, 9, 18, tzinfo=UTC)
SUBMISSION = Deadline("audit_submission", DUE, "employer")


def test_registration_tells_the_contact() -> None:
    assert evolve(Watch("c"), event("EmployerRegistered", {"contact_id": CONTACT})).contact_id == CONTACT


def test_a_replaced_champion_is_no_longer_the_one() -> None:
    watch = evolve(Watch("c"), event("ChampionNamed", {"person_id": CONTACT}))

    assert evolve(watch, event("ChampionReplaced", {"person_id": CHAMPION})).champion_id == CHAMPION


def test_whoever_takes_a_course_is_not_thereby_champion() -> None:
    assert evolve(Watch("c"), event("TrainingBooked", {"person_id": CHAMPION})).champion_id is None


def test_a_hold_lasts_until_it_is_released() -> None:
    held = evolve(Watch("c"), event("CaseHeld", {"reason_id": "r"}))

    assert held.held
    assert evolve(held, event("NoticeAmended")).held
    assert not evolve(held, event("CaseReleased")).held


def test_an_event_of_an_unknown_type_is_followed_all_the_same() -> None:
    after = evolve(Watch("c"), event("SomethingOfTheFuture", {"odd": [1]}, SUBMISSION, state="NewState"))

    assert (after.state, after.deadlines) == (
        "NewState",
        (Watched("audit_submission", DUE, "employer", since=date(2026, 12, 1), revision=7),),
    )


def test_a_deadline_that_is_no_longer_told_is_gone() -> None:
    watch = evolve(Watch("c"), event("NoticeFiled", None, SUBMISSION))

    assert evolve(watch, event("AuditSubmitted")).deadlines == ()


def test_a_moved_date_remembers_the_day_it_was_moved() -> None:
    watch = evolve(Watch("c"), event("NoticeFiled", None, SUBMISSION))
    moved = Deadline("audit_submission", date(2027, 3, 1), "employer")
    after = evolve(watch, event("DeadlineExtended", None, moved, at=LATER))

    assert after.deadlines[0].since == date(2026, 12, 9)
    assert evolve(after, event("NoticeAccepted", None, moved)).deadlines == after.deadlines
