"""Plays the workflow's side of the contract over real HTTP, from a script which the test writes as it goes."""

import asyncio
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Json = dict[str, Any]
CONTRACTS = Path(__file__).parents[2] / "contracts"
NOTIFIER_KEY = "key-of-the-notifier"
KEYS: dict[str, Json] = {
    NOTIFIER_KEY: {"actor_id": "n", "role": "notifier"},
    "key-of-staff": {"actor_id": "s", "role": "staff"},
    "key-of-admin": {"actor_id": "a", "role": "admin"},
    "key-of-integration": {"actor_id": "i", "role": "integration"},
    "key-of-reader": {"actor_id": "r", "role": "reader"},
    "key-of-employer": {"actor_id": "e", "role": "employer", "worksafebc_account": "200100"},
    "key-of-stranger": {"actor_id": "x", "role": "employer", "worksafebc_account": "999999"},
}
EVENTS = [path.name.removesuffix(".v1.json") for path in sorted((CONTRACTS / "events").glob("*.v1.json"))]
DEADLINES = ["audit_submission", "certificate_expiry", "name_champion", "notice_answer", "qa_decision", "training"]
ELEMENTS = [
    {"code": "leadership", "title": "Management and leadership commitment", "points": 20, "resources": []},
    {
        "code": "hazards",
        "title": "Hazard identification and control",
        "points": 20,
        "resources": [
            {"title": "Hazard form", "url": "https://resources.example/hazards"},
            {"title": "Risk matrix", "url": "https://resources.example/matrix"},
        ],
    },
    {
        "code": "training",
        "title": "Training",
        "points": 10,
        "resources": [{"title": "Orientation checklist", "url": "https://resources.example/orientation"}],
    },
]


def due(name: str, on: str, owner: str = "employer", *, missed: bool = False) -> Json:
    """A deadline as the workflow tells it."""
    steps = ["anchor", "+ some days", f"= {on}"]
    return {"name": name, "due_on": on, "owner": owner, "missed": missed, "anchor": "anchor", "explanation": steps}


