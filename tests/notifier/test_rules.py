"""Rules that cannot be followed are refused at once, by name and line."""

from datetime import UTC, datetime, timedelta

import pytest

from notifier.given import RULES
from secor_notifier.domain.letters import STOPPED, names
from secor_notifier.domain.retry import next_attempt
from secor_notifier.domain.rules_text import RulesError, read_rules
from secor_notifier.settings import PACKAGED_RULES

TEXT = PACKAGED_RULES.read_text("utf-8")
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def refused(text: str) -> str:
    with pytest.raises(RulesError) as error:
        read_rules(text, names())
    return str(error.value)


def test_the_packaged_rules_name_every_letter_but_the_one_that_no_rule_calls_for() -> None:
    named = {rung.letter for ladder in [*RULES.ladders.values(), RULES.otherwise] for rung in ladder.rungs}
    named |= {rule.letter for rules in RULES.events.values() for rule in rules}
    named |= {RULES.together, RULES.digest.letter}

    assert named == names() - {STOPPED}


def test_an_unknown_letter_on_an_event_is_named_with_its_line() -> None:
    text = TEXT.replace('"qa_failed"', '"qa_faild"')
    sentence = refused(text)

    assert sentence.startswith(
        f"Line {line_of(text, 'qa_faild')}: the rule [events.QAFailed] names the letter 'qa_faild'"
    )
    assert "qa_failed" in sentence


def test_an_unknown_letter_on_a_ladder_is_named_with_its_line() -> None:
    head, tail = TEXT.split("[deadlines.corrections]")
    text = head + "[deadlines.corrections]" + tail.replace('"deadline_overdue"', '"push"', 1)

    assert refused(text).startswith(f"Line {line_of(text, 'push')}: the rule [deadlines.corrections] names the letter")


def test_an_unknown_reader_is_refused() -> None:
    text = TEXT.replace('to = ["worksafebc"]', 'to = ["everybody"]')

    assert f"Line {line_of(text, 'everybody')}: the rule [events.ForwardedToWorkSafeBC]" in refused(text)


def test_an_unknown_field_is_refused() -> None:
    assert "[deadlines.sms]" in refused(TEXT.replace("[deadlines.sms]\n", "[deadlines.sms]\nrungz = []\n"))


def test_what_is_missing_or_unknown_is_named_with_its_table() -> None:
    pauses = "pauses_minutes = [1, 5, 15, 60, 240]"
    unknown = TEXT.replace("opens = 08:00:00", "opens = 08:00:00\nopened = 1")
    nameless = TEXT.replace('to = ["staff"], letter = "deadline_reminder"', 'to = ["staff"]', 1)
    words = TEXT.replace("due_within_days = 7", 'due_within_days = "soon"')

    assert refused(TEXT.replace(pauses, "")) == (
        f"Line {line_of(TEXT, '[sending]')}: `pauses_minutes` is missing under [sending]."
    )
    assert refused(TEXT.replace("[digest]", "[digests]", 1)) == "The table [digest] is missing."
    assert refused(unknown) == (
        f"Line {line_of(unknown, 'opened')}: `opened` under [good_hours] is not known: leave it out."
    )
    assert refused(nameless) == (
        f"Line {line_of(TEXT, '[deadlines.notice_answer]')}: `letter` is missing in rungs → 0 "
        "under [deadlines.notice_answer]."
    )
    assert refused(words).startswith(f"Line {line_of(words, 'due_within')}: the rule [digest] (due_within_days): ")
    assert refused(TEXT + "[kitchen]\n").endswith(": [kitchen] is no table of the rules: leave it out.")


def test_two_rungs_for_the_same_people_on_one_day_are_refused() -> None:
    text = TEXT.replace('{ days = [7], to = ["owner", "staff"]', '{ days = [1], to = ["owner", "staff"]')

    assert "two rungs speak to the same people on the same day" in refused(text)


@pytest.mark.parametrize("text", ["", "[", "x = 1", "[deadlines]\nsms = 5"])
def test_what_is_no_rules_file_is_refused(text: str) -> None:
    assert refused(text)


def test_other_rules_have_another_fingerprint() -> None:
    assert read_rules(TEXT + "# a word\n", names()).fingerprint != RULES.fingerprint


def test_pauses_grow_and_end_after_three_days() -> None:
    pauses: list[timedelta] = []
    now = NOW
    while again := next_attempt(RULES.retry, len(pauses) + 1, now):
        pauses.append(again - now)
        now = again

    assert [pause // timedelta(minutes=1) for pause in pauses[:6]] == [1, 5, 15, 60, 240, 240]
    assert timedelta(days=3) <= now - NOW <= timedelta(days=3, hours=4)


def test_an_unknown_deadline_is_named_with_its_line() -> None:
    text = TEXT.replace("[deadlines.corrections]", "[deadlines.correctness]")
    assert refused(text).startswith(
        f"Line {line_of(text, 'correctness')}: the rule [deadlines.correctness] names the deadline 'correctness'"
    )
    other = TEXT.replace('inhibited_by = ["student_audit"]', 'inhibited_by = ["student_odit"]')
    assert refused(other).startswith(
        f"Line {line_of(other, 'student_odit')}: the rule [deadlines.sms] names the deadline 'student_odit'"
    )


def test_an_unknown_calendar_is_named_with_its_line() -> None:
    text = TEXT.replace('calendar = "go2hr-office"', 'calendar = "go2hr-kitchen"')

    assert refused(text).startswith(f"Line {line_of(text, 'go2hr-kitchen')}: the rule [digest] names the calendar")


def test_what_repeats_has_an_end() -> None:
    for wrong in ("every = 30", "every = 30, until = 60"):
        assert "[deadlines.training]" in refused(
            TEXT.replace("{ days = [60], every = 30, until = 180", f"{{ days = [60], {wrong}")
        )


def test_a_rung_repeats_until_its_end_and_escalates_to_the_second_person_and_to_staff() -> None:
    rungs = [rung for rung in RULES.ladder("training").rungs if rung.escalates]

    assert [rung.days for rung in rungs] == [60, 90, 120, 150, 180]
    assert {audience.value for rung in rungs for audience in rung.to} == {"contact", "second", "staff"}
