"""Two notifiers on one PostgreSQL: one reads and plans, both send, one takes over; each letter goes out once."""

from datetime import UTC, datetime
from pathlib import Path

from notifier.house import House, eventually
from notifier.stand_in import StandIn, due

NOON = datetime(2026, 12, 1, 19, tzinfo=UTC)


def register(workflow: StandIn, name: str) -> None:
    contact = workflow.person(name, "someone@inn.example")
    deadlines = [due("name_champion", "2026-11-25")]
    workflow.tell(workflow.case(contact), "EmployerRegistered", {"contact_id": contact}, deadlines=deadlines)


def test_the_second_takes_over_when_the_first_ends(tmp_path: Path, postgres_url: str) -> None:
    workflow = StandIn(now=NOON)
    with House(tmp_path, postgres_url, workflow) as first:
        eventually(lambda: first.ask("/readyz").json().get("checks", {}).get("workflow") == "ok")
        first.set_clock(now=NOON.isoformat())
        with House(tmp_path, postgres_url, workflow) as second:
            eventually(lambda: second.ask("/readyz").json().get("checks", {}).get("workflow") == "standing by")
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
