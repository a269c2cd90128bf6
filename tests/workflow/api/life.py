"""A certification case as it is led over HTTP, step by step, by those whose step it is."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx

from workflow.api.service import Service
from workflow.files import pdf, xlsx

ELEMENTS = (
    "management", "hazards", "procedures", "inspections", "investigation", "training", "administration",
    "representation",
)  # fmt: skip
COURSE = "secor-internal-auditor"


def employer_of(account: str, **more: object) -> dict[str, Any]:
    return {
        "legal_name": f"Larch House {account} Ltd.",
        "trade_name": "The Larch",
        "worksafebc_account": account,
        "classification_units": ["761035"],
        "headcount": 7.5,
        **more,
    }


def somebody(first: str = "Ada", **more: object) -> dict[str, Any]:
    """A person whom no other has the address of."""
    token = uuid4().hex[:12]
    return {"name": f"{first} Quillfeather-{token}", "email": f"{first.lower()}.{token}@example.org", **more}


def scorecard(earned: int = 90, **other: int) -> list[dict[str, Any]]:
    """So many of 100 points for each element, but for those named otherwise."""
    return [{"code": code, "earned": other.get(code, earned), "available": 100} for code in ELEMENTS]


def documents() -> list[dict[str, str]]:
    """Those that an audit needs; nobody has handed them in."""
    return [{"kind": kind, "document_id": str(uuid4())} for kind in ("audit_tool", "scorecard")]


class Life:
    """One case. `send` asks for a command and gives the answer; `do` insists that it is granted."""

    def __init__(self, service: Service, *, account: str | None = None) -> None:
        self.service = service
        self.account = account or service.new_account()
        self.employer = service.new_employer(self.account)
        self.case_id = ""

    @property
    def path(self) -> str:
        return f"/v1/cases/{self.case_id}"

    def registration(self, **employer: object) -> dict[str, Any]:
        details = employer_of(self.account, **employer)
        return {"employer": details, "contact": somebody("Grace", phone="604 555 0199"), "terms_accepted": True}

    def register(self, **employer: object) -> dict[str, Any]:
        answer = self.employer.post("/v1/cases", json=self.registration(**employer))
        assert answer.status_code == 201, answer.text
        registered: dict[str, Any] = answer.json()
        self.case_id = registered["case"]["case_id"]
        return registered

    def send(
        self,
        command: str,
        by: httpx.Client | None = None,
        headers: dict[str, str] | None = None,
        **body: Any,  # noqa: ANN401 (any JSON)
    ) -> httpx.Response:
        """The answer to a command; by staff if nobody else is named."""
        return (by or self.service.staff).post(f"{self.path}/commands/{command}", json=body, headers=headers)

    def do(self, command: str, by: httpx.Client | None = None, **body: Any) -> dict[str, Any]:  # noqa: ANN401 (any JSON)
        answer = self.send(command, by, **body)
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done

    def case(self, **query: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever a query holds)
        """The case as staff sees it."""
        found: dict[str, Any] = self.service.staff.read(self.path, **query)
        return found

    def history(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.service.staff.read(f"{self.path}/events")["items"]
        return items

    # --- the steps of a straight life ---

    def name_champion(self) -> dict[str, Any]:
        return self.do("name-champion", self.employer, person=somebody(), employment="permanent")

    def record_training(self) -> dict[str, Any]:
        on = self.service.on(0)
        return self.do("record-training", self.service.integration, course=COURSE, completed_on=on)

    def assess(self, **gaps: str) -> dict[str, Any]:
        elements = [{"code": code, "status": gaps.get(code, "in_place")} for code in ELEMENTS]
        return self.do("record-self-assessment", self.employer, elements=elements)

    def declare_sms(self) -> dict[str, Any]:
        self.assess()
        return self.do("declare-sms", self.employer)

    def notice(self, starts_in: int = 14, lasts: int = 1) -> dict[str, Any]:
        return {
            "audit_kind": "certification",
            "starts_on": self.service.on(starts_in),
            "ends_on": self.service.on(starts_in + lasts),
            "sites": [{"name": "Main house", "city": "Tofino"}],
        }

    def file_notice(self) -> dict[str, Any]:
        return self.do("file-notice", self.employer, **self.notice())

    def hand_in(
        self,
        kind: str = "supporting",
        content: bytes | None = None,
        name: str = "paper.pdf",
        by: httpx.Client | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """The answer to a form with a small file; by the employer if nobody else is named."""
        file = (name, pdf(kind) if content is None else content)
        path = f"{self.path}/documents"
        return (by or self.employer).post(path, data={"kind": kind}, files={"file": file}, headers=headers)

    def document(
        self, kind: str = "supporting", content: bytes | None = None, name: str = "paper.pdf"
    ) -> dict[str, Any]:
        """A document that is there now, and may have been before."""
        answer = self.hand_in(kind, content, name)
        assert answer.is_success, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def documents(self) -> list[dict[str, str]]:
        """Those that an audit needs, handed in."""
        there = [self.document("audit_tool"), self.document("scorecard", xlsx(), "scorecard.xlsx")]
        return [{"kind": document["kind"], "document_id": document["document_id"]} for document in there]

    def audit(self, earned: int = 90, **other: int) -> dict[str, Any]:
        """The audit done as the notice says, its documents handed in."""
        notice = self.case()["notice"]
        return {
            "started_on": notice["starts_on"],
            "ended_on": notice["ends_on"],
            "scorecard": scorecard(earned, **other),
            "documents": self.documents(),
        }

    def submit_audit(self, earned: int = 90, **other: int) -> dict[str, Any]:
        self.service.live_through(15)
        return self.do("submit-audit", self.employer, **self.audit(earned, **other))

    def assign_reviewer(self) -> dict[str, Any]:
        return self.do("assign-reviewer", reviewer="reviewer")

    def decide(self) -> dict[str, Any]:
        self.assign_reviewer()
        return self.do("decide-qa", self.service.reviewer)

    def fail(self) -> dict[str, Any]:
        self.assign_reviewer()
        return self.do("decide-qa", self.service.reviewer, scorecard=scorecard(90, hazards=49))

    def certify(self) -> dict[str, Any]:
        self.do("forward-to-worksafebc")
        issued = {"certificate_number": "SECOR-1", "issued_on": self.service.on(0)}
        return self.do("record-certificate", self.service.integration, **issued)

    def close(self) -> dict[str, Any]:
        return self.do("close", reason="inactive")


STRAIGHT: dict[str, Callable[[Life], object]] = {
    "Registered": Life.register,
    "ChampionNamed": Life.name_champion,
    "Trained": Life.record_training,
    "SMSDeveloped": Life.declare_sms,
    "NoticeFiled": Life.file_notice,
    "AuditSubmitted": Life.submit_audit,
    "QAPassed": Life.decide,
    "Certified": Life.certify,
    "Closed": Life.close,
}
"""The state that each step of a straight life leads to."""

STATES = (*list(STRAIGHT)[:7], "QAFailed", *list(STRAIGHT)[7:])


def a_life(service: Service, state: str) -> Life:
    """A new case, led to a state."""
    life = Life(service)
    if state == "Closed":
        life.register()
        life.close()
    elif state == "QAFailed":
        _lead(life, "AuditSubmitted")
        life.fail()
    else:
        _lead(life, state)
    assert life.case()["state"] == state
    return life


def _lead(life: Life, state: str) -> None:
    for reached, step in STRAIGHT.items():
        step(life)
        if reached == state:
            return
