"""What particular letters say to their readers; what holds for all of them stands in `letters/`."""

from dataclasses import replace
from datetime import timedelta

import pytest

from notifier.given import DUE, RULES
from notifier.letters.examples import ABOUT_ONE_CASE, CASE_NOW, letter, readers, standing
from secor_notifier.domain.letters import Addressee, UnwritableError
from secor_notifier.domain.letters.wording import sentences
from secor_notifier.domain.programme import Policy
from secor_notifier.domain.recipients import Role


@pytest.mark.parametrize("name", sorted(RULES.ladders))
@pytest.mark.parametrize("role", [Role.CONTACT, Role.STAFF])
@pytest.mark.parametrize(("kind", "days"), [("deadline_reminder", -7), ("deadline_missed", 1), ("deadline_overdue", 7)])
def test_every_deadline_has_words_for_each_reader_before_and_after(name: str, role: Role, kind: str, days: int) -> None:
    about = standing(name)
    case = replace(CASE_NOW, deadlines=(about,))
    written = letter(kind, case=case, deadline=about, addressee=Addressee(role, None), today=DUE + timedelta(days=days))
    wording = sentences()[name].employer if role is Role.CONTACT else sentences()[name].staff
    text = " ".join(written.text.split())
    spans = {"lead": "at least 14 days before", "window": "within 12 months of", "recertification_days": 60}

    for sentence in (wording.owed, wording.next, wording.late if days > 0 else wording.otherwise):
        assert sentence.format(**spans) in text
    assert "Friday, 5 February 2027" in text
    assert {-7: "in 7 days", 1: "yesterday", 7: "7 days ago"}[days] in text
    assert "planned end 2026-12-22 + 45 calendar days = 2027-02-05" in text


def test_what_people_typed_cannot_become_markup() -> None:
    page = letter("audit_returned").html

    assert "Harbour &amp; Sons &lt;Inn&gt; Ltd." in page
    assert "Please add the &lt;form&gt;." in page
    assert "<form>" not in page


def test_a_reason_stands_on_one_line_and_an_erased_note_says_so() -> None:
    assert "The reason given: The dates overlap with the closure." in " ".join(letter("notice_refused").text.split())
    assert "(This text is no longer kept.)" in letter("audit_returned").text


def test_gaps_come_with_their_resources() -> None:
    written = letter("gaps")

    assert "Hazard identification and control" in written.text
    assert '<a href="https://resources.example/hazards"' in written.html
    assert "https://resources.example/orientation" in written.text


def test_failed_elements_are_named_and_a_score_is_never_rounded_up_to_a_pass() -> None:
    text = letter("qa_failed").text

    assert "Hazard identification and control" in text
    assert "79.9\u00a0%" in text


def test_a_fail_by_the_overall_score_alone_names_no_element() -> None:
    fact = {"overall": {"earned": 70, "available": 100}, "failed_elements": []}

    assert "overall score that fell short" in letter("qa_failed", fact=fact).text


def test_the_incentive_is_called_an_estimate() -> None:
    text = " ".join(letter("certificate_issued").text.split())

    assert "$1,000.00 CAD. It is an estimate" in text
    assert "We cannot estimate it" in " ".join(
        letter("certificate_issued", case=replace(CASE_NOW, incentive_estimate=None)).text.split()
    )


def test_the_welcome_leads_to_the_manual_and_the_champion_to_the_course() -> None:
    assert RULES.programme.manual_url in letter("welcome").text
    assert RULES.programme.training_url in letter("champion_welcome").text


def test_a_miss_which_our_own_clock_has_not_seen_yet_is_not_said_to_be_ahead() -> None:
    about = replace(standing(), missed=True)
    text = " ".join(letter("deadline_missed", deadline=about, today=DUE - timedelta(days=1)).text.split())

    assert "BY WHEN Friday, 5 February 2027, now over" in text


def test_staff_who_must_answer_a_notice_are_told_by_when() -> None:
    text = " ".join(letter("notice_to_answer", addressee=Addressee(Role.STAFF)).text.split())

    assert "The answer is due by Friday, 5 February 2027." in text
    assert "Site: Annex, Ucluelet" in text


def test_a_name_that_ends_in_a_full_stop_gets_no_second_one() -> None:
    assert all(".." not in letter(name, addressee=readers(name)[0]).text for name in ABOUT_ONE_CASE)


def test_a_withdrawn_case_is_not_said_to_be_closed_by_go2hr() -> None:
    assert "withdrawn by your business" in letter("case_closed", fact={"reason_id": "reason"}).html
    assert "your business has grown" in letter("case_closed", fact={"reason": "moved_to_large_cor"}).html
    assert letter("case_closed", fact={"reason": "of_the_future"}).text


def test_a_deadline_of_the_future_has_words_too() -> None:
    about = standing("of_the_future", owner="employer")

    assert sentences()["_other"].employer.next in " ".join(letter("deadline_reminder", deadline=about).text.split())


def test_a_letter_without_its_facts_says_that_it_cannot_be_written() -> None:
    with pytest.raises(UnwritableError, match=r"'certificate_issued' could not be written \(UndefinedError\)"):
        letter("certificate_issued", fact={})


def test_no_text_runs_wide() -> None:
    for name in ABOUT_ONE_CASE:
        lines = letter(name, addressee=readers(name)[0]).text.splitlines()
        assert all(len(line) <= 76 for line in lines if "http" not in line), name


def test_a_policy_that_does_not_say_how_long_leaves_the_number_out() -> None:
    written = letter("welcome", policy=Policy({}))

    assert "in good time before the audit starts" in " ".join(written.text.split())
