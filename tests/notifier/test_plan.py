"""The plan can be looked at: what goes out and why, what does not and why not; and people may ask for quiet."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from notifier.house import House
from notifier.stand_in import Json, due
from secor_notifier.settings import PACKAGED_RULES

MONDAY = datetime(2027, 1, 25, 20, tzinfo=UTC)  # noon in British Columbia
SUBMISSION = due("audit_submission", "2027-02-05")


def noon(on: str) -> str:
    return f"{on}T12:00:00-07:00"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path, f"sqlite:///{tmp_path / 'notifier.db'}") as running:
        running.set_clock(now=MONDAY.isoformat())
        running.workflow.now = MONDAY
        yield running


@pytest.fixture
def case(house: House) -> str:
    """A case with its notice filed, two people on it, and an audit due on Friday of next week."""
    contact = house.workflow.person("Ana Ng", "ana@inn.example")
    champion = house.workflow.person("Bo Lee", "bo@inn.example")
    case_id = house.workflow.case(contact)
    house.workflow.tell(case_id, "EmployerRegistered", {"contact_id": contact})
    house.workflow.tell(case_id, "ChampionNamed", {"person_id": champion}, champion={"person_id": champion})
    notice = {"audit_kind": "certification", "starts_on": "2027-02-01", "ends_on": "2027-02-03", "sites": []}
    house.workflow.tell(case_id, "NoticeFiled", notice, state="NoticeFiled", deadlines=[SUBMISSION])
    house.settle()
    return case_id


def people(house: House, case: str) -> tuple[str, str]:
    found = house.workflow.cases[case]
    return found["contact_id"], found["champion"]["person_id"]


def coming(house: House, **wanted: str | int) -> list[Json]:
    items: list[Json] = house.ask("/v1/reminders/upcoming", params=wanted).json()["items"]
    return items


def post(house: House, path: str, body: Json, **headers: str) -> httpx.Response:
    return house.ask(path, method="POST", json=body, headers=headers)


def test_each_reminder_to_come_tells_when_to_whom_by_which_way_and_why(house: House, case: str) -> None:
    """The date is missed on a Saturday: staff hear of it then, the employer on Monday."""
    contact, champion = people(house, case)
    found = coming(house, case_id=case, days=14)

    assert {(one["rung"], one["recipient"], one["sends_at"][:16], one["channel"]) for one in found} == {
        *((-7, who, "2027-01-29T15:00", "mail") for who in (contact, champion)),
        *((-1, who, "2027-02-04T15:00", "mail") for who in (contact, champion)),
        *((1, who, "2027-02-08T15:00", "mail") for who in (contact, champion)),
        (1, "staff", "2027-02-06T07:00", "mail"),
    }
    assert found[0]["because"] == "7 days before audit_submission falls due on 2027-02-05; the employer owes it."
    assert found[0]["waits_because"].startswith("It is 00:00 in British Columbia: letters to employers go out")
    assert {one["recipient"] for one in coming(house, recipient=contact, days=30)} == {contact}


def test_what_will_not_be_sent_says_so_beforehand(house: House, case: str) -> None:
    contact, _ = people(house, case)
    post(house, "/v1/opt-outs", {"person_id": contact})
    [first] = [one for one in coming(house, case_id=case, recipient=contact) if one["rung"] == -7]

    assert (first["will_be_sent"], first["sends_at"], first["cause"]) == (False, None, "opted_out")
    assert first["reason"] == (
        "This person wants no reminders. The employer's other person and staff are told instead."
    )


def test_who_wants_no_reminders_gets_none_and_the_date_is_not_forgotten(house: House, case: str) -> None:
    contact, champion = people(house, case)
    for _ in range(2):
        assert post(house, "/v1/opt-outs", {"person_id": contact}).json()["person_id"] == contact
    house.set_clock(now=noon("2027-01-29"))

    by_person = {one["recipient"]: one for one in house.reminders(letter="deadline_reminder")}
    assert by_person[contact]["cause"] == "opted_out"
    assert (by_person[champion]["status"], by_person["staff"]["status"]) == ("sent", "sent")
    assert "told instead" in by_person["staff"]["because"]
    assert [one["person_id"] for one in house.ask("/v1/opt-outs").json()["items"]] == [contact]

    assert house.ask(f"/v1/opt-outs/{contact}", method="DELETE").status_code == 204
    house.settle()
    assert [one["status"] for one in house.reminders(recipient=contact, letter="deadline_reminder")] == ["sent"]


def test_a_silence_keeps_quiet_and_what_is_still_owed_after_it_goes_out(house: House, case: str) -> None:
    wish = {"matcher": {"case_id": case}, "until": noon("2027-02-01"), "comment": "They have a flood."}
    made = post(house, "/v1/silences", wish)
    assert (made.status_code, made.json()["author"], made.json()["in_force"]) == (201, "a", True)
    assert house.ask(made.headers["Location"]).json() == made.json()
    house.set_clock(now=noon("2027-01-29"))
    assert {one["cause"] for one in house.reminders(letter="deadline_reminder")} == {"silenced"}

    house.set_clock(now="2027-02-01T12:01:00-07:00")
    assert {one["status"] for one in house.reminders(letter="deadline_reminder")} == {"sent"}


def test_a_silence_can_be_given_another_end_and_ended(house: House, case: str) -> None:
    wish = {"matcher": {"deadline": "audit_submission"}, "until": noon("2027-02-01"), "comment": "x"}
    where = post(house, "/v1/silences", wish).headers["Location"]
    changed = house.ask(where, method="PUT", json={"until": noon("2027-03-01"), "comment": "longer"})
    house.set_clock(now=noon("2027-02-03"))
    ended = house.ask(where, method="DELETE").json()
    house.settle()

    assert (changed.json()["comment"], ended["in_force"]) == ("longer", False)
    assert {one["status"] for one in house.reminders(letter="deadline_reminder")} == {"sent"}
    assert [one["in_force"] for one in house.ask("/v1/silences").json()["items"]] == [False]


def test_the_same_key_is_told_the_same_and_does_nothing_twice(house: House) -> None:
    wish = {"matcher": {"letter": "welcome"}, "until": noon("2027-02-01"), "comment": "x"}
    first, again = (post(house, "/v1/silences", wish, **{"Idempotency-Key": "one"}) for _ in range(2))
    other = post(house, "/v1/silences", wish | {"comment": "y"}, **{"Idempotency-Key": "one"})

    assert (again.status_code, again.json(), again.headers["Location"]) == (
        201,
        first.json(),
        first.headers["Location"],
    )
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(house.ask("/v1/silences").json()["items"]) == 1


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"matcher": {}}, "/matcher"),
        ({"matcher": {"recipient": "everybody"}}, "/matcher/recipient"),
        ({"until": "2027-01-01T00:00:00Z"}, "/until"),
        ({"until": "2029-01-01T00:00:00Z"}, "/until"),
        ({"until": "soon"}, "/until"),
        ({"comment": ""}, "/comment"),
        ({"comment": "\u0000"}, "/comment"),
        ({"forever": True}, "/forever"),
    ],
)
def test_a_silence_that_makes_no_sense_is_refused(house: House, wish: Json, pointer: str) -> None:
    right = {"matcher": {"letter": "welcome"}, "until": noon("2027-02-01"), "comment": "x"}
    refused = post(house, "/v1/silences", right | wish)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


def test_who_asks_for_a_silence_in_the_past_is_told_what_time_it_is(house: House) -> None:
    wish = {"matcher": {"letter": "welcome"}, "until": "2027-01-25T19:00:00Z", "comment": "x"}
    refused = post(house, "/v1/silences", wish)

    assert "it is 2027-01-25T20:00:" in refused.json()["detail"]
    assert refused.text.startswith('{"type":"/problems/invalid_request","title":')  # as bare as all other answers


def test_a_letter_that_came_back_is_on_the_timeline_and_in_the_staffs_digest(house: House, case: str) -> None:
    [welcome] = house.reminders(letter="welcome")
    report = {"message_id": welcome["message_id"], "delivery": "failed", "status": "5.1.1"}
    [marked] = post(house, "/v1/delivery-reports", report).json()["items"]
    late = {**report, "delivery": "delivered"}
    assert post(house, "/v1/delivery-reports", late).json()["items"][0]["delivery"] == "failed"
    house.set_clock(now=noon("2027-01-26"))

    assert (marked["delivery"], marked["delivery_status"]) == ("failed", "5.1.1")
    entries = house.ask(f"/v1/cases/{case}/timeline").json()["items"]
    assert [one["title"] for one in entries if one["what"] == "delivery"] == ["welcome to contact came back"]
    [digest] = [
        file for file in (house.home / "mailbox").iterdir() if "staff_digest" in file.name and "20270126" in file.name
    ]
    assert b"came back (5.1.1)" in digest.read_bytes()

    again = post(house, f"/v1/reminders/{welcome['reminder_id']}:resend", {}).json()
    assert (again["status"], again["delivery"]) == ("planned", None)
    house.settle()
    assert house.ask(f"/v1/reminders/{welcome['reminder_id']}").json()["status"] == "sent"


def test_a_notification_in_the_maildir_is_a_report_and_any_other_mail_is_none(house: House, case: str) -> None:
    [welcome] = house.reminders(letter="welcome")
    folder = house.home / "maildir" / "new"
    folder.mkdir(parents=True)
    (folder / "1").write_bytes(NOTIFICATION.format(message_id=welcome["message_id"]).encode())
    (folder / "2").write_bytes(b"\xff\x00 not a mail at all")
    (folder / "3").write_bytes(b"Subject: I am on holiday\r\n\r\nUntil Monday.\r\n")
    house.stop()
    house.more = {"dsn_maildir": house.home / "maildir"}
    house.start()
    house.settle()

    [marked] = house.reminders(letter="welcome")
    assert (marked["delivery"], marked["delivery_status"]) == ("failed", "5.1.1")
    assert list(folder.iterdir()) == []


def test_the_timeline_tells_what_was_and_what_is_to_come(house: House, case: str) -> None:
    entries = house.ask(f"/v1/cases/{case}/timeline", key="key-of-employer").json()["items"]

    assert [one["title"] for one in entries if one["what"] == "event"] == [
        "EmployerRegistered",
        "ChampionNamed",
        "NoticeFiled",
    ]
    assert [one["title"] for one in entries if one["what"] == "deadline"] == [
        "audit_submission is due, owed by employer"
    ]
    assert "deadline_reminder to contact" in {one["title"] for one in entries if one["ahead"]}
    assert [one["at"] for one in entries] == sorted(one["at"] for one in entries)
    assert house.ask(f"/v1/cases/{case}/timeline", key="key-of-stranger").status_code == 404


def test_changed_rules_are_tried_on_the_last_days_and_nothing_is_sent(house: House, case: str) -> None:
    for on in ("2027-01-28", "2027-01-29", "2027-02-04", "2027-02-08"):
        house.set_clock(now=noon(on))
    letters = len(house.letters())
    rules = PACKAGED_RULES.read_text("utf-8")
    head, tail = rules.split("[deadlines.audit_submission]")
    changed = head + "[deadlines.audit_submission]" + tail.replace("[-30, -14, -7, -1]", "[-30, -14, -8, -1]", 1)
    found = post(house, "/v1/rules:simulate", {"rules": changed, "days": 30}).json()

    assert (found["cases"], found["added"], found["removed"], found["next"]) == (1, 2, 2, None)
    assert {one["rung"] for one in found["items"][0]["added"]} == {-8}
    assert {one["rung"] for one in found["items"][0]["removed"]} == {-7}
    same = post(house, "/v1/rules:simulate", {"rules": rules, "case_id": case}).json()
    assert (same["added"], same["removed"], same["items"]) == (0, 0, [])
    assert len(house.letters()) == letters
    wrong = post(house, "/v1/rules:simulate", {"rules": rules.replace('"qa_failed"', '"qa_faild"')})
    assert (wrong.status_code, wrong.json()["errors"][0]["detail"][:5]) == (422, "Line ")


def test_the_books_are_compared_once_a_day_and_a_difference_is_a_metric(house: House, case: str) -> None:
    house.set_clock(now=noon("2027-01-26"))
    metrics = house.ask("/metrics").text
    assert "secor_notifier_reconciled_cases 1.0" in metrics
    assert "secor_notifier_reconciliation_differences 0.0" in metrics

    house.workflow.cases[case]["deadlines"] = [due("audit_submission", "2027-03-05")]
    house.set_clock(now=noon("2027-01-27"))
    assert "secor_notifier_reconciliation_differences 1.0" in house.ask("/metrics").text


NOTIFICATION = """From: Mail Delivery System <mailer-daemon@relay.example>
To: secor@notifier.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain

Nobody lives here.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; ana@inn.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 no such user

--part
Content-Type: message/rfc822

From: go2HR SECOR <secor@notifier.example>
Message-ID: {message_id}
Subject: Welcome to SECOR

Hello
--part--
"""
