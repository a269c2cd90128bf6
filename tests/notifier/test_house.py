"""The notifier's main job over real HTTP: reads the feed, writes what is owed, and sends each letter once."""

from datetime import UTC, datetime, timedelta

import pytest

from notifier.house import House, eventually, html_of, text_of
from notifier.stand_in import Json, due

START = datetime(2026, 12, 1, 18, tzinfo=UTC)
SUBMISSION = due("audit_submission", "2027-02-05")


def day(on: str) -> str:
    """Noon in British Columbia."""
    return f"{on}T12:00:00-07:00"


@pytest.fixture
def case(house: House) -> str:
    """A case at its notice, with a contact and a champion, on 1 December 2026."""
    house.set_clock(now=START.isoformat())
    house.workflow.now = START
    contact = house.workflow.person("Ana Ng", "ana@inn.example")
    champion = house.workflow.person("Bo Lee", "bo@inn.example")
    case_id = house.workflow.case(contact)
    house.workflow.tell(case_id, "EmployerRegistered", {"contact_id": contact})
    house.workflow.tell(
        case_id,
        "ChampionNamed",
        {"person_id": champion, "employment": "permanent"},
        champion={"person_id": champion, "employment": "permanent"},
        state="ChampionNamed",
    )
    house.settle()
    return case_id


def file_notice(house: House, case: str) -> None:
    house.workflow.tell(
        case,
        "NoticeFiled",
        {"audit_kind": "certification", "starts_on": "2026-12-15", "ends_on": "2026-12-22", "sites": []},
        state="NoticeFiled",
        deadlines=[SUBMISSION],
    )
    house.settle()


def of_deadline(house: House, status: str = "sent") -> list[tuple[int, str]]:
    return [(one["rung"], one["recipient_role"]) for one in house.reminders(status=status) if one["kind"] == "deadline"]


def test_events_become_letters_to_those_concerned(house: House, case: str) -> None:
    file_notice(house, case)

    assert [(one["letter"], one["recipient_role"], one["status"]) for one in house.reminders(case_id=case)] == [
        ("welcome", "contact", "sent"),
        ("champion_welcome", "champion", "sent"),
        ("notice_received", "contact", "sent"),
        ("notice_received", "champion", "sent"),
        ("notice_to_answer", "staff", "sent"),
    ]
    to = [letter["To"] for letter in house.letters()]
    assert sorted(to) == sorted(["Ana Ng <ana@inn.example>", "Bo Lee <bo@inn.example>"] * 2 + ["staff@go2hr.example"])


def test_an_event_is_read_by_long_poll_as_soon_as_it_happens(house: House, case: str) -> None:
    house.stop()
    house.more = {"poll_seconds": 30, "tick_seconds": 30}
    house.start()
    eventually(lambda: house.ask("/readyz").status_code == 200)
    house.workflow.tell(case, "NoticeAccepted", state="NoticeFiled")

    eventually(lambda: [one for one in house.reminders(status="sent") if one["letter"] == "notice_accepted"])


def test_a_letter_is_a_complete_message(house: House, case: str) -> None:
    [welcome] = [one for one in house.reminders(case_id=case) if one["letter"] == "welcome"]
    [letter] = [letter for letter in house.letters() if "Welcome" in letter["Subject"]]

    assert letter["Message-ID"] == welcome["message_id"] == f"<{welcome['reminder_id']}@notifier.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"].datetime.date() == START.date()
    assert letter["From"].addresses[0].addr_spec == "secor@notifier.example"
    assert letter["Subject"] == "Welcome to SECOR, Harbour & Sons Inn <Ltd.>"
    assert "Hello Ana Ng," in text_of(letter)
    assert "Welcome to SECOR" in html_of(letter)


def test_reminders_go_out_as_their_days_come(house: House, case: str) -> None:
    file_notice(house, case)
    for on in ("2027-01-06", "2027-01-22", "2027-01-29"):
        house.set_clock(now=day(on))

    assert of_deadline(house) == [(rung, role) for rung in (-30, -14, -7) for role in ("contact", "champion")]


def test_after_an_outage_only_the_rung_that_is_now_right_is_sent(house: House, case: str) -> None:
    file_notice(house, case)
    house.set_clock(now=day("2027-02-01"))

    assert of_deadline(house) == [(-7, "contact"), (-7, "champion")]
    skipped = [one for one in house.reminders(status="skipped") if one["recipient_role"] == "contact"]
    assert [(one["rung"], one["reason"]) for one in skipped] == [
        (-30, "Superseded by the rung -7 days."),
        (-14, "Superseded by the rung -7 days."),
    ]


