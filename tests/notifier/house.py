"""The notifier as its users meet it: served over HTTP, with a workflow to read and letters to look at."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from pydantic import SecretStr

from notifier.serving import Serving
from notifier.stand_in import NOTIFIER_KEY, Json, StandIn
from notifier.template import NOTIFIER
from secor_notifier.main import create_app
from secor_notifier.settings import Settings

PATIENCE = 15.0
ADMIN = "key-of-admin"
# One for all questions: making a client costs more than asking.
CLIENT = httpx.Client(timeout=30, limits=httpx.Limits(max_keepalive_connections=0))


def eventually(question: Callable[[], Any], patience: float = PATIENCE) -> Any:  # noqa: ANN401 - whatever is asked for
    """The first true answer to a question asked over and over."""
    until = time.monotonic() + patience
    while not (answer := question()):
        if time.monotonic() > until:
            raise AssertionError(f"It did not happen within {patience} s.")
        time.sleep(0.02)
    return answer


@dataclass
class House:
    """`with House(...) as house:` both services run; the workflow may be taken away and brought back."""

    home: Path
    database_url: str
    workflow: StandIn = field(default_factory=StandIn)
    mail_url: str | None = None
    more: Json = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)
    _workflow_served: Serving | None = None
    _served: Serving | None = None

    def __enter__(self) -> Self:
        self.bring_workflow_back()
        NOTIFIER.begin(self.database_url)
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.take_workflow_away()

    @property
    def settings(self) -> Settings:
        assert self._workflow_served
        given: Json = {
            "home": self.home,
            "sandbox": True,
            "database_url": self.database_url,
            "workflow_url": self._workflow_served.url,
            "workflow_key": SecretStr(NOTIFIER_KEY),
            "tick_seconds": 0.1,
            "poll_seconds": 0,
            **({"mail_url": SecretStr(self.mail_url)} if self.mail_url else {}),
            **self.more,
        }
        return Settings(**given)

    def start(self) -> None:
        self._served = Serving(create_app(self.settings)).__enter__()

    def stop(self) -> None:
        if self._served:
            self._served.__exit__(None, None, None)
            self._served = None

    def take_workflow_away(self) -> None:
        self.workflow.closing = True
        if self._workflow_served:
            self._workflow_served.__exit__(None, None, None)

    def bring_workflow_back(self) -> None:
        self.workflow.closing = False
        port = self._workflow_served.port if self._workflow_served else 0
        self._workflow_served = Serving(self.workflow.app(), port).__enter__()

    @property
    def url(self) -> str:
        assert self._served
        return self._served.url

    def ask(self, path: str, *, key: str | None = ADMIN, method: str = "GET", **more: Any) -> httpx.Response:  # noqa: ANN401
        assert self._served
        headers = {**({"Authorization": f"Bearer {key}"} if key else {}), **more.pop("headers", {})}
        return CLIENT.request(method, self._served.url + path, headers=headers, **more)

    def set_clock(self, **wish: str) -> str:
        """Returns when all is done that was due at that time."""
        answer = self.ask("/v1/sandbox/clock", method="PUT", json=wish)
        assert answer.status_code == 200, answer.text
        now: str = answer.json()["now"]
        return now

    def settle(self) -> None:
        """Everything told so far is read, decided and tried."""
        self.set_clock(advance="PT0S")

    def reminders(self, **wanted: str) -> list[Json]:
        """All but the staff's digests, which come with the days."""
        items: list[Json] = self.ask("/v1/reminders", params={"limit": 500, **wanted}).json()["items"]
        return [one for one in items if one["kind"] != "digest"]

    def letters(self) -> list[EmailMessage]:
        """The mailbox in order."""
        files = sorted(file for file in (self.home / "mailbox").glob("*.eml") if "staff_digest" not in file.name)
        return [message_from_bytes(file.read_bytes(), EmailMessage, policy=default) for file in files]


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body
    return str(body.get_content())


def html_of(message: EmailMessage) -> str:
    body = message.get_body(("html",))
    assert body
    return str(body.get_content())
