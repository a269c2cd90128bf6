"""The case that `make smoke` plays: who asks, what is sent, and what both services say of it."""

import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date, timedelta
from typing import Any, Self
from uuid import uuid4

import httpx

import papers

Json = dict[str, Any]
Address = str
PATIENCE_SECONDS = 60


class Unlike(Exception):  # noqa: N818 (it is no error of the program's)
    """Something is not as it should be."""


class Patient(httpx.HTTPTransport):
    """Asks again, for a while, if nobody is there to answer: the idempotency key makes that safe."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = super().handle_request(request)
            except httpx.TransportError:
                if time.monotonic() > end:
                    raise
            else:
                if answer.status_code not in {502, 503, 504} or time.monotonic() > end:
                    return answer
                answer.close()
            time.sleep(0.5)


class SmokeCase:
    """A case of its own, and a key for everybody who has to do with it."""

    def __init__(self, http: ExitStack, workflow: str, notifier: str, mail: str, admin_key: str) -> None:
        self._http, self._workflow = http, workflow
        self.admin = self._client(workflow, admin_key)
        self.account = f"9{time.time_ns() // 1_000_000 % 10**9:09}"
        self.name = f"Smoke Test {self.account}"
        self.contact = {"name": "Morgan Reed", "email": f"morgan.{self.account}@example.com"}
        self.champion = {"name": "Robin Marsh", "email": f"robin.{self.account}@example.com"}
        self.staff, self.reader = self._of_role("staff"), self._of_role("reader")
        self.integration, self.reviewer = self._of_role("integration"), self._of_role("qa_reviewer")
        self.employer = self._of_role("employer", worksafebc_account=self.account)
        self.reviewer_id: str = ok(self.reviewer.get("/v1/me"), "who the reviewer is").json()["actor_id"]
        self.notifier = self._client(notifier, admin_key)
        self._mail = http.enter_context(httpx.Client(base_url=mail, timeout=10, transport=Patient()))
        self.sandbox = self.admin.get("/v1/sandbox/clock").is_success
        self.policy: Json = ok(self.admin.get("/v1/policy"), "the policy").json()
        self.course: str = self.policy["courses"][0]["code"]
        self.case_id = ""
        self.today = date.min

    @classmethod
    def at(cls, environment: Mapping[str, str], admin_key: str) -> Self:
        """Where the ports are published."""
        ports = {"PORT_WORKFLOW": 8000, "PORT_NOTIFIER": 8001, "PORT_MAIL": 8025}
        places = [f"http://127.0.0.1:{environment.get(name) or port}" for name, port in ports.items()]
        workflow, notifier, mail = places
        return cls(ExitStack(), workflow, notifier, mail, admin_key)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    # --- commands ---------------------------------------------------------------------------------------------------

    def register(self) -> None:
        employer = {
            "legal_name": self.name,
            "worksafebc_account": self.account,
            "classification_units": ["761056"],
            "headcount": 12,
        }
        body = {"employer": employer, "contact": self.contact, "terms_accepted": True}
        answer = ok(self._post(self.employer, "/v1/cases", body), "register").json()
        self.case_id = answer["case"]["case_id"]
        self.today = date.fromisoformat(answer["event"]["data"]["effective_on"])

    def send(self, command: str, body: Json | None = None, *, by: httpx.Client | None = None) -> None:
        ok(self._post(by or self.employer, f"/v1/cases/{self.case_id}/commands/{command}", body or {}), command)

    def refused(self, command: str, body: Json, code: str) -> None:
        problem = self._post(self.employer, f"/v1/cases/{self.case_id}/commands/{command}", body).json()
        if problem.get("code") != code:
            raise Unlike(f"{command} should be refused with {code}, not answered with {problem}")

    def hand_in(self, kind: str, name: str, content: bytes) -> Json:
        form: Any = {"data": {"kind": kind}, "files": {"file": (name, content)}}
        key = {"Idempotency-Key": str(uuid4())}
        found: Json = ok(self.employer.post(f"/v1/cases/{self.case_id}/documents", headers=key, **form), name).json()
        return found

    def assessment(self) -> Json:
        return {"elements": [{"code": element["code"], "status": "in_place"} for element in self.policy["elements"]]}

    def audit(self, start: date) -> Json:
        """Nine points out of ten everywhere, and the two files that belong to it."""
        card = [(element["code"], 9, 10) for element in self.policy["elements"]]
        handed = [
            self.hand_in("audit_tool", "audit.pdf", papers.audit_tool("SECOR Audit Tool", self.name)),
            self.hand_in("scorecard", "scorecard.xlsx", papers.scorecard(card)),
        ]
        return {
            "started_on": str(start),
            "ended_on": str(start + timedelta(days=1)),
            "scorecard": [{"code": code, "earned": points, "available": of} for code, points, of in card],
            "documents": [{"kind": one["kind"], "document_id": one["document_id"]} for one in handed],
        }

    def advance(self, days: int) -> None:
        """A sandbox's clocks go on, with everything that falls due meanwhile."""
        for client in (self.admin, self.notifier):
            ok(client.put("/v1/sandbox/clock", json={"advance": f"P{days}D"}), "advance the clock")

    # --- what came of it --------------------------------------------------------------------------------------------

    def state(self) -> str:
        state: str = ok(self.staff.get(f"/v1/cases/{self.case_id}"), "the case").json()["state"]
        return state

    def head(self) -> int:
        position: int = ok(self.reader.get("/v1/events/head"), "the head").json()["position"]
        return position

    def events(self) -> list[Json]:
        found: list[Json] = ok(self.staff.get(f"/v1/cases/{self.case_id}/events"), "its events").json()["items"]
        return found

    def letters(self) -> list[Json]:
        """Every letter that was decided for this case, with what became of it."""
        query = {"case_id": self.case_id, "limit": "500"}
        found: list[Json] = ok(self.notifier.get("/v1/reminders", params=query), "its letters").json()["items"]
        return found

    def mailbox(self) -> list[Address]:
        """To whom the letters in the mail catcher went."""
        caught = ok(self._mail.get("/api/v1/messages", params={"limit": 1000}), "the mail catcher").json()["messages"]
        return [to["Address"] for letter in caught for to in letter["To"]]

    # --- HTTP -------------------------------------------------------------------------------------------------------

    def _of_role(self, role: str, **more: str) -> httpx.Client:
        body = {"role": role, "name": f"smoke {self.account}", **more}
        made = ok(self._post(self.admin, "/v1/keys", body), f"a key for {role}").json()
        return self._client(self._workflow, made["key"])

    def _client(self, url: str, key: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"}
        return self._http.enter_context(httpx.Client(base_url=url, headers=headers, timeout=30, transport=Patient()))

    def _post(self, client: httpx.Client, path: str, body: Json) -> httpx.Response:
        return client.post(path, json=body, headers={"Idempotency-Key": str(uuid4())})


def ok(answer: httpx.Response, what: str) -> httpx.Response:
    """The answer, if it is a good one."""
    if not answer.is_success:
        raise Unlike(f"{what}: {answer.status_code} {answer.text}")
    return answer