def test_a_missed_deadline_is_told_to_employer_and_staff_once(house: House, case: str) -> None:
    file_notice(house, case)
    house.set_clock(now=day("2027-02-05"))
    house.workflow.now = datetime(2027, 2, 6, 8, tzinfo=UTC)
    missed = due("audit_submission", "2027-02-05", missed=True)
    house.workflow.tell(case, "DeadlineMissed", {"deadline": "audit_submission"}, deadlines=[missed])
    house.set_clock(now=day("2027-02-08"))
    house.settle()

    assert [role for rung, role in of_deadline(house) if rung == 1] == ["contact", "champion", "staff"]


def test_nothing_is_sent_for_what_is_done(house: House, case: str) -> None:
    file_notice(house, case)
    house.workflow.tell(case, "AuditSubmitted", {"round": 1, "late": False}, state="AuditSubmitted", deadlines=[])
    house.set_clock(now=day("2027-02-20"))

    assert of_deadline(house) == of_deadline(house, "skipped") == []


def test_a_case_that_moves_on_before_the_letter_goes_is_spared(house: House, case: str) -> None:
    """The feed has not told it yet; the case itself, asked at the last moment, does."""
    file_notice(house, case)
    house.workflow.cases[case]["deadlines"] = []
    house.set_clock(now=day("2027-01-29"))

    assert of_deadline(house) == []
    assert "The deadline is no longer open." in {one["reason"] for one in house.reminders(status="skipped")}


def test_on_hold_the_employer_is_spared_and_reminded_after_the_release(house: House, case: str) -> None:
    file_notice(house, case)
    house.workflow.tell(case, "CaseHeld", {"reason_id": "r", "review_on": None}, hold={"reason_id": "r"})
    house.set_clock(now=day("2027-01-29"))
    assert of_deadline(house) == []

    house.workflow.now = datetime(2027, 1, 29, 20, tzinfo=UTC)
    house.workflow.tell(case, "CaseReleased", hold=None)
    house.settle()
    assert of_deadline(house) == [(-7, "contact"), (-7, "champion")]


def test_an_extension_is_told_and_starts_the_ladder_anew(house: House, case: str) -> None:
    file_notice(house, case)
    house.set_clock(now=day("2027-01-29"))
    house.workflow.now = datetime(2027, 1, 29, 20, tzinfo=UTC)
    fact = {"deadline": "audit_submission", "previous_due_on": "2027-02-05", "due_on": "2027-03-05", "reason_id": "r"}
    house.workflow.texts["r"] = "The kitchen is being rebuilt."
    house.workflow.tell(case, "DeadlineExtended", fact, deadlines=[due("audit_submission", "2027-03-05")])
    house.settle()
    house.set_clock(now=day("2027-02-26"))

    told = [letter for letter in house.letters() if "A new date" in letter["Subject"]]
    assert len(told) == 2
    assert "The kitchen is being rebuilt." in text_of(told[0])
    assert [(one["rung"], one["due_on"]) for one in house.reminders(status="sent") if one["rung"]] == [
        (-7, "2027-02-05"),
        (-7, "2027-02-05"),
        (-7, "2027-03-05"),
        (-7, "2027-03-05"),
    ]


def test_a_replaced_champion_is_no_longer_written_to(house: House, case: str) -> None:
    file_notice(house, case)
    successor = house.workflow.person("Cy Oak", "cy@inn.example")
    house.workflow.tell(
        case, "ChampionReplaced", {"person_id": successor}, champion={"person_id": successor, "employment": "owner"}
    )
    house.set_clock(now=day("2027-01-29"))

    reminded = [
        letter["To"].addresses[0].addr_spec for letter in house.letters() if "due in 7 days" in letter["Subject"]
    ]
    assert sorted(reminded) == ["ana@inn.example", "cy@inn.example"]


def test_an_erased_person_is_skipped_and_the_others_are_not(house: House, case: str) -> None:
    file_notice(house, case)
    house.workflow.erased.add(house.workflow.cases[case]["contact_id"])
    house.set_clock(now=day("2027-01-29"))

    assert of_deadline(house) == [(-7, "champion")]
    assert "The person was erased: there is no address any more." in {one["reason"] for one in house.reminders()}


def test_a_restart_goes_on_where_it_was(house: House, case: str) -> None:
    file_notice(house, case)
    before = [letter["Message-ID"] for letter in house.letters()]
    house.set_clock(now=day("2027-01-05"))
    house.stop()
    house.start()

    assert house.ask("/v1/sandbox/clock").json()["now"].startswith("2027-01-05")
    house.settle()
    assert [letter["Message-ID"] for letter in house.letters()] == before


