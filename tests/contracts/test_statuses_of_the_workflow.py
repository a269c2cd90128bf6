"""Each status that an operation of the workflow declares is really answered; that no other is, every caller watches."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.declared import WORKFLOW, Operation
from databases import PostgresServer
from secor_workflow.documents.condition import Verdict
from secor_workflow.domain.policy import Policies
from secor_workflow.main import build_rooms, close_rooms
from workflow.api.bodies import A_FORM, BODIES
from workflow.api.caller import Caller
from workflow.api.life import Life, a_life, somebody
from workflow.api.service import Service, first_key
from workflow.api.serving import Serving
from workflow.files import XLSX, pdf, xlsx
from workflow.identity.four_eyes import four_eyes

MOST = 20_000
JSON = {"Content-Type": "application/json"}
BYTES = {
    "Content-Type": "application/octet-stream",
    "Content-Digest": "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:",
}
PROVIDER = {"issuer": "http://127.0.0.1:1", "audience": "secor", "roles": {"boss": "admin"}}
A_SUBJECT = {"issuer": PROVIDER["issuer"], "subject": "somebody"}
A_SCORECARD: dict[str, Any] = {"content": xlsx(), "headers": {"Content-Type": XLSX}}
BATCHES = "/v1/commands:batch"
A_BATCH: dict[str, Any] = {"content": b"{}", "headers": {"Content-Type": "application/x-ndjson"}}
HEADERS = {"add_document": BYTES, "parse_scorecard": A_SCORECARD["headers"], "send_batch": A_BATCH["headers"]}


@pytest.fixture(scope="module")
def server(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server of our own, to stop at will."""
    with PostgresServer(postgres.binaries) as own:
        yield own


