"""Calendars as a calendar program meets them: an address that is read again and again, and what it then shows."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from notifier.calendars.reading import Component, read
from notifier.house import House
from notifier.stand_in import Json, due

STAFF = "key-of-staff"
EMPLOYER = "key-of-employer"
NAME = "Harbour, Sons; & Café Ltd. with a name that is longer than a line of a calendar may be"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all tests: each has a case of its own."""
    home: Path = tmp_path_factory.mktemp("house")
    with House(home, f"sqlite:///{home / 'notifier.db'}") as running:
        yield running


@pytest.fixture
def case(house: House) -> str:
    house.set_clock(now="2026-12-01T12:00:00-07:00")
    contact = house.workflow.person("Ana Ng", "ana@inn.example")
    case_id = house.workflow.case(contact, legal_name=NAME)
    fact = {"contact_id": contact, "employer": {"legal_name": NAME}}
    deadlines = [due("audit_submission", "2027-02-05"), due("notice_answer", "2026-12-08", "staff")]
    house.workflow.tell(case_id, "EmployerRegistered", fact, deadlines=deadlines)
    house.settle()
    return case_id


def subscribe(house: House, key: str = STAFF, **wish: object) -> Json:
    answer = house.ask("/v1/calendars", method="POST", key=key, json=wish)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


def fetch(house: House, calendar: Json, **headers: str) -> httpx.Response:
    return house.ask(urlsplit(calendar["url"]).path, key=None, headers=headers)


def events(house: House, calendar: Json) -> dict[str, Component]:
    """The events of a calendar, by the deadline which their name ends in."""
    answer = fetch(house, calendar)
    assert answer.status_code == 200, answer.text
    found = read(answer.content).of("VEVENT")
    return {event["UID"].partition("@")[0].partition(".")[2]: event for event in found}


def test_a_deadline_is_an_all_day_event_with_alarms_on_the_days_of_its_reminders(house: House, case: str) -> None:
    event = events(house, subscribe(house, case_id=case))["audit_submission"]

    assert event.properties["DTSTART"].parameters == event.properties["DTEND"].parameters == {"VALUE": "DATE"}
    assert (event["DTSTART"], event["DTEND"]) == ("20270205", "20270206")
    assert (event["STATUS"], event["SEQUENCE"], event["TRANSP"]) == ("CONFIRMED", "0", "TRANSPARENT")
    assert event["SUMMARY"] == f"SECOR: the completed audit ({NAME})"
    assert [alarm["TRIGGER"] for alarm in event.of("VALARM")] == ["-P29DT15H", "-P13DT15H", "-P6DT15H", "-PT15H"]
    assert {alarm["ACTION"] for alarm in event.of("VALARM")} == {"DISPLAY"}


def test_the_calendar_says_whose_it_is_and_how_often_to_look(house: House, case: str) -> None:
    answer = fetch(house, subscribe(house, case_id=case))
    calendar = read(answer.content)

    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "PUBLISH")
    assert calendar["NAME"] == calendar["X-WR-CALNAME"] == f"SECOR deadlines: {NAME}"
    assert calendar.properties["REFRESH-INTERVAL"].parameters == {"VALUE": "DURATION"}
    assert (calendar["REFRESH-INTERVAL"], calendar["X-PUBLISHED-TTL"]) == ("PT1H", "PT60M")


def test_no_person_is_in_it(house: House, case: str) -> None:
    text = fetch(house, subscribe(house, case_id=case)).text

    assert "Ana" not in text
    assert "inn.example" not in text


def test_an_extension_moves_the_event_and_a_calendar_program_knows_the_newer_version(house: House, case: str) -> None:
    calendar = subscribe(house, case_id=case)
    before = events(house, calendar)["audit_submission"]
    later = datetime(2026, 12, 1, 20, tzinfo=UTC)
    house.workflow.tell(case, "DeadlineExtended", deadlines=[due("audit_submission", "2027-02-19")], at=later)
    house.settle()
    after = events(house, calendar)["audit_submission"]

    assert after["UID"] == before["UID"]
    assert after["DTSTART"] == "20270219"
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert after["DTSTAMP"] > before["DTSTAMP"]


def test_what_is_met_or_cancelled_shows_as_cancelled_and_then_vanishes(house: House, case: str) -> None:
    calendar = subscribe(house, case_id=case)
    house.workflow.tell(case, "CaseWithdrawn", state="Closed", deadlines=[])
    house.settle()
    cancelled = events(house, calendar)["audit_submission"]
    assert (cancelled["STATUS"], cancelled["SEQUENCE"]) == ("CANCELLED", "1")
    assert cancelled.of("VALARM") == []

    house.set_clock(advance="P60D")
    assert events(house, calendar) == {}


