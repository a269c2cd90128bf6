"""What the walk sends to each route: the OpenAPI example, and the ids of a case; what these cannot say stands here."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import uuid4

from access.world import Ids, Side, World
from secor_notifier.settings import PACKAGED_RULES
from workflow.api.life import employer_of, somebody
from workflow.files import pdf

JSON = "application/json"
HERE = "tests/access/asked.py"
NOTICE = {"delivery": "failed", "status": "5.1.1"}


class NothingToSendError(Exception):
    """Nobody said how to ask for this route."""


@dataclass(frozen=True)
class Said:
    """What must be said of a route beside its example. Words in braces are the ids of what is asked for."""

    ids: Callable[[World], Ids] = lambda _world: {}
    fresh: Callable[[World, str], Ids] = lambda _world, _role: {}
    """Ids of something new, for whoever is let in and uses it up."""
    query: Ids = field(default_factory=dict)
    body: Any = None
    parts: Callable[[World, Ids], dict[str, Any]] = lambda _world, _ids: {}
    """Of a request whose body is no JSON."""


def _key(world: World, _role: str = "") -> Ids:
    return {"key_id": str(world.service.new_key("reader")["key_id"])}


def _identity(world: World, _role: str) -> Ids:
    subject = {"issuer": world.provider.issuer, "subject": str(uuid4())}
    answer = world.service.admin.put("/v1/actors/walked/identities", json=subject)
    return {"identity_id": answer.json()["identity_id"]}


def _silence(world: World, _role: str = "") -> Ids:
    wish = {"matcher": {"deadline": "idle"}, "until": world.soon, "comment": "The walk."}
    answer = world.caller("notifier", "admin").post("/v1/silences", json=wish)
    return {"silence_id": answer.json()["silence_id"]}


def _opt_out(world: World, _role: str) -> Ids:
    somebody_s = {"person_id": str(uuid4())}
    world.caller("notifier", "admin").post("/v1/opt-outs", json=somebody_s)
    return somebody_s


def _calendar(world: World, role: str) -> Ids:
    calendar = {"case_id": world.ids["own"]["case_id"]}
    return {"calendar_id": world.caller("notifier", role).post("/v1/calendars", json=calendar).json()["calendar_id"]}


def _scorecard(world: World, _ids: Ids) -> dict[str, Any]:
    template = world.service.admin.get("/v1/scorecard-template.xlsx")
    return {"content": template.content, "headers": {"Content-Type": template.headers["Content-Type"]}}


def _person(world: World, _role: str = "") -> Ids:
    world.service.new_key("reader", actor_id="walked")  # whose address it is can be said of somebody known alone
    world.service.admin.put("/v1/actors/walked/person", json={"email": "walked@example.org"})
    return {"actor_id": "walked"}


def _batch(_world: World, ids: Ids) -> dict[str, Any]:
    line = {"command": "place-hold", "case_id": ids["case_id"], "body": {"reason": "Storm."}, "dry_run": True}
    return {"content": json.dumps(line), "headers": {"Content-Type": "application/x-ndjson"}}


def _confirmed(world: World) -> Ids:
    return world.erased() | {"consumer": "notifier"}


def _consumer(_world: World, role: str) -> Ids:
    """Everybody confirms under a name of their own."""
    return {"consumer": "notifier" if role == "notifier" else "warehouse"}


ERASED = Said(ids=World.erased)
ERASES = Said(ids=lambda world: world.spare)
OF_THE_CASE = Said(query={"case_id": "{case_id}"})
NO_TIME = Said(body={"advance": "PT0S"})

SAID: dict[str, dict[str, Said]] = {
    "workflow": {
        "list_cases": Said(query={"q": "{account}"}),
        "register_employer": Said(
            query={"dry_run": "true"},
            body={"employer": employer_of("{account}"), "contact": somebody(), "terms_accepted": True},
        ),
        "add_document": Said(
            parts=lambda _world, _ids: {"data": {"kind": "supporting"}, "files": {"file": ("paper.pdf", pdf())}}
        ),
        "parse_scorecard": Said(parts=_scorecard),
        "send_batch": Said(parts=_batch),
        "_unknown": Said(ids=lambda _world: {"command": "miss-deadline"}),
        "read_key": Said(ids=_key),
        "rotate_key": Said(fresh=_key),
        "revoke_key": Said(fresh=_key),
        "create_key": Said(body={"role": "reader"}),
        "link_identity": Said(body={"issuer": "{issuer}", "subject": "walked"}),
        "unlink_identity": Said(fresh=_identity),
        "erase_person": ERASES,
        "erase_text": ERASES,
        "erase_document": ERASES,
        "read_erasure": ERASED,
        "confirm_erasure": Said(ids=_confirmed, fresh=_consumer, body={"consumer": "{consumer}"}),
        "link_person": Said(ids=_person),
        "list_reads_of_actor": Said(query={"actor_id": "root"}),
        "unlink_person": Said(fresh=_person),
        "read_approval": Said(ids=World.approval),
        "approve_request": Said(ids=World.approval),
        "withdraw_request": Said(ids=World.approval),
        "set_clock": NO_TIME,
        "asset": Said(ids=lambda _world: {"name": "start.js"}),
    },
    "notifier": {
        "list_reminders": OF_THE_CASE,
        "list_upcoming": OF_THE_CASE,
        "preview_letter": OF_THE_CASE,
        "simulate_rules": Said(body={"rules": PACKAGED_RULES.read_text("utf-8"), "days": 1, "case_id": "{case_id}"}),
        "create_silence": Said(body={"matcher": {"case_id": "{case_id}"}, "until": "{soon}", "comment": "The walk."}),
        "read_silence": Said(ids=_silence),
        "change_silence": Said(ids=_silence, body={"until": "{soon}", "comment": "The walk."}),
        "end_silence": Said(ids=_silence),
        "opt_out": Said(body={"person_id": "{person_id}"}),
        "opt_in": Said(fresh=_opt_out),
        "report_delivery": Said(body={"message_id": "{message_id}", **NOTICE}),
        "create_webhook": Said(body={"url": "http://127.0.0.1:9/", "events": ["CaseClosed"]}),
        "delete_webhook": Said(fresh=lambda world, role: world.webhook(role, "own")),
        "create_calendar": Said(body={"case_id": "{case_id}"}),
        "revoke_calendar": Said(fresh=_calendar),
        "read_calendar": Said(ids=lambda world: {"token": world.made("admin", "own")["calendar_token"]}),
        "set_clock": NO_TIME,
        "asset": Said(ids=lambda _world: {"name": "start.js"}),
    },
}


@dataclass(frozen=True)
class Route:
    """A route of a service, and how it is asked for."""

    world: World
    service: str
    method: str
    path: str
    name: str
    told: dict[str, Any] | None
    """What the OpenAPI document says of it, with the components it speaks of."""
    components: dict[str, Any]

    @cached_property
    def said(self) -> Said:
        return SAID[self.service].get(self.name, Said())

    @cached_property
    def _own_ids(self) -> Ids:
        return self.said.ids(self.world)

    def ids(self, role: str, side: Side, *, let_in: bool) -> Ids:
        """The ids of what somebody asks for."""
        made = self.world.made(role, side) if self.service == "notifier" else {}
        fresh = self.said.fresh(self.world, role) if let_in else {}
        return self.world.common | self.world.ids[side] | made | self._own_ids | fresh

    def request(self, ids: Ids) -> dict[str, Any]:
        """The request for these, as the client takes it. Raises NothingToSendError."""
        query, parts = dict(self.said.query), self.said.parts(self.world, ids)
        if "x-command" in (self.told or {}) and not parts:
            query["dry_run"] = "true"
        return {
            "method": self.method,
            "url": self._filled(self.path, ids),
            "params": {name: self._filled(value, ids) for name, value in query.items()},
            **(parts or self._json(ids)),
        }

    def _json(self, ids: Ids) -> dict[str, Any]:
        if self.said.body is not None:
            return {"json": self._filled(self.said.body, ids)}
        if "requestBody" not in (self.told or {}):
            return {}
        content = (self.told or {})["requestBody"]["content"].get(JSON, {})
        model = self.components["schemas"].get(content.get("schema", {}).get("$ref", "").rpartition("/")[2], {})
        examples = [content[name] for name in ("example",) if name in content] or model.get("examples", [])
        if not examples:
            raise NothingToSendError(f"{self} has no body for the walk, and no example: add it in {HERE}.")
        return {"json": examples[0]}

    def _filled(self, value: Any, ids: Ids) -> Any:  # noqa: ANN401 (any JSON)
        if isinstance(value, dict):
            return {name: self._filled(part, ids) for name, part in value.items()}
        if isinstance(value, list):
            return [self._filled(part, ids) for part in value]
        if not isinstance(value, str) or "\n" in value:
            return value
        try:
            return value.format_map(ids)
        except KeyError as missing:
            raise NothingToSendError(f"{self} needs {missing} of the walk: add it in {HERE} or world.py.") from None

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path} ({self.name})"
