"""What is owed follows from the watch, the rules and the day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from notifier.given import CHAMPION, CONTACT, DUE, RULES, deadline, to_send, watch
from secor_notifier.domain.reminders import HELD, next_look, owed, upcoming


def on(days: int) -> date:
    return DUE + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "rung"),
    [(-31, None), (-30, -30), (-29, -30), (-14, -14), (-7, -7), (-2, -7), (-1, -1), (0, -1), (1, 1), (6, 1), (7, 7)],
)
def test_the_newest_rung_reached_is_the_right_one(days: int, rung: int | None) -> None:
    found = {one.rung for one in to_send(watch(deadline()), on(days))}

    assert found == ({rung} if rung is not None else set())


def test_contact_and_champion_each_get_a_letter() -> None:
    assert {one.recipient.id for one in to_send(watch(deadline()), on(-7))} == {CONTACT, CHAMPION}


def test_a_contact_who_is_the_champion_gets_one_letter() -> None:
    found = to_send(watch(deadline(), champion=CONTACT), on(-7))

    assert [(one.recipient.id, one.recipient.role) for one in found] == [(CONTACT, "contact")]


def test_before_a_champion_is_named_the_contact_is_told_alone() -> None:
    assert {one.recipient.id for one in to_send(watch(deadline("name_champion"), champion=None), on(-7))} == {CONTACT}


def test_staff_are_told_when_the_employer_misses_a_date() -> None:
    assert {one.recipient.id for one in to_send(watch(deadline()), on(1))} == {CONTACT, CHAMPION, "staff"}


def test_staff_are_reminded_of_their_own_dates() -> None:
    found = to_send(watch(deadline("qa_decision", owner="staff")), on(-7))

    assert {one.recipient.id for one in found} == {"staff"}


def test_the_miss_which_the_workflow_has_recorded_is_told_at_once() -> None:
    missed = replace(deadline(), missed=True)

    assert {one.rung for one in to_send(watch(missed), on(0))} == {1}


def test_rungs_overtaken_are_skipped_and_say_by_which() -> None:
    skipped = {one.rung: one.reason for one in owed(watch(deadline(), champion=None), RULES, on(-7)) if one.reason}

    assert skipped == {-30: "Superseded by the rung -7 days.", -14: "Superseded by the rung -7 days."}


def test_a_fulfilled_deadline_owes_nothing() -> None:
    assert owed(watch(), RULES, on(0)) == ()


def test_a_closed_case_owes_nothing() -> None:
    assert owed(watch(deadline(), state="Closed"), RULES, on(0)) == ()
    assert next_look(watch(deadline(), state="Closed"), RULES, on(-100)) is None


def test_on_hold_the_employer_is_spared_and_staff_are_not() -> None:
    held = watch(deadline(), deadline("qa_decision", owner="staff"), held=True)

    assert {one.recipient.id for one in to_send(held, on(-7))} == {"staff"}
    assert HELD in {one.skip for one in owed(held, RULES, on(-7))}


def test_after_the_hold_the_one_right_rung_is_owed() -> None:
    assert {one.rung for one in to_send(watch(deadline(), held=False), on(-6))} == {-7}


def test_a_date_that_moved_starts_the_ladder_anew_from_that_day_on() -> None:
    moved = replace(deadline(), since=on(-20))

    assert to_send(watch(moved), on(-20)) == []
    assert {one.rung for one in to_send(watch(moved), on(-14))} == {-14}


def test_another_due_date_is_another_reminder() -> None:
    first = to_send(watch(deadline()), on(-7))[0]
    second = to_send(watch(deadline(due_on=on(10))), on(3))[0]

    assert (first.rung, first.recipient) == (second.rung, second.recipient)
    assert first.reminder_id != second.reminder_id


def test_a_deadline_nobody_has_thought_of_has_a_ladder_too() -> None:
    found = to_send(watch(deadline("of_the_future", owner="staff")), on(-7))

    assert [(one.recipient.id, one.letter) for one in found] == [("staff", "deadline_reminder")]


def test_the_next_look_is_the_day_of_the_next_rung() -> None:
    assert next_look(watch(deadline()), RULES, on(-20)) == on(-14)
    assert next_look(watch(deadline()), RULES, on(35)) is None


def test_what_is_coming_are_todays_letters_and_those_of_the_days_after() -> None:
    coming = upcoming(watch(deadline(), champion=None), RULES, on(-7), on(1))

    assert [(one.rung, one.owed_on) for one in coming if one.recipient.id == CONTACT and not one.skip] == [
        (-7, on(-7)),
        (-1, on(-1)),
        (1, on(1)),
    ]


def test_every_deadline_of_the_programme_has_a_ladder_of_its_own() -> None:
    assert set(RULES.ladders) == {
        "name_champion",
        "training",
        "student_audit",
        "sms",
        "notice_answer",
        "audit_start",
        "audit_submission",
        "qa_decision",
        "corrections",
        "new_notice",
        "forwarding",
        "certificate_expiry",
        "idle",
    }


def test_a_miss_is_told_for_every_deadline_but_the_start_of_the_audit() -> None:
    untold = {name for name, ladder in RULES.ladders.items() if all(rung.days != 1 for rung in ladder.rungs)}

    assert untold == {"audit_start"}
    assert {one.reason for one in owed(watch(deadline("audit_start")), RULES, on(3)) if one.rung == -1} == {
        "The due date is over: a warning would come too late."
    }


def test_a_case_in_which_nothing_moves_goes_further_up() -> None:
    found = to_send(watch(deadline("training")), on(60))

    assert {(one.letter, one.recipient.id) for one in found} == {
        ("escalation", who) for who in (CONTACT, CHAMPION, "staff")
    }
    assert {one.because for one in found} == {
        "60 days after training fell due on 2027-02-05: it is still open, so it goes further up."
    }


def test_a_deadline_that_is_over_silences_the_warnings_of_what_comes_after_it() -> None:
    both = watch(deadline("sms", due_on=on(10)), deadline("student_audit", due_on=on(-1)))
    of_sms = [one for one in owed(both, RULES, on(0)) if one.deadline == "sms" and one.rung == -14]

    assert {one.reason for one in of_sms} == {"student_audit is over: a warning of what comes after it would mislead."}
