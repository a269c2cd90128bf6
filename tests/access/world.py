"""Both services, running, with two employers who have all there is to see, and a caller of every role."""

from contextlib import ExitStack
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from uuid import uuid4

import httpx
from pydantic import SecretStr

import secor_notifier.main as notifier
from contracts.declared import NOTIFIER
from loopback import NO_TLS
from notifier.serving import Serving
from secor_notifier.settings import Settings
from secor_notifier.way_out import Kind, Leaving
from workflow.api.life import Life, a_life
from workflow.api.service import Service
from workflow.identity.four_eyes import four_eyes
from workflow.identity.provider import KEYCLOAK_ROLES, Provider

Side = Literal["own", "other"]
Ids = dict[str, str]
MAKERS = ("staff", "integration", "admin", "employer")
"""Whoever makes webhooks or calendars."""


class World:
    """`with World(folder) as world:` and `world.caller("workflow", "staff")` asks it over HTTP."""

    def __init__(self, folder: Path) -> None:
        self._stack = ExitStack()
        self._folder = folder

    def __enter__(self) -> Self:
        provider = self.provider = self._stack.enter_context(Provider())
        url = f"sqlite:///{self._folder / 'workflow.db'}"
        policy = four_eyes(self._folder, "erasure")  # so that there are requests which wait for another admin
        self.service = self._stack.enter_context(Service(url, oidc=(provider.settings(),), policy_file=policy))
        self.lives: dict[Side, Life] = {"own": self._life(), "other": self._life()}
        self.spare = self._spare()
        self._start_notifier()
        self.soon = f"{self.service.on(10)}T08:00:00Z"
        self.common: Ids = {
            "number": "1",
            "actor_id": "walked",
            "identity_id": str(uuid4()),
            "key_id": str(uuid4()),
            "code": "not_found",
            "name": "NoticeFiled.v1",
            "letter": "welcome",
            "issuer": provider.issuer,
            "soon": self.soon,
        }
        self.ids: dict[Side, Ids] = {side: self._ids(life) for side, life in self.lives.items()}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _life(self) -> Life:
        """A case that has everything which can be read."""
        life = a_life(self.service, "QAPassed")
        life.do("place-hold", reason="Fire.")
        return life

    def _spare(self) -> Ids:
        """What admins may erase: nobody else looks at it."""
        life = a_life(self.service, "Registered")
        hold = life.do("place-hold", reason="Flood.")["case"]["hold"]
        return {
            "case_id": life.case_id,
            "person_id": life.case()["contact_id"],
            "text_id": hold["reason_id"],
            "document_id": life.document()["document_id"],
        }

    def _start_notifier(self) -> None:
        told: dict[str, Any] = {
            "home": self._folder,
            "sandbox": True,
            "workflow_url": self.service.url,
            "workflow_key": SecretStr(self.service.notifier.key or ""),
            "poll_seconds": 0,
        }
        self.notifier_app = notifier.create_app(Settings(**told))
        self._notifier = self._stack.enter_context(Serving(self.notifier_app))
        now = self.service.admin.read("/v1/sandbox/clock")["now"]
        answer = self.caller("notifier", "admin").put("/v1/sandbox/clock", json={"now": now})
        assert answer.status_code == 200, answer.text

    # --- who asks ---

    def caller(self, service: str, role: str, side: Side = "own") -> httpx.Client:
        """Somebody with a key of this role; an employer is one of the two."""
        return self.with_key(service, self.key(role, side))

    def nobody(self, service: str) -> httpx.Client:
        return self.with_key(service, None)

    @cache  # noqa: B019 (there is one world)
    def bearer(self, service: str, role: str) -> httpx.Client:
        """Somebody with a token of this role; an employer is of the account of the own case."""
        (name,) = (claim for claim, known in KEYCLOAK_ROLES.items() if known == role)
        account = self.lives["own"].account if role == "employer" else None
        token = self.provider.token(sub=f"walker-{role}", realm_access={"roles": [name]}, worksafebc_account=account)
        return self.with_key(service, token)

    @cache  # noqa: B019 (there is one world)
    def key(self, role: str, side: Side = "own") -> str:
        """A key of this role."""
        if role == "employer":
            return self.lives[side].employer.key or ""
        known = self.service.of_role(role).key if side == "own" else None
        return known or str(self.service.new_key(role, actor_id=f"another-{role}")["key"])

    @cache  # noqa: B019 (there is one world)
    def with_key(self, service: str, key: str | None) -> httpx.Client:
        """Whoever has this credential."""
        if service == "workflow":
            return self.service.caller(key)
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        hooks = {"response": [_as_declared]}
        client = httpx.Client(
            base_url=self._notifier.url, headers=headers, timeout=30, verify=NO_TLS, event_hooks=hooks
        )
        return self._stack.enter_context(client)

    # --- what is asked for ---

    def _ids(self, life: Life) -> Ids:
        """What stands on a case, by the names that paths have for it."""
        case = life.case()
        admin = self.caller("notifier", "admin")
        reminders = admin.get("/v1/reminders", params={"case_id": life.case_id}).json()["items"]
        sent = next(one for one in reminders if one["message_id"] and one["status"] == "sent")
        return {
            "case_id": life.case_id,
            "account": life.account,
            "person_id": case["contact_id"],
            "text_id": case["hold"]["reason_id"],
            "document_id": case["audit"]["documents"][0]["document_id"],
            "reminder_id": sent["reminder_id"],
            "message_id": sent["message_id"],
            "token": self.notifier_app.state.rooms.way_out.token(Leaving(case["contact_id"], Kind.REMINDERS)),
        }

    def made(self, role: str, side: Side) -> Ids:
        """A webhook that was told something, and a calendar, made by somebody of this role."""
        maker = role if role in MAKERS else "admin"
        return self._made(maker, side)

    @cache  # noqa: B019 (there is one world)
    def _made(self, role: str, side: Side) -> Ids:
        case_id = self.ids[side]["case_id"]
        calendar = _post(self.caller("notifier", role, side), "/v1/calendars", {"case_id": case_id})
        token = {"calendar_token": calendar["url"].rpartition("/")[2].removesuffix(".ics")}
        calendar_id = {"calendar_id": calendar["calendar_id"]}
        return token | calendar_id | (self.webhook(role, side) if role != "employer" else self._made("admin", side))

    def webhook(self, role: str, side: Side) -> Ids:
        """A new one; nobody listens at its address."""
        client = self.caller("notifier", role, side)
        endpoint = _post(client, "/v1/webhooks", {"url": "http://127.0.0.1:9/", "events": ["CaseClosed"]})[
            "endpoint_id"
        ]
        return {"endpoint_id": endpoint, "delivery_id": _post(client, f"/v1/webhooks/{endpoint}:ping")["delivery_id"]}

    def approval(self) -> Ids:
        """What another admin asked for, and a second one is to approve."""
        wish = {"reason": f"Asked for, {uuid4()}."}
        asked = _post(self.caller("workflow", "admin", "other"), f"/v1/texts/{self.spare['text_id']}:erase", wish)
        return {"approval_id": asked["approval_id"]}

    @cache  # noqa: B019 (there is one world)
    def erased(self) -> Ids:
        """The spare person, erased by four eyes."""
        asks, approves = (self.caller("workflow", "admin", side) for side in ("other", "own"))
        path, wish = f"/v1/people/{self.spare['person_id']}:erase", {"reason": "Asked for.", "requested_by": "person"}
        _post(approves, f"/v1/approvals/{_post(asks, path, wish)['approval_id']}:approve")
        _post(asks, path, wish)
        return {"person_id": self.spare["person_id"]}

    def people(self) -> set[str]:
        """Every name and e-mail address of the two cases."""
        found = set()
        for life in self.lives.values():
            case = life.case()
            for person_id in (case["contact_id"], case["champion"]["person_id"]):
                person = self.service.admin.read(f"/v1/people/{person_id}")
                found |= {person["name"], person["email"]}
        return found


def _as_declared(answer: httpx.Response) -> None:
    answer.read()
    NOTIFIER.holds(answer)


def _post(client: httpx.Client, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.is_success, answer.text
    made: dict[str, Any] = answer.json()
    return made
