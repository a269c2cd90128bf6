"""Who was erased gets no more letters and leaves no trace here; others are told instead; the workflow is told so."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from notifier.house import House, eventually
from notifier.stand_in import Json, due

NOON = datetime(2026, 12, 1, 19, tzinfo=UTC)
EVENING = datetime(2026, 12, 2, 4, tzinfo=UTC)
TRAINING = due("training", "2026-12-20")


class Employer:
    """A case with a contact and a champion, at noon on 1 December 2026."""

    def __init__(self, house: House) -> None:
        self.house, self.workflow = house, house.workflow
        self.at(NOON)
        self.ana, self.bo = house.workflow.person("Ana Ng", "ana@inn.example"), self.person("Bo Lee", "bo@inn.example")
        self.case = house.workflow.case(self.ana)
        house.workflow.tell(self.case, "EmployerRegistered", {"contact_id": self.ana})
        self.tell("ChampionNamed", {"person_id": self.bo, "employment": "permanent"}, champion={"person_id": self.bo})
        house.settle()

    def person(self, name: str, email: str) -> str:
        return self.workflow.person(name, email)

    def at(self, now: datetime) -> None:
        self.house.set_clock(now=now.isoformat())
        self.workflow.now = now

    def tell(self, kind: str, fact: Json | None = None, **more: object) -> None:
        self.workflow.tell(self.case, kind, fact, **{"state": "ChampionNamed", **more})  # type: ignore[arg-type]  # an event's parts

    def erase(self, person_id: str) -> None:
        """The workflow erases somebody and says so in its log."""
        self.workflow.erased.add(person_id)
        fact = {"person_id": person_id, "requested_by": "person", "reason_id": person_id}
        self.tell("PersonErased", fact)

    def forgotten(self, person_id: str) -> None:
        eventually(lambda: person_id in self.workflow.confirmed)
        self.house.settle()

    def sent(self, letter: str) -> list[tuple[str, str]]:
        """To whom a letter went, in which part, since it was decided for the first time."""
        found = self.house.reminders(case_id=self.case, letter=letter, status="sent")
        return [(one["recipient_role"], one["recipient"]) for one in found]

    def mail(self) -> str:
        return "".join(file.read_text("utf-8") for file in (self.house.home / "mailbox").glob("*.eml"))


@pytest.fixture
def employer(house: House) -> Employer:
    return Employer(house)


def test_an_erasure_is_confirmed_and_the_copies_are_gone(house: House, employer: Employer) -> None:
    assert "ana@inn.example" in employer.mail()
    house.ask("/v1/opt-outs", method="POST", json={"person_id": employer.ana})

    employer.erase(employer.ana)
    employer.forgotten(employer.ana)

    assert "ana@inn.example" not in employer.mail()
    assert "Ana" not in employer.mail()
    assert "bo@inn.example" in employer.mail()
    assert house.ask("/v1/opt-outs").json()["items"] == []
    assert ("contact", employer.ana) in employer.sent("welcome")  # that there was a letter is still known


def test_dates_go_to_the_other_person_instead_and_to_staff_when_both_are_gone(house: House, employer: Employer) -> None:
    employer.erase(employer.ana)
    employer.tell("TrainingBooked", deadlines=[TRAINING])
    employer.forgotten(employer.ana)
    employer.at(datetime(2026, 12, 14, 19, tzinfo=UTC))
    house.settle()
    reached = employer.sent("deadline_reminder")
    assert reached
    assert set(reached) == {("champion", employer.bo)}

    employer.erase(employer.bo)
    employer.forgotten(employer.bo)
    house.settle()

    [told] = [one for one in house.reminders(letter="deadline_reminder", status="sent") if one["recipient"] == "staff"]
    assert told["because"].endswith("told instead of a person who was erased.")
    employer.at(datetime(2026, 12, 22, 19, tzinfo=UTC))
    assert set(employer.sent("deadline_missed")) == {("staff", "staff")}


def test_news_that_waits_for_somebody_who_is_erased_meanwhile_goes_to_the_next(
    house: House, employer: Employer
) -> None:
    employer.at(EVENING)  # employers are written to in the morning
    employer.tell("CaseClosed", {"reason": "inactive"}, state="Closed", deadlines=[])
    house.settle()
    [waiting] = [one for one in house.reminders(letter="case_closed") if one["recipient"] == employer.ana]
    assert waiting["status"] == "planned"

    employer.erase(employer.ana)
    employer.tell("PersonErased", {"person_id": employer.ana}, state="Closed", deadlines=[])
    employer.forgotten(employer.ana)
    employer.at(datetime(2026, 12, 2, 19, tzinfo=UTC))
    house.settle()

    by_person = {one["recipient"]: one for one in house.reminders(letter="case_closed")}
    assert (by_person[employer.ana]["status"], by_person[employer.ana]["cause"]) == ("skipped", "erased")
    assert by_person[employer.bo]["status"] == "sent"


def test_news_that_nobody_of_the_employer_s_can_be_told_is_told_to_staff(house: House, employer: Employer) -> None:
    for person_id in (employer.bo, employer.ana):
        employer.erase(person_id)
    employer.tell("CaseClosed", {"reason": "inactive"}, state="Closed", deadlines=[])
    employer.forgotten(employer.ana)

    assert set(employer.sent("case_closed")) == {("staff", "staff")}


def test_a_letter_that_meets_the_erasure_before_the_log_tells_of_it_is_not_lost(
    house: House, employer: Employer
) -> None:
    employer.workflow.erased.add(employer.ana)  # the person is gone a moment before we can read the event
    employer.tell("CaseHeld", {"reason_id": "r", "review_on": None}, hold={"since": "2026-12-01"})
    house.settle()
    [met] = [one for one in house.reminders(letter="case_held") if one["recipient"] == employer.ana]
    assert (met["status"], met["cause"]) == ("skipped", "erased")

    employer.erase(employer.ana)
    employer.forgotten(employer.ana)

    assert ("champion", employer.bo) in employer.sent("case_held")


def test_an_erasure_that_could_not_be_confirmed_is_confirmed_later(house: House, employer: Employer) -> None:
    employer.erase(employer.ana)
    employer.workflow.erased.discard(employer.ana)
    house.settle()
    employer.workflow.failing = 503
    house.stop()
    employer.workflow.erased.add(employer.ana)
    employer.erase(employer.bo)
    house.start()
    eventually(lambda: employer.workflow.asked.count("/v1/events") > 3)
    assert employer.bo not in employer.workflow.confirmed

    employer.workflow.failing = None

    eventually(lambda: employer.bo in employer.workflow.confirmed)


def test_who_is_named_after_an_erasure_gets_the_letters(house: House, employer: Employer) -> None:
    employer.erase(employer.ana)
    cy = employer.person("Cy Roe", "cy@inn.example")
    employer.tell("EmployerUpdated", {"contact_id": cy}, contact_id=cy)
    employer.forgotten(employer.ana)

    employer.tell("CaseClosed", {"reason": "inactive"}, state="Closed", deadlines=[])
    house.settle()

    assert ("contact", cy) in employer.sent("case_closed")


def test_what_mail_servers_said_of_their_letters_is_gone_too(house: House, employer: Employer, tmp_path: Path) -> None:
    folder = tmp_path / "dsn"
    (folder / "cur").mkdir(parents=True)
    house.stop()
    house.more = {"dsn_maildir": folder}
    house.start()
    house.settle()
    ids = {one["recipient"]: one["message_id"] for one in house.reminders(status="sent")}
    for person_id in (employer.ana, employer.bo):
        (folder / "cur" / person_id).write_text(f"Message-ID: {ids[person_id]}\n")

    employer.erase(employer.ana)
    employer.forgotten(employer.ana)

    assert [file.name for file in (folder / "cur").iterdir()] == [employer.bo]
