"""Two notifiers on one PostgreSQL: one reads and plans, both send, one takes over; each letter goes out once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from notifier.house import House, eventually
from notifier.stand_in import StandIn, due
from secor_notifier import planning, sending

NOON = datetime(2026, 12, 1, 19, tzinfo=UTC)


def register(workflow: StandIn, name: str) -> None:
    contact = workflow.person(name, "someone@inn.example")
    deadlines = [due("name_champion", "2026-11-25")]
    workflow.tell(workflow.case(contact), "EmployerRegistered", {"contact_id": contact}, deadlines=deadlines)


def stands_by(house: House) -> bool:
    def said() -> str | None:
        return next((one for one in ("ok", "standing by") if one == _workflow(house)), None)

    return bool(eventually(said) == "standing by")


def _workflow(house: House) -> object:
    return house.ask("/readyz").json().get("checks", {}).get("workflow")


def test_the_second_takes_over_when_the_first_ends(tmp_path: Path, postgres_url: str) -> None:
    workflow = StandIn(now=NOON)
    with House(tmp_path, postgres_url, workflow) as first:
        eventually(lambda: _workflow(first) == "ok")
        first.set_clock(now=NOON.isoformat())
        with House(tmp_path, postgres_url, workflow) as second:
            eventually(lambda: _workflow(second) == "standing by")
            assert second.ask("/v1/sandbox/clock", method="PUT", json={"advance": "P1D"}).json()["code"] == "not_active"

            register(workflow, "Ana Ng")
            eventually(lambda: len(second.reminders(status="sent")) == 3)
            first.set_clock(advance="PT1H")
            hour = first.ask("/v1/sandbox/clock").json()["now"][:13]
            eventually(lambda: second.ask("/v1/sandbox/clock").json()["now"].startswith(hour))
            first.stop()
            register(workflow, "Bo Lee")
            eventually(lambda: len(second.reminders(status="sent")) == 6)

            assert len(second.letters()) == 6
            assert {one["attempts"] for one in second.reminders()} <= {0, 1}


def test_one_persons_reminders_of_a_day_go_out_as_one_letter_whoever_sends(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planned in several steps, leased in several, and two who look every moment whether there is anything to send."""
    monkeypatch.setattr(planning, "BATCH", 4)
    monkeypatch.setattr(sending, "BATCH", 3)
    workflow = StandIn(now=NOON)
    contact = workflow.person("Ana Ng", "ana@inn.example")
    with (
        House(tmp_path, postgres_url, workflow, more={"tick_seconds": 0.01}) as first,
        House(tmp_path, postgres_url, workflow, more={"tick_seconds": 0.01}) as second,
    ):
        active, other = sorted((first, second), key=stands_by)
        active.set_clock(now=NOON.isoformat())
        for _ in range(12):
            deadlines = [due("sms", "2026-12-14")]
            workflow.tell(workflow.case(contact), "CaseOpened", {"contact_id": contact}, deadlines=deadlines)
        active.settle()
        active.set_clock(now="2026-12-07T12:00:00-07:00")
        eventually(lambda: len(other.reminders(status="sent")) == 12)

        assert len({one["message_id"] for one in other.reminders()}) == 1
        assert len(active.letters()) == 1
