"""The notifier reads on over events, fields and types that only a later workflow knows."""

from pathlib import Path

from notifier.house import House
from notifier.stand_in import due


def test_unknown_fields_and_unknown_types_never_stop_it(tmp_path: Path) -> None:
    with House(tmp_path, f"sqlite:///{tmp_path / 'notifier.db'}") as house:
        workflow = house.workflow
        contact = workflow.person("Ana Ng", "ana@inn.example")
        case = workflow.case(contact)
        workflow.tell(case, "EmployerRegistered", {"contact_id": contact, "of_tomorrow": [1]})
        workflow.tell(case, "SomethingOfTheFuture", {"x": {"y": None}}, state="StateOfTheFuture")
        workflow.events[-1] |= {"type": "org.elsewhere.Thing", "datacontenttype": "application/json+new", "new": True}
        workflow.events[-1]["data"]["deadlines"] = [{**due("of_tomorrow", "2030-01-01", "somebody_new"), "new": 1}]
        workflow.tell(case, "NoticeAccepted", state="NoticeFiled", deadlines=[])
        house.settle()

        assert house.ask("/v1/cursor").json()["lag"] == 0
        assert {"welcome", "notice_accepted"} <= {one["letter"] for one in house.reminders()}