@pytest.fixture(scope="module", autouse=True)
def everything(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> None:
    """All that may happen to a request happens once."""
    url = server.url(server.create_database())
    with Service(url, max_body_bytes=MOST, oidc=(PROVIDER,)) as service:
        every_command_is_granted(service)
        documents_come_and_go(service)
        a_scorecard_is_read(service)
        asked = Asked(service)
        everything_is_read(service, asked)
        everything_is_refused(service, asked)
        batches_are_refused(service)
        asked_of_two = what_needs_two(service)
        policy = four_eyes(tmp_path_factory.mktemp("policy"))
        with Service(url, oidc=(PROVIDER,), policy_file=policy) as careful:
            it_needs_two(careful, asked_of_two)
        with Service(url, body_seconds=0.05, failures_per_address=1) as hasty:
            everything_is_too_slow_or_too_much(hasty, service, asked)
        server.stop()
        nothing_is_available(service, asked)
        with Serving(service.settings) as beginning, Caller(beginning.url) as anybody:
            anybody.get("/metrics")  # of a process that never had a database there is nothing to tell
        server.start()


class Asked:
    """Requests that are right but for what a test makes wrong."""

    def __init__(self, service: Service) -> None:
        self._closed = a_life(service, "Registered")
        document = self._closed.document()["document_id"]
        self._closed.close()
        contact = self._closed.case()["contact_id"]
        key = service.admin.read("/v1/me")["key_id"]
        self._parts = {"case_id": self._closed.case_id, "person_id": contact, "text_id": contact, "key_id": key}
        self._parts |= {"document_id": document, "number": "1", "code": "not_found", "name": "NoticeFiled.v1"}
        self._register = self._closed.registration()
        self._parts |= {"actor_id": "clerk", "identity_id": str(uuid4())}
        self._own: dict[str, dict[str, Any]] = {"create_key": {"role": "reader"}, "set_clock": {"advance": "PT0S"}}
        self._own |= {"rotate_key": {"overlap": "P1D"}, "link_identity": A_SUBJECT}
        self._own |= {"link_person": {"email": "clerk@example.org"}, "find_people": {"email": "clerk@example.org"}}
        self._own |= {"confirm_erasure": {"consumer": "notifier"}}
        self._parts |= {"approval_id": str(uuid4())}

    def path(self, operation: Operation, **parts: str) -> str:
        return operation.path.format(**(self._parts | parts))

    def body(self, operation: Operation) -> dict[str, Any] | None:
        if "application/json" not in operation.told.get("requestBody", {"content": {}})["content"]:
            return None
        bodies = {slug.replace("-", "_"): body for slug, body in BODIES.items()}
        bodies |= self._own | {"register_employer": self._register}
        return bodies.get(operation.name, {"reason": "Asked."})

    def sent(self, operation: Operation) -> dict[str, Any]:
        """A right request's body, as the client takes it."""
        files = {"add_document": A_FORM, "parse_scorecard": A_SCORECARD, "send_batch": A_BATCH}
        return files.get(operation.name) or {"json": self.body(operation)}

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
    life.do("withdraw-document", document_id=life.document()["document_id"])
    life.submit_audit()
    life.assign_reviewer()
    life.do("return-audit", service.reviewer, notes=[{"text": "More."}])
    (note,) = life.case()["audit"]["notes"]
    life.do("resubmit-audit", life.employer, **life.audit(), answers=[{"note_id": note["note_id"], "text": "Here."}])
    life.do("decide-qa", service.reviewer)
    life.do("forward-to-worksafebc")
    life.do("record-worksafebc-refusal", reason="Premiums are owed.")
    service.admin.get(f"{life.path}/worksafebc-package")
    service.admin.get(f"{life.path}/worksafebc-package.zip")
    service.admin.get(f"{life.path}/worksafebc-package.zip", headers={"If-None-Match": "*"})
    asyncio.run(find_malware(service, service.admin.read(f"{life.path}/documents")["items"][-1]))
    service.admin.get(f"{life.path}/worksafebc-package.zip")
    life.certify()


def what_may_come_between(service: Service) -> None:
    life = a_life(service, "Registered")
    life.do("update-employer", contact=somebody())
    life.do("record-advice", adviser="clerk")
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


def documents_come_and_go(service: Service) -> None:
    life = a_life(service, "Registered")
    documents = f"{life.path}/documents"
    document = life.document()
    life.document()
    content = document["content"]
    for headers in ({"Range": "bytes=0-0"}, {"Range": "bytes=1000000-"}, {}):
        life.employer.get(content, headers=headers)
    infected = life.document("supporting", pdf("infected"))
    asyncio.run(find_malware(service, infected))
    life.employer.get(infected["content"])
    service.admin.post(f"{documents}/{document['document_id']}:erase", json={"reason": "Asked."})
    life.employer.get(content)
    life.hand_in()  # erased for good
    life.hand_in("supporting", b"")
    life.hand_in(headers={"Content-Digest": "?"})
    life.hand_in(headers={"If-Match": '"999"'})
    life.employer.post(documents, content=b"{}", headers=JSON)
    too_large = Policies.load().editions[-1].documents.max_bytes.value + 100_000
    pieces = (bytes(1_000_000) for _ in range(too_large // 1_000_000 + 1))
    query = {"kind": "supporting", "filename": "paper.pdf"}
    life.employer.post(documents, params=query, content=pieces, headers=BYTES)


def a_scorecard_is_read(service: Service) -> None:
    life = a_life(service, "Registered")
    path = f"{life.path}/scorecard:parse"
    life.employer.post(path, **A_SCORECARD)
    life.employer.post(path, files={"file": ("scorecard.xlsx", b"")})
    life.employer.post(path, json={})
    life.employer.post(path, content=b"", headers={"Content-Type": "multipart/form-data"})
    life.employer.post(path, content=bytes(service.settings.max_scorecard_bytes + 1), headers={"Content-Type": XLSX})


async def find_malware(service: Service, document: dict[str, Any]) -> None:
    """As the scanner would, had it looked."""
    rooms = build_rooms(service.settings)
    try:
        case_id, sha256 = UUID(document["case_id"]), document["sha256"]
        await rooms.condition.note_scan(case_id, sha256, Verdict.INFECTED, rooms.clock.now())
    finally:
        await close_rooms(rooms)


def everything_is_read(service: Service, asked: Asked) -> None:
    for operation in WORKFLOW.operations:
        if operation.method == "GET":
            asked.caller(service, operation).get(asked.path(operation))
            asked.caller(service, operation).get(asked.path(operation), headers={"If-None-Match": "*"})
    service.admin.put("/v1/sandbox/clock", json={"advance": "PT0S"})
    key = service.new_key("reader")["key_id"]
    service.admin.post(f"/v1/keys/{key}:rotate")
    service.admin.delete(f"/v1/keys/{key}")
    service.admin.post(f"/v1/keys/{key}:rotate")
    link = service.admin.put("/v1/actors/kim/identities", json=A_SUBJECT).json()["identity_id"]
    service.admin.put("/v1/actors/lee/identities", json=A_SUBJECT)
    service.admin.delete(f"/v1/actors/kim/identities/{link}")
    service.new_key("reader", actor_id="kim")
    service.admin.put("/v1/actors/kim/person", json={"email": "kim@example.org"})
    service.admin.delete("/v1/actors/kim/person")
    life = a_life(service, "Registered")
    person = f"/v1/people/{life.case()['contact_id']}"
    service.admin.post("/v1/people:find", json={"email": "nobody@example.org"})
    service.admin.post(f"{person}:export")
    held = life.do("place-hold", reason="Morgan is ill.")
    for kind, kept in (("people", life.case()["contact_id"]), ("texts", held["event"]["data"]["fact"]["reason_id"])):
        service.admin.get(f"/v1/{kind}/{kept}")
        service.admin.post(f"/v1/{kind}/{kept}:erase", json={"reason": "Asked."})
        service.admin.get(f"/v1/{kind}/{kept}")
    service.admin.post(f"{person}:export")
    service.admin.get(f"{person}/erasure")
    service.notifier.post(f"{person}/erasure/confirmations", json={"consumer": "notifier"})
    service.reader.get("/v1/events", params={"lastEventId": str(uuid4())})
    service.reader.get("/v1/events", headers={"Accept": "image/png"})


def everything_is_refused(service: Service, asked: Asked) -> None:
    unknown = dict.fromkeys(("case_id", "document_id", "person_id", "text_id", "key_id"), str(uuid4()))
    unknown |= {
        "approval_id": str(uuid4()),
        "actor_id": "-",
        "identity_id": str(uuid4()),
        "number": "1000000",
        "code": "none",
        "name": "None",
    }
    for operation in WORKFLOW.operations:
        path, body, caller = asked.path(operation), asked.body(operation), asked.caller(service, operation)
        sent = asked.sent(operation)
        service.nobody.request(operation.method, path, **sent)
        if stranger := asked.stranger(service, operation):
            stranger.request(operation.method, path, **sent)
        if "{" in operation.path:
            caller.request(operation.method, asked.path(operation, **unknown), **sent)
        if operation.name == "add_document":
            caller.request(operation.method, path, **sent)
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
    for path in ("/v1/cases", "/v1/policy", "/v1/scorecard-template.xlsx", "/v1/events", life.path):
        service.reader.get(path, params={"no_such_parameter": "1"})
    listed = ("/v1/refusals", "/v1/people/retention", f"/v1/people/{life.case()['contact_id']}/reads")
    for path in (*(f"{path}?{wrong}" for path in listed for wrong in ("cursor=!", "limit=0")), "/v1/approvals?limit=0"):
        service.admin.get(path)
    service.admin.get("/v1/people/reads?actor_id=root")
    service.admin.get("/v1/people/reads?actor_id=root&cursor=!")
    service.admin.get("/v1/people/reads?actor_id=nobody")
    for path in ("/v1/cases?cursor=!", "/v1/events?after=!", "/v1/events/pages/0"):
        service.reader.get(path)


def batches_are_refused(service: Service) -> None:
    headers = A_BATCH["headers"]
    service.staff.post(BATCHES, content=b"", headers=headers)
    service.staff.post(BATCHES, content=b"{}", headers=JSON)
    service.staff.post(BATCHES, content=b"{}", headers={**headers, "If-Match": '"1"'})
    service.staff.post(BATCHES, content=b"{}\n" * 1001, headers=headers)
    service.staff.post(BATCHES, **A_BATCH)


def what_needs_two(service: Service) -> list[tuple[str, str, dict[str, Any] | None]]:
    """Requests that one admin alone may make, unless the policy asks for four eyes."""
    life = a_life(service, "Registered")
    text = life.do("place-hold", reason="A fire.")["event"]["data"]["fact"]["reason_id"]
    link = service.admin.put("/v1/actors/lou/identities", json=A_SUBJECT).json()["identity_id"]
    service.admin.put("/v1/actors/lou/person", json={"email": "lou@example.org"})
    return [
        ("POST", f"/v1/keys/{service.admin.read('/v1/me')['key_id']}:rotate", {}),
        ("PUT", "/v1/actors/lou/identities", A_SUBJECT | {"subject": "another"}),
        ("DELETE", f"/v1/actors/lou/identities/{link}", None),
        ("PUT", "/v1/actors/lou/person", {"email": "another@example.org"}),
        ("DELETE", "/v1/actors/lou/person", None),
        ("POST", f"/v1/people/{life.case()['contact_id']}:erase", {"reason": "Asked."}),
        ("POST", f"/v1/texts/{text}:erase", {"reason": "Asked."}),
        ("POST", f"{life.path}/documents/{life.document()['document_id']}:erase", {"reason": "Asked."}),
    ]


def it_needs_two(careful: Service, asked: list[tuple[str, str, dict[str, Any] | None]]) -> None:
    """Each waits; of two others one is withdrawn, and one is approved and done."""
    second = careful.caller(first_key(careful.settings, actor_id="second"))
    for method, path, body in asked:
        assert second.request(method, path, json=body).status_code == 202
    withdrawn = careful.admin.post("/v1/keys", json={"role": "admin"}).headers["location"]
    careful.admin.get(withdrawn)
    for caller, verb in ((careful.admin, "approve"), (second, "withdraw"), (second, "approve")):
        caller.post(f"{withdrawn}:{verb}")
    done = careful.admin.post("/v1/keys", json={"role": "admin", "name": "Another"}).headers["location"]
    second.post(f"{done}:approve")
    careful.admin.post("/v1/keys", json={"role": "admin", "name": "Another"})
    second.post(f"{done}:withdraw")


def everything_is_too_slow_or_too_much(hasty: Service, service: Service, asked: Asked) -> None:
    """A body that comes piece by piece, and a stranger who has failed too often."""
    going_on = a_life(service, "Registered")
    for operation in WORKFLOW.operations:
        path = asked.path(operation, case_id=going_on.case_id)
        if "requestBody" in operation.told:
            its_own = operation.told.get("x-roles") == ["employer"]
            caller = hasty.caller((going_on.employer if its_own else asked.caller(service, operation)).key)
            headers = HEADERS.get(operation.name, JSON)
            query = {"kind": "supporting", "filename": "a.pdf"} if operation.name == "add_document" else {}
            caller.request(operation.method, path, params=query, content=piece_by_piece(), headers=headers)
        hasty.nobody.request(operation.method, path)
        hasty.nobody.request(operation.method, path)


def piece_by_piece() -> Iterator[bytes]:
    """A client on a bad line."""
    yield b"{"
    time.sleep(0.1)
    yield b"}"


def nothing_is_available(service: Service, asked: Asked) -> None:
    """A key that is not known yet cannot be looked up, so that nobody is let in and nobody turned away."""
    made_elsewhere = service.caller("secor_made_elsewhere")
    for operation in WORKFLOW.operations:
        made_elsewhere.request(operation.method, asked.path(operation), **asked.sent(operation))


@pytest.mark.parametrize("operation", WORKFLOW.operations, ids=lambda operation: operation.name)
def test_each_status_that_is_declared_is_answered(operation: Operation) -> None:
    assert WORKFLOW.produced[operation.name] == operation.statuses
