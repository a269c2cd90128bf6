"""A change of the contract that would break a client is caught before it is released; what is only added passes."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from baseline import BASELINE, CONTRACTS, broken
from breaking import breaks

Change = Callable[[dict[str, Any]], object]
WORKFLOW = (CONTRACTS / "workflow.openapi.json").read_text("utf-8")
FILE_NOTICE = "/v1/cases/{case_id}/commands/file-notice"


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """The contract as it stands, as if it had been released."""
    return Path(shutil.copytree(CONTRACTS, tmp_path / "released", ignore=shutil.ignore_patterns("baseline")))


@pytest.fixture
def working(tmp_path: Path) -> Path:
    """The same contract, to change."""
    return Path(shutil.copytree(CONTRACTS, tmp_path / "working", ignore=shutil.ignore_patterns("baseline")))


def change(file: Path, how: Change) -> None:
    document = json.loads(file.read_text("utf-8"))
    how(document)
    file.write_text(json.dumps(document), "utf-8")


def operation(document: dict[str, Any], path: str = FILE_NOTICE, method: str = "post") -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][path][method]
    return found


def parameter(document: dict[str, Any], path: str, name: str) -> dict[str, Any]:
    return next(one for one in operation(document, path, "get")["parameters"] if one.get("name") == name)


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def fields(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = schema(document, name)["properties"]
    return found


def new_needed_field(document: dict[str, Any]) -> None:
    fields(document, "FileNotice")["fee"] = {"type": "string"}
    schema(document, "FileNotice")["required"].append("fee")


NEW_PARAMETER = {"name": "tenant", "in": "query", "schema": {"type": "string"}}

BREAKING: dict[str, tuple[Change, str]] = {
    "a path removed": (lambda d: d["paths"].pop("/v1/machine"), "/v1/machine: the path is gone"),
    "a method removed": (lambda d: d["paths"]["/v1/keys"].pop("post"), "POST /v1/keys: the method is gone"),
    "an operation renamed": (lambda d: operation(d).update(operationId="send_notice"), "the operation was file_notice"),
    "a field of an answer removed": (lambda d: fields(d, "CaseView").pop("hold"), "/hold: the field is gone"),
    "a field of an answer renamed": (
        lambda d: fields(d, "HeadView").update(place=fields(d, "HeadView").pop("position")),
        "/position: the field is gone",
    ),
    "a field of an answer retyped": (
        lambda d: fields(d, "HeadView").update(position={"type": "string"}),
        "/position: the type was integer and is string",
    ),
    "a field of an answer that may be null now": (
        lambda d: fields(d, "HeadView").update(cursor={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        "/cursor: the type was string and is null",
    ),
    "a field of an answer that may be missing now": (
        lambda d: schema(d, "HeadView")["required"].remove("time"),
        "/time: the field may be missing now",
    ),
    "another format in an answer": (
        lambda d: fields(d, "HeadView")["time"].update(format="date"),
        "/time: the format was date-time and is date",
    ),
    "a value of an answer's enumeration removed": (
        lambda d: fields(d, "CaseView")["state"]["enum"].remove("QAPassed"),
        "/state: the value QAPassed is gone",
    ),
    "a value of a request's enumeration removed": (
        lambda d: fields(d, "KeyRequest")["role"]["enum"].remove("reader"),
        "/role: the value reader is gone",
    ),
    "a field of a request removed": (lambda d: fields(d, "FileNotice").pop("scope"), "/scope: the field is gone"),
    "a new field that must be sent": (new_needed_field, "FileNotice/fee: the field must be sent now"),
    "an old field that must be sent now": (
        lambda d: schema(d, "FileNotice")["required"].append("scope"),
        "/scope: the field must be sent now",
    ),
    "a shorter text in a request": (
        lambda d: fields(d, "ExtendDeadline")["deadline"].update(maxLength=30),
        "/deadline: maxLength was 60 and is 30",
    ),
    "a longer text needed in a request": (
        lambda d: fields(d, "ExtendDeadline")["deadline"].update(minLength=2),
        "/deadline: minLength was None and is 2",
    ),
    "a smaller number in a request": (
        lambda d: fields(d, "Employer")["headcount"].update(maximum=100),
        "/headcount: maximum was 1000000 and is 100",
    ),
    "fewer items in a request": (
        lambda d: fields(d, "FileNotice")["sites"].update(maxItems=1),
        "/sites: maxItems was 50 and is 1",
    ),
    "another pattern in a request": (
        lambda d: fields(d, "Employer")["worksafebc_account"].update(pattern="^[0-9]{8}$"),
        "/worksafebc_account: pattern was ^[0-9]{6,10}$ and is ^[0-9]{8}$",
    ),
    "a request's type changed": (
        lambda d: fields(d, "RecordStanding").update(good={"type": "string"}),
        "/good: the type was boolean and is string",
    ),
    "null no longer taken": (
        lambda d: fields(d, "FileNotice").update(scope={"type": "string", "maxLength": 200}),
        "/scope: the type was null and is string",
    ),
    "only some values taken": (
        lambda d: fields(d, "ExtendDeadline")["deadline"].update(enum=["training"]),
        "/deadline: only some values are taken now",
    ),
    "a text that is an object now": (
        lambda d: schema(d, "Text").update(type="object"),
        "the type was string and is object",
    ),
    "a parameter removed": (
        lambda d: operation(d, "/v1/cases", "get")["parameters"].remove(parameter(d, "/v1/cases", "q")),
        "query parameter q: the parameter is gone",
    ),
    "a new parameter that must be sent": (
        lambda d: operation(d)["parameters"].append({**NEW_PARAMETER, "required": True}),
        "query parameter tenant: a parameter that must be sent is new",
    ),
    "a parameter that must be sent now": (
        lambda d: parameter(d, "/v1/cases", "q").update(required=True),
        "query parameter q: the parameter must be sent now",
    ),
    "a parameter narrowed": (
        lambda d: parameter(d, "/v1/events", "limit")["schema"].update(maximum=100),
        "query parameter limit: maximum was 1000 and is 100",
    ),
    "a header no longer taken": (
        lambda d: operation(d)["parameters"].remove({"$ref": "#/components/parameters/If-Match"}),
        "header parameter If-Match: the parameter is gone",
    ),
    "a header no longer given": (
        lambda d: operation(d)["responses"]["200"]["headers"].pop("ETag"),
        "200: the header ETag is gone",
    ),
    "a body that must be sent now": (
        lambda d: operation(d, "/v1/cases/{case_id}/commands/declare-sms")["requestBody"].update(required=True),
        "a body must be sent now",
    ),
    "a media type no longer given": (
        lambda d: operation(d, "/v1/events", "get")["responses"]["200"]["content"].pop("text/event-stream"),
        "200: text/event-stream is gone",
    ),
    "a success removed": (
        lambda d: operation(d, "/v1/cases")["responses"].pop("201"),
        "POST /v1/cases: 201 is gone",
    ),
    "a class of answers removed": (
        lambda d: operation(d)["responses"].pop("503"),
        "no 5xx is left",
    ),
    "a key needed where none was": (
        lambda d: operation(d, "/livez", "get").update(security=[{"apiKey": []}]),
        "GET /livez: a key is needed now",
    ),
    "a role shut out": (lambda d: operation(d)["x-roles"].remove("employer"), "the role employer may no longer"),
    "a problem's member removed": (lambda d: fields(d, "ProblemView").pop("code"), "/code: the field is gone"),
}  # fmt: skip


def new_value(document: dict[str, Any]) -> None:
    fields(document, "CaseView")["state"]["enum"].append("Suspended")
    fields(document, "KeyRequest")["role"]["enum"].append("auditor")


ADDING: dict[str, Change] = {
    "a path": lambda d: d["paths"].update({"/v1/new": d["paths"]["/v1/machine"]}),
    "a method": lambda d: d["paths"]["/v1/machine"].update(head=operation(d, "/v1/machine", "get")),
    "a field of an answer": lambda d: fields(d, "CaseView").update(colour={"type": "string"}),
    "a field that may be sent": lambda d: fields(d, "FileNotice").update(fee={"type": "string"}),
    "a field that no longer must be sent": lambda d: schema(d, "FileNotice")["required"].remove("sites"),
    "a parameter that may be sent": lambda d: operation(d)["parameters"].append(NEW_PARAMETER),
    "a value": new_value,
    "a wider text": lambda d: fields(d, "ExtendDeadline")["deadline"].update(maxLength=600),
    "any number": lambda d: fields(d, "Employer")["headcount"].pop("maximum"),
    "another refusal": lambda d: operation(d)["responses"].update({"423": operation(d)["responses"]["409"]}),
    "a role": lambda d: operation(d)["x-roles"].append("integration"),
    "a media type": lambda d: operation(d)["responses"]["200"]["content"].update({"text/html": {}}),
    "other words": lambda d: operation(d).update(summary="Send in the notice.", description="", tags=["new"]),
}


def test_the_contract_keeps_what_the_last_release_promised() -> None:
    assert list(broken(BASELINE, CONTRACTS)) == []


def test_a_contract_breaks_nothing_of_itself(released: Path, working: Path) -> None:
    assert list(broken(released, working)) == []


@pytest.mark.parametrize(("how", "says"), BREAKING.values(), ids=BREAKING)
def test_it_is_caught(how: Change, says: str) -> None:
    old, new = json.loads(WORKFLOW), json.loads(WORKFLOW)
    how(new)

    assert any(says in sentence for sentence in breaks(old, new))


@pytest.mark.parametrize("how", ADDING.values(), ids=ADDING)
def test_it_may_be_added(how: Change) -> None:
    old, new = json.loads(WORKFLOW), json.loads(WORKFLOW)
    how(new)

    assert list(breaks(old, new)) == []


def test_the_notifiers_contract_is_watched_too(released: Path, working: Path) -> None:
    change(working / "notifier.openapi.json", lambda d: fields(d, "ReminderShape").pop("reason"))

    assert "notifier.openapi.json: ReminderShape/reason: the field is gone" in broken(released, working)


def test_an_event_type_may_come_but_not_go(released: Path, working: Path) -> None:
    events = working / "events"
    shutil.copy(events / "CaseClosed.v1.json", events / "CaseReopened.v1.json")
    assert list(broken(released, working)) == []

    (events / "CaseClosed.v1.json").unlink()

    assert list(broken(released, working)) == ["events/CaseClosed.v1.json: the event is gone"]


def test_a_field_of_an_event_may_come_but_not_go(released: Path, working: Path) -> None:
    notice = working / "events" / "NoticeFiled.v1.json"
    change(notice, lambda d: d["$defs"]["NoticeFiled"]["properties"].update(fee={"type": "string"}))
    assert list(broken(released, working)) == []

    change(notice, lambda d: d["$defs"]["NoticeFiled"]["properties"].pop("lead_days"))

    assert list(broken(released, working)) == ["events/NoticeFiled.v1.json: NoticeFiled/lead_days: the field is gone"]
