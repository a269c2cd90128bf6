"""Each status that an operation of the workflow declares is really answered; that no other is, every caller watches."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from contracts.declared import WORKFLOW, Operation
from databases import PostgresServer
from workflow.api.bodies import BODIES
from workflow.api.caller import Caller
from workflow.api.life import Life, a_life, somebody
from workflow.api.service import Service

MOST = 20_000
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server of our own, to stop at will."""
    with PostgresServer(postgres.binaries) as own:
        yield own


@pytest.fixture(scope="module", autouse=True)
def everything(server: PostgresServer) -> None:
    """All that may happen to a request happens once."""
    with Service(server.url(server.create_database()), max_body_bytes=MOST) as service:
        every_command_is_granted(service)
        asked = Asked(service)
        everything_is_read(service, asked)
        everything_is_refused(service, asked)
        server.stop()
        nothing_is_available(service, asked)
        server.start()


class Asked:
    """Requests that are right but for what a test makes wrong."""

    def __init__(self, service: Service) -> None:
        self._closed = a_life(service, "Closed")
        contact = self._closed.case()["contact_id"]
        key = service.admin.read("/v1/me")["key_id"]
        self._parts = {"case_id": self._closed.case_id, "person_id": contact, "text_id": contact, "key_id": key}
        self._parts |= {"number": "1", "code": "not_found", "name": "NoticeFiled.v1"}
        self._register = self._closed.registration()
        self._own = {"create_key": {"role": "reader"}, "set_clock": {"advance": "PT0S"}}

    def path(self, operation: Operation, **parts: str) -> str:
        return operation.path.format(**(self._parts | parts))

    def body(self, operation: Operation) -> dict[str, Any] | None:
        if "requestBody" not in operation.told:
            return None
        bodies = {slug.replace("-", "_"): body for slug, body in BODIES.items()}
        bodies |= self._own | {"register_employer": self._register}
        return bodies.get(operation.name, {"reason": "Asked."})

    def caller(self, service: Service, operation: Operation) -> Caller:
        """Somebody who may."""
        roles = operation.told.get("x-roles", ["admin"])
        return (
            self._closed.employer
            if roles == ["employer"]
            else service.of_role(next(r for r in roles if r != "employer"))
        )

    def stranger(self, service: Service, operation: Operation) -> Caller | None:
        """Somebody who may not, if there is such a role."""
        everybody = ("employer", "reader", "notifier", "integration")
        role = next((role for role in everybody if role not in operation.told.get("x-roles", everybody)), None)
        return self._closed.employer if role == "employer" else service.of_role(role) if role else None


def every_command_is_granted(service: Service) -> None:
    for tell in (a_straight_life, what_may_come_between, ends):
        tell(service)


def a_straight_life(service: Service) -> None:
    life = Life(service)
    life.employer.post("/v1/cases?dry_run=true", json=life.registration())
    life.register()
    life.name_champion()
    life.do("replace-champion", person=somebody(), employment="owner", reason="Away.")
    life.do("enrol-in-training", course="secor-internal-auditor", starts_on=service.on(1))
    life.record_training()
    life.declare_sms()
    life.file_notice()
    life.do("accept-notice")
    life.do("amend-notice", **life.notice())
    life.submit_audit()
    life.assign_reviewer()
    life.do("return-audit", service.reviewer, notes=[{"text": "More."}])
    (note,) = life.case()["audit"]["notes"]
    life.do("resubmit-audit", life.employer, **life.audit(), answers=[{"note_id": note["note_id"], "text": "Here."}])
    life.do("decide-qa", service.reviewer)
    life.do("forward-to-worksafebc")
    life.do("record-worksafebc-refusal", reason="Premiums are owed.")
    service.admin.get(f"{life.path}/worksafebc-package")
    life.certify()