def test_who_has_it_already_is_told_so(house: House, case: str) -> None:
    calendar = subscribe(house, case_id=case)
    first = fetch(house, calendar)
    tag = first.headers["ETag"]
    house.set_clock(advance="P1D")

    for known in (tag, f'"other", W/{tag}', "*"):
        again = fetch(house, calendar, **{"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    house.workflow.tell(case, "DeadlineExtended", deadlines=[due("audit_submission", "2027-02-19")])
    house.settle()
    assert fetch(house, calendar, **{"If-None-Match": tag}).status_code == 200


def test_a_revoked_address_opens_nothing(house: House, case: str) -> None:
    kept, revoked = subscribe(house, case_id=case), subscribe(house, case_id=case)
    path = f"/v1/calendars/{revoked['calendar_id']}"

    assert house.ask(path, method="DELETE", key=STAFF).status_code == 204
    assert house.ask(path, method="DELETE", key=STAFF).status_code == 404
    assert fetch(house, revoked).status_code == 404
    assert fetch(house, kept).status_code == 200
    assert house.ask("/calendars/guess.ics", key=None).status_code == 404


def test_an_address_is_long_told_once_and_kept_as_a_digest(house: House, case: str) -> None:
    calendar = subscribe(house, case_id=case)
    token = urlsplit(calendar["url"]).path.removeprefix("/calendars/").removesuffix(".ics")

    assert len(token) >= 43
    assert (calendar["made_by"], fetch(house, calendar).headers["X-Robots-Tag"]) == ("s", "noindex")
    listed = house.ask("/v1/calendars", key=STAFF)
    assert calendar["calendar_id"] in {one["calendar_id"] for one in listed.json()["items"]}
    assert token not in listed.text
    for file in house.home.glob("notifier.db*"):
        assert token.encode() not in file.read_bytes()


def test_an_employer_has_its_own_case_and_what_it_owes_itself(house: House, case: str) -> None:
    assert [*events(house, subscribe(house, EMPLOYER, case_id=case))] == ["audit_submission"]
    for key, wish, status in (
        ("key-of-stranger", {"case_id": case}, 404),
        (EMPLOYER, {"filter": {}}, 403),
        ("key-of-reader", {"case_id": case}, 403),
        (STAFF, {"case_id": "01930000-0000-7000-8000-0000000000ff"}, 404),
    ):
        assert house.ask("/v1/calendars", method="POST", key=key, json=wish).status_code == status
    assert len(house.ask("/v1/calendars", key=EMPLOYER).json()["items"]) == 1
    assert house.ask("/v1/calendars", key="key-of-stranger").json()["items"] == []


def test_staff_see_many_cases_by_a_filter(house: House, case: str) -> None:
    contact = house.workflow.person("Bo Lee", "bo@lodge.example")
    another = house.workflow.case(contact, legal_name="Lodge Ltd.")
    far = (date(2026, 12, 1) + timedelta(days=500)).isoformat()
    deadlines = [due("qa_decision", "2026-12-20", "staff"), due("certificate_expiry", far)]
    house.workflow.tell(another, "QAPassed", deadlines=deadlines)
    house.settle()

    assert [*events(house, subscribe(house, filter={"owner": "staff"}))] == ["notice_answer", "qa_decision"]
    assert [*events(house, subscribe(house, filter={}))] == ["notice_answer", "qa_decision", "audit_submission"]
    assert [*events(house, subscribe(house, filter={"deadlines": ["qa_decision"]}))] == ["qa_decision"]
    assert "certificate_expiry" in events(house, subscribe(house, filter={"days_ahead": 600}))
    staffs = events(house, subscribe(house, filter={}))["notice_answer"]
    assert staffs["SUMMARY"].startswith("SECOR: the answer to a Notice of Audit Activity")


WRONG: list[Json] = [
    {},
    {"case_id": "01930000-0000-7000-8000-000000000001", "filter": {}},
    {"case_id": "1"},
    {"filter": {"owner": "nobody"}},
    {"filter": {"deadlines": []}},
    {"filter": {"days_ahead": 0}},
    {"filter": {"colour": "red"}},
]


def test_what_cannot_be_wished_for_is_refused(house: House) -> None:
    answers = [house.ask("/v1/calendars", method="POST", key=STAFF, json=wish) for wish in WRONG]

    assert {answer.status_code for answer in answers} == {422}