def test_an_old_log_read_for_the_first_time_sends_no_old_news(house: House) -> None:
    house.set_clock(now=START.isoformat())
    contact = house.workflow.person("Ana Ng", "ana@inn.example")
    case = house.workflow.case(contact)
    house.workflow.tell(
        case,
        "EmployerRegistered",
        {"contact_id": contact},
        at=START - timedelta(days=70),
        deadlines=[due("name_champion", "2026-11-21")],
    )
    house.settle()

    welcome, *reminders = house.reminders()
    assert (welcome["status"], welcome["reason"]) == (
        "skipped",
        "Old news: it was read 70 days after it happened, and letters go out within 60.",
    )
    assert {(one["rung"], one["recipient_role"]) for one in reminders if one["status"] == "sent"} == {
        (1, "contact"),
        (1, "staff"),
    }


def test_the_workflow_away_is_waited_out(house: House, case: str) -> None:
    file_notice(house, case)
    house.take_workflow_away()
    eventually(lambda: house.ask("/readyz").status_code == 503)
    assert "cannot be reached" in house.ask("/readyz").json()["checks"]["workflow"]

    answer = house.ask("/v1/sandbox/clock", method="PUT", json={"now": day("2027-01-29")})
    assert (answer.status_code, answer.json()["code"]) == (503, "workflow_away")

    house.bring_workflow_back()
    eventually(lambda: house.ask("/v1/sandbox/clock", method="PUT", json={"now": day("2027-01-29")}).status_code == 200)
    assert of_deadline(house) == [(-7, "contact"), (-7, "champion")]
    eventually(lambda: house.ask("/readyz").status_code == 200)
    assert {one["attempts"] for one in house.reminders(status="sent")} == {1}


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_workflow_that_refuses_us_is_waited_out(house: House, case: str, status: int) -> None:
    file_notice(house, case)
    house.workflow.failing = status
    eventually(lambda: str(status) in house.ask("/readyz").text)
    house.workflow.failing = None
    house.workflow.tell(case, "NoticeAccepted")

    eventually(lambda: "notice_accepted" in {one["letter"] for one in house.reminders(status="sent")})


def test_after_the_log_was_restored_nothing_is_sent_twice(house: House, case: str) -> None:
    """The last event was lost with the old epoch; what stands before it is the same."""
    file_notice(house, case)
    sent = [one["reminder_id"] for one in house.reminders(status="sent")]
    house.workflow.epoch, house.workflow.gone = "e2", {"code": "cursor_gone", "last_common": "e2.1"}
    del house.workflow.events[2:]
    house.workflow.tell(case, "NoticeAccepted")
    house.settle()

    assert [one["reminder_id"] for one in house.reminders(status="sent")][: len(sent)] == sent
    assert {one["letter"] for one in house.reminders(status="sent")[len(sent) :]} == {"notice_accepted"}
    cursor = house.ask("/v1/cursor").json()
    assert (cursor["cursor"], cursor["position"], cursor["head_position"], cursor["lag"]) == ("e2.3", 3, 3, 0)


def test_what_was_archived_meanwhile_is_passed_over(house: House, case: str) -> None:
    """The cases in it are closed: all that is owed is owed for what comes after it."""
    house.workflow.failing = 503
    eventually(lambda: "503" in house.ask("/readyz").text)
    house.workflow.tell(case, "SomethingOfTheFuture", deadlines=[])
    house.workflow.begins_after = len(house.workflow.events)
    house.workflow.tell(case, "NoticeAccepted", state="NoticeFiled")
    house.workflow.failing = None

    eventually(lambda: "notice_accepted" in {one["letter"] for one in house.reminders(status="sent")})
    assert house.ask("/v1/cursor").json()["lag"] == 0


def test_many_pages_are_read_to_the_end_before_anything_is_decided(house: House, case: str) -> None:
    for number in range(600):
        deadlines = [due("audit_submission", "2026-12-10")] if number < 550 else []
        house.workflow.tell(case, "SomethingOfTheFuture", deadlines=deadlines)
    house.settle()

    assert [one for one in house.reminders() if one["kind"] == "deadline" and one["status"] == "sent"] == []
    assert house.ask("/v1/cursor").json()["position"] == 602


def test_a_letter_that_cannot_be_written_fails_alone(house: House, case: str) -> None:
    house.workflow.tell(case, "CertificateIssued", {"a": "fact that lacks all"})
    house.workflow.tell(case, "NoticeAccepted", state="NoticeFiled")
    house.settle()

    by_letter: Json = {one["letter"]: one for one in house.reminders()}
    assert by_letter["certificate_issued"]["status"] == "dead"
    assert "UndefinedError" in by_letter["certificate_issued"]["last_error"]
    assert by_letter["notice_accepted"]["status"] == "sent"
