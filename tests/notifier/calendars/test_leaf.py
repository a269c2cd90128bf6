"""A letter about a date brings it along for a calendar program, as the same event that a subscribed calendar shows."""

from datetime import UTC, datetime
from email.message import EmailMessage, Message
from urllib.parse import urlsplit

from notifier.calendars.reading import Component, read
from notifier.house import House
from notifier.stand_in import Json, due


def a_case(house: House, *deadlines: Json) -> str:
    house.set_clock(now="2027-01-21T09:00:00-07:00")
    house.workflow.now = datetime(2027, 1, 21, 16, tzinfo=UTC)
    contact = house.workflow.person("Ana Ng", "ana@inn.example")
    case = house.workflow.case(contact, legal_name="Harbour Inn, Ltd.")
    house.workflow.tell(case, "EmployerRegistered", {"contact_id": contact}, deadlines=[*deadlines])
    house.set_clock(advance="P1D")
    return case


def leaf_of(letter: EmailMessage) -> list[Component]:
    found = [part for part in letter.iter_attachments() if part.get_content_type() == "text/calendar"]
    for part in found:
        assert part.get_filename() == "secor-deadline.ics"
        assert part.get_param("method") == "PUBLISH"
    return [event for part in found for event in read(content_of(part)).of("VEVENT")]


def content_of(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def letters_about(house: House, to: str, *subject: str) -> list[EmailMessage]:
    return [one for one in house.letters() if to in one["To"] and all(word in one["Subject"] for word in subject)]


def test_a_reminder_brings_its_date_along(house: House) -> None:
    case = a_case(house, due("audit_submission", "2027-02-05"))
    [reminder] = letters_about(house, "ana@inn.example", "due")

    [event] = leaf_of(reminder)
    assert event["DTSTART"] == "20270205"
    assert event["SUMMARY"] == "SECOR: the completed audit (Harbour Inn, Ltd.)"
    calendar = house.ask("/v1/calendars", method="POST", key="key-of-staff", json={"case_id": case}).json()
    content = house.ask(urlsplit(calendar["url"]).path, key=None).content
    [subscribed] = read(content).of("VEVENT")
    assert (event["UID"], event["SEQUENCE"]) == (subscribed["UID"], subscribed["SEQUENCE"])


def test_after_an_extension_the_letter_brings_the_newer_version(house: House) -> None:
    case = a_case(house, due("audit_submission", "2027-02-05"))
    reason = "01930000-0000-7000-8000-0000000000aa"
    house.workflow.tell(
        case,
        "DeadlineExtended",
        {"deadline": "audit_submission", "due_on": "2027-03-05", "previous_due_on": "2027-02-05", "reason_id": reason},
        deadlines=[due("audit_submission", "2027-03-05")],
    )
    house.set_clock(advance="PT1H")
    extended = house.letters()[-1]

    [event] = leaf_of(extended)
    assert (event["DTSTART"], event["SEQUENCE"]) == ("20270305", "1")


def test_a_letter_without_a_date_to_come_brings_none(house: House) -> None:
    a_case(house, due("audit_submission", "2027-01-20"))
    [welcome] = letters_about(house, "ana@inn.example", "Welcome")
    [missed] = letters_about(house, "ana@inn.example", "has passed")

    assert (leaf_of(welcome), leaf_of(missed)) == ([], [])


def test_staff_get_none(house: House) -> None:
    a_case(house, due("qa_decision", "2027-01-29", "staff"))

    [reminder] = letters_about(house, "staff@go2hr.example", "due")
    assert leaf_of(reminder) == []