def what_may_come_between(service: Service) -> None:
    life = a_life(service, "Registered")
    life.do("update-employer", contact=somebody())
    life.do("record-standing", good=True, as_of=service.on(0))
    life.do("place-hold", reason="A fire.")
    life.do("release-hold")
    life.do("extend-deadline", deadline="name_champion", due_on=service.on(300), reason="A flood.")


def ends(service: Service) -> None:
    a_life(service, "NoticeFiled").do("refuse-notice", reason="Too soon.")
    a_life(service, "NoticeFiled").do("cancel-notice", reason="We renovate.")
    life = a_life(service, "AuditSubmitted")
    life.assign_reviewer()
    life.do("reject-audit", service.reviewer, reason="Unreadable.")
    life = a_life(service, "Registered")
    life.do("withdraw", life.employer, reason="Sold.")
    a_life(service, "QAFailed").close()


def everything_is_read(service: Service, asked: Asked) -> None:
    for operation in WORKFLOW.operations:
        if operation.method == "GET":
            asked.caller(service, operation).get(asked.path(operation))
            asked.caller(service, operation).get(asked.path(operation), headers={"If-None-Match": "*"})
    service.admin.put("/v1/sandbox/clock", json={"advance": "PT0S"})
    key = service.new_key("reader")["key_id"]
    service.admin.delete(f"/v1/keys/{key}")
    life = a_life(service, "Registered")
    held = life.do("place-hold", reason="Morgan is ill.")
    for kind, kept in (("people", life.case()["contact_id"]), ("texts", held["event"]["data"]["fact"]["reason_id"])):
        service.admin.get(f"/v1/{kind}/{kept}")
        service.admin.post(f"/v1/{kind}/{kept}:erase", json={"reason": "Asked."})
        service.admin.get(f"/v1/{kind}/{kept}")
    service.reader.get("/v1/events", params={"lastEventId": str(uuid4())})
    service.reader.get("/v1/events", headers={"Accept": "image/png"})


def everything_is_refused(service: Service, asked: Asked) -> None:
    unknown = dict.fromkeys(("case_id", "person_id", "text_id", "key_id"), str(uuid4()))
    unknown |= {"number": "1000000", "code": "none", "name": "None"}
    for operation in WORKFLOW.operations:
        path, body, caller = asked.path(operation), asked.body(operation), asked.caller(service, operation)
        service.nobody.request(operation.method, path, json=body)
        if stranger := asked.stranger(service, operation):
            stranger.request(operation.method, path, json=body)
        if "{" in operation.path:
            caller.request(operation.method, asked.path(operation, **unknown), json=body)
        if body is None:
            continue
        caller.request(operation.method, path, json={**body, "no_such_field": 1})
        caller.request(operation.method, path, content="{", headers=JSON)
        caller.request(operation.method, path, content="{}", headers={"Content-Type": "text/plain"})
        caller.request(operation.method, path, content=" " * (MOST + 1), headers=JSON)
        if "x-command" in operation.told:
            caller.request(operation.method, path, json=body, headers={"If-Match": '"999"'})
            caller.request(operation.method, path, json=body)
    life = a_life(service, "Registered")
    life.employer.post("/v1/cases", json=life.registration())
    for path in ("/v1/cases", "/v1/policy", "/v1/events", life.path):
        service.reader.get(path, params={"no_such_parameter": "1"})
    for path in ("/v1/cases?cursor=!", "/v1/events?after=!", "/v1/events/pages/0"):
        service.reader.get(path)


def nothing_is_available(service: Service, asked: Asked) -> None:
    """A key that is not known yet cannot be looked up, so that nobody is let in and nobody turned away."""
    made_elsewhere = service.caller("secor_made_elsewhere")
    for operation in WORKFLOW.operations:
        made_elsewhere.request(operation.method, asked.path(operation), json=asked.body(operation))


@pytest.mark.parametrize("operation", WORKFLOW.operations, ids=lambda operation: operation.name)
def test_each_status_that_is_declared_is_answered(operation: Operation) -> None:
    assert WORKFLOW.produced[operation.name] == operation.statuses
