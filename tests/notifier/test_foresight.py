"""What the list of what comes up says of each letter is what then becomes of it, if nothing else happens."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from notifier.house import House
from notifier.stand_in import Json, due
from secor_notifier.zone import ZONE

FRIDAY_EVENING = "2027-01-29T19:00:00-07:00"  # out of good hours: what is owed waits for Monday, eight o'clock
SUBMISSION = due("audit_submission", "2027-02-05")
NOTICE = {"audit_kind": "certification", "starts_on": "2027-02-01", "ends_on": "2027-02-03", "sites": []}
DAYS = 17
ENDS = ("2027-02-01T07:00", "2027-02-01T20:00", "2027-02-02T03:00", "2027-02-03T12:30", "2027-02-10T12:30")
"""Of silences within these days."""
LATER = datetime(2027, 2, 17, 12, tzinfo=ZONE)

Situation = Callable[[House, str], None]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home: Path = tmp_path_factory.mktemp("foresight")
    with House(home, f"sqlite:///{home / 'notifier.db'}") as running:
        yield running


def new_case(house: House) -> str:
    """Its audit is due in a week, and on Friday evening news has come that waits for Monday."""
    contact = house.workflow.person("Ana Ng", "ana@inn.example")
    champion = house.workflow.person("Bo Lee", "bo@inn.example")
    case = house.workflow.case(contact)
    house.workflow.tell(case, "EmployerRegistered", {"contact_id": contact})
    house.workflow.tell(case, "ChampionNamed", {"person_id": champion}, champion={"person_id": champion})
    house.workflow.tell(case, "NoticeFiled", NOTICE, state="NoticeFiled", deadlines=[SUBMISSION])
    house.workflow.tell(case, "NoticeAccepted", {})
    return case


def silence(until: str, **matcher: str) -> Situation:
    def ask(house: House, case: str) -> None:
        wish = {"matcher": {"case_id": case, **matcher}, "until": f"{until}:00-07:00", "comment": "A flood."}
        assert house.ask("/v1/silences", method="POST", json=wish).status_code == 201

    return ask


def opt_out(house: House, case: str) -> None:
    wish = {"person_id": house.workflow.cases[case]["contact_id"]}
    assert house.ask("/v1/opt-outs", method="POST", json=wish).status_code == 200


def hold(house: House, case: str) -> None:
    house.workflow.texts["reason"] = "The roof."
    house.workflow.tell(
        case, "CaseHeld", {"reason_id": "reason", "review_on": "2027-03-01"}, hold={"since": "2027-01-29"}
    )


def submit(house: House, case: str) -> None:
    house.workflow.tell(case, "AuditSubmitted", {"round": 1, "late": False}, state="AuditSubmitted", deadlines=[])


def move_on(house: House, case: str) -> None:
    house.workflow.tell(
        case, "QAPassed", {"overall": {"earned": 87, "available": 100}, "failed_elements": []}, state="QAPassed"
    )


def erase(house: House, case: str) -> None:
    contact = house.workflow.cases[case]["contact_id"]
    house.workflow.erased.add(contact)
    house.workflow.tell(case, "PersonErased", {"person_id": contact})


def close(house: House, case: str) -> None:
    house.workflow.tell(case, "CaseWithdrawn", {"reason": "business_closed"}, state="Closed", deadlines=[])


SITUATIONS: dict[str, tuple[Situation, ...]] = {
    "nothing else": (),
    "a silence that ends before the letters' hour": (silence("2027-02-01T07:00"),),
    "a silence that ends in time for the same reminder": (silence("2027-02-03T12:30"),),
    "a silence that ends at night": (silence("2027-02-01T20:00"), silence("2027-02-02T03:00")),
    "a silence until a later reminder has taken its place": (silence("2027-02-04T08:00"),),
    "a silence until it is too late": (silence("2027-02-10T12:30"),),
    "a silence for one of two": (silence("2027-02-10T12:30", recipient_role="contact"),),
    "a hold": (hold,),
    "somebody who wants none": (opt_out,),
    "submitted": (submit,),
    "moved on": (move_on,),
    "a silence and moved on": (silence("2027-03-05T08:00"), move_on),
    "erased": (erase,),
    "closed": (close,),
}


def said(house: House, case: str) -> list[Json]:
    asked = {"case_id": case, "days": DAYS, "limit": 500}
    items: list[Json] = house.ask("/v1/reminders/upcoming", params=asked).json()["items"]
    return items


def what_was_said(of: Json | None) -> str:
    if of is None:
        return "nothing"
    return f"sent {of['sends_at'][:16]}" if of["will_be_sent"] else f"skipped as {of['cause']}"


def what_became(of: Json | None) -> str:
    if of is None:
        return "nothing"
    return f"sent {of['sent_at'][:16]}" if of["sent_at"] else f"{of['status']} as {of['cause']}"


def test_what_is_said_to_come_is_what_comes(house: House) -> None:
    """All situations are lived at the same time, each by a case of its own."""
    house.set_clock(now=FRIDAY_EVENING)
    house.workflow.now = datetime.fromisoformat(FRIDAY_EVENING).astimezone(UTC)
    cases = {situation: new_case(house) for situation in SITUATIONS}
    house.settle()
    for situation, changes in SITUATIONS.items():
        for change in changes:
            change(house, cases[situation])
    # What is planned waits, and what has changed is known; what is said of it now is said in the same evening.
    house.settle()
    said_at = house.ask("/v1/sandbox/clock").json()["now"]
    foretold = {situation: said(house, case) for situation, case in cases.items()}
    hours = {one["sends_at"] for items in foretold.values() for one in items if one["will_be_sent"]}
    instants = {datetime.fromisoformat(hour) for hour in hours | {f"{end}-07:00" for end in ENDS}}
    for instant in sorted(instants):
        house.set_clock(now=instant.isoformat())
    house.set_clock(now=LATER.isoformat())
    wrong = []
    for situation, case in cases.items():
        became = {one["reminder_id"]: one for one in house.reminders(case_id=case)}
        ahead = {one["reminder_id"]: one for one in foretold[situation]}
        later = {name for name, one in became.items() if one["sent_at"] and one["sent_at"] > said_at}
        wrong += [
            (situation, name, said_of_it, became_of_it)
            for name in ahead.keys() | later
            if (said_of_it := what_was_said(ahead.get(name))) != (became_of_it := what_became(became.get(name)))
        ]
    assert wrong == []
    causes = {one["cause"] for items in foretold.values() for one in items}
    assert causes >= {"silenced", "overtaken", "held", "opted_out", "fulfilled", "closed", None}