@dataclass
class StandIn:
    """One workflow: what it was told to have happened, and how it shall behave."""

    epoch: str = "e1"
    events: list[Json] = field(default_factory=list)
    cases: dict[str, Json] = field(default_factory=dict)
    people: dict[str, Json] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)
    confirmed: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    keys: dict[str, Json] = field(default_factory=lambda: dict(KEYS))
    refusing: dict[str, tuple[str, str]] = field(default_factory=dict)
    packaged: tuple[int | None, ...] = (None,)
    begins_after: int = 0
    """What stands up to here is in an archive."""
    gone: Json | None = None
    failing: int | None = None
    asked: list[str] = field(default_factory=list)
    streamed: list[int] = field(default_factory=list)
    breaks_off_after: int | None = None
    now: datetime | None = None
    closing: bool = False
    _news: threading.Condition = field(default_factory=threading.Condition)

    def person(self, name: str, email: str) -> str:
        person_id = str(uuid4())
        self.people[person_id] = {"person_id": person_id, "name": name, "email": email, "phone": None}
        return person_id

    def case(self, contact_id: str, legal_name: str = "Harbour & Sons Inn <Ltd.>", account: str = "200100") -> str:
        """A case that exists, of which nothing has been told yet."""
        case_id = str(uuid4())
        self.cases[case_id] = {
            "case_id": case_id,
            "state": "Registered",
            "version": 0,
            "employer": {"legal_name": legal_name, "trade_name": None, "worksafebc_account": account, "headcount": 12},
            "contact_id": contact_id,
            "champion": None,
            "self_assessment": {"assessed": 0, "total": 3, "gaps": []},
            "notice": None,
            "audit": None,
            "qa": None,
            "certificate": None,
            "incentive_estimate": None,
            "hold": None,
            "standing": None,
            "deadlines": [],
            "allowed_commands": [],
        }
        return case_id

    def tell(  # noqa: PLR0913 - an event has that many parts
        self,
        case_id: str,
        kind: str,
        fact: Mapping[str, Any] | None = None,
        *,
        state: str | None = None,
        deadlines: list[Json] | None = None,
        at: datetime | None = None,
        **changes: object,
    ) -> str:
        """Something happened: the log grows by one event and the case changes with it. Returns the event's id."""
        with self._news:
            case = self.cases[case_id]
            case |= {"version": case["version"] + 1, **changes}
            case["state"] = state or case["state"]
            case["deadlines"] = case["deadlines"] if deadlines is None else deadlines
            event = self._event(case, kind, dict(fact or {}), at or self.now or datetime.now(UTC))
            self.events.append(event)
            self._news.notify_all()
        return str(event["id"])

    def _event(self, case: Json, kind: str, fact: Json, at: datetime) -> Json:
        return {
            "position": len(self.events) + 1,
            "specversion": "1.0",
            "id": str(uuid4()),
            "source": "/secor/workflow",
            "type": f"ca.go2hr.secor.{kind}.v1",
            "subject": case["case_id"],
            "time": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "dataschema": f"/schemas/{kind}.v1.json",
            "caseversion": case["version"],
            "commandid": str(uuid4()),
            "actor": "someone",
            "actorrole": "employer",
            "policyversion": "2026-01-01",
            "a_field_of_tomorrow": {"x": 1},
            "data": {
                "effective_on": at.date().isoformat(),
                "state": case["state"],
                "fact": fact,
                "deadlines": json.loads(json.dumps(case["deadlines"])),
                "another_field": True,
            },
        }

    def read(self, after: str | None, limit: int, wait: float) -> tuple[list[Json], str] | Json:
        """A page and its cursor, or the problem with the cursor."""
        if after and "." not in after:
            after = f"{self.epoch}.{[event['id'] for event in self.events].index(after) + 1}"
        epoch, position = (after or f"{self.epoch}.0").split(".")
        start = int(position)
        with self._news:
            if epoch != self.epoch or start > len(self.events):
                return self.gone or {"code": "cursor_gone", "last_common": f"{self.epoch}.0"}
            if start < self.begins_after:
                return {"code": "archived", "last_common": f"{self.epoch}.{self.begins_after}"}
            until = time.monotonic() + wait
            while not self.closing and len(self.events) == start and (left := until - time.monotonic()) > 0:
                self._news.wait(min(left, 0.2))
            page = self.events[start : start + limit]
        return page, f"{self.epoch}.{start + len(page)}"

    def app(self) -> Starlette:
        """The service itself; every answer, be it good or bad, comes over HTTP."""
        return Starlette(
            routes=[
                Route("/v1/me", self._me),
                Route("/v1/events", self._events),
                Route("/v1/events/head", self._head),
                Route("/v1/cases", self._cases),
                Route("/v1/cases/{case_id}", self._case),
                Route("/v1/cases/{case_id}/events", self._history),
                Route("/v1/cases/{case_id}/worksafebc-package", self._package),
                Route("/v1/cases/{case_id}/worksafebc-package.zip", self._package_zip),
                Route("/v1/people/{person_id}", self._person),
                Route("/v1/people/{person_id}/erasure/confirmations", self._confirm, methods=["POST"]),
                Route("/v1/texts/{text_id}", self._text),
                Route("/v1/policy", self._policy),
                Route("/v1/machine", self._machine),
            ],
            middleware=[Middleware(BaseHTTPMiddleware, dispatch=self._behave)],
        )

    async def _behave(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        self.asked.append(request.url.path)
        if self.failing:
            return problem(self.failing, "told_to_fail")
        credential = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if credential in self.refusing:
            code, detail = self.refusing[credential]
            return problem(401, code, detail=detail)
        if credential not in self.keys:
            return problem(401, "unauthenticated")
        request.state.caller = self.keys[credential]
        return await call_next(request)

    async def _me(self, request: Request) -> Response:
        return JSONResponse({"name": None, "worksafebc_account": None, **request.state.caller})

    async def _events(self, request: Request) -> Response:
        asked = request.query_params
        if request.headers["Accept"] == "application/x-ndjson":
            return self._whole_log(asked.get("after"))
        limit, wait = int(asked.get("limit", 100)), float(asked.get("wait", 0))
        found = await asyncio.to_thread(self.read, asked.get("after"), limit, wait)
        if isinstance(found, dict):
            return problem(410, **found)
        page, cursor = found
        headers = {"Next-Cursor": cursor, "Link": f'</v1/events?after={cursor}>; rel="next"'}
        return JSONResponse(page, headers=headers, media_type="application/cloudevents-batch+json")

    def _whole_log(self, after: str | None) -> Response:
        """In one answer, which may break off."""
        start = int((after or ".0").split(".")[1])
        lines = [json.dumps(event) + "\n" for event in self.events[start:]]
        self.streamed.append(len(lines))
        return Response("".join(lines)[: self.breaks_off_after], media_type="application/x-ndjson")

    async def _head(self, _request: Request) -> Response:
        position = len(self.events)
        return JSONResponse(
            {"position": position, "cursor": f"{self.epoch}.{position}", "time": "2026-12-01T00:00:00Z"}
        )

    async def _case(self, request: Request) -> Response:
        found = self.cases.get(request.path_params["case_id"])
        account = request.state.caller.get("worksafebc_account")
        if found is None or (account and found["employer"]["worksafebc_account"] != account):
            return problem(404, "not_found")
        return JSONResponse(found)

    async def _cases(self, request: Request) -> Response:
        """All in short, in two pages if there are several."""
        last = {event["subject"]: event["position"] for event in self.events}
        told = [
            {
                "case_id": case_id,
                "state": case["state"],
                "position": last[case_id],
                "earliest_due_on": min((one["due_on"] for one in case["deadlines"]), default=None),
            }
            for case_id, case in sorted(self.cases.items())
            if case_id in last
        ]
        start = int(request.query_params.get("cursor", 0))
        end = start + (len(told) + 1) // 2
        return JSONResponse({"items": told[start:end], "next": str(end) if end < len(told) else None})

    async def _history(self, request: Request) -> Response:
        case_id = request.path_params["case_id"]
        if case_id not in self.cases:
            return problem(404, "not_found")
        return JSONResponse({"items": [one for one in self.events if one["subject"] == case_id], "next": None})

    async def _package(self, request: Request) -> Response:
        case_id = request.path_params["case_id"]
        documents = [{"kind": "audit_tool", "size": size} for size in self.packaged]
        return JSONResponse({"case_id": case_id, "documents": documents})

    async def _package_zip(self, request: Request) -> Response:
        return Response(b"PK of " + request.path_params["case_id"].encode(), media_type="application/zip")

    async def _person(self, request: Request) -> Response:
        return self._kept(self.people, request.path_params["person_id"])

    async def _confirm(self, request: Request) -> Response:
        person_id = request.path_params["person_id"]
        if person_id not in self.erased:
            return problem(404, "not_found")
        assert await request.json() == {"consumer": "notifier"}
        self.confirmed.append(person_id)
        return JSONResponse({"person_id": person_id})

    async def _text(self, request: Request) -> Response:
        texts = {text_id: {"text_id": text_id, "text": text} for text_id, text in self.texts.items()}
        return self._kept(texts, request.path_params["text_id"])

    def _kept(self, things: Mapping[str, Json], thing_id: str) -> Response:
        if thing_id in self.erased:
            return problem(410, "erased")
        return JSONResponse(things[thing_id]) if thing_id in things else problem(404, "not_found")

    async def _policy(self, _request: Request) -> Response:
        deadlines: Json = {name: {"source": "own"} for name in DEADLINES}
        return JSONResponse({"version": "2026-01-01", "elements": ELEMENTS, "courses": [], "deadlines": deadlines})

    async def _machine(self, _request: Request) -> Response:
        transitions = [{"command": "some-command", "events": [event]} for event in EVENTS]
        return JSONResponse({"states": [], "transitions": transitions})


def problem(status: int, code: str, **more: object) -> JSONResponse:
    return JSONResponse({"status": status, "code": code, **more}, status, media_type="application/problem+json")


def days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def days_from(today: date, days: int) -> str:
    return (today + timedelta(days=days)).isoformat()
