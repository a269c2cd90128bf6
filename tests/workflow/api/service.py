"""A service to test against: running, in sandbox mode, with a key of every role and its own clock."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

import pytest

from secor_workflow.domain.context import Role
from secor_workflow.main import build_rooms, close_rooms, open_rooms
from secor_workflow.settings import Settings
from workflow.api.caller import Caller
from workflow.api.serving import Serving
from workflow.template import WORKFLOW

on_both_engines: Callable[..., Any] = pytest.mark.parametrize("service", ["sqlite", "postgresql"], indirect=True)
"""Marks the core that is promised on PostgreSQL too."""

ROLES = ("staff", "qa_reviewer", "integration", "reader", "notifier", "admin")
"""Every role that has a key without an account."""


def settings_for(database_url: str, **more: Any) -> Settings:  # noqa: ANN401 (settings of every type)
    """Sandbox mode, no sweep of its own accord, and short waits."""
    said = {"SECOR_SANDBOX": True, "database_url": database_url, "sweep_seconds": 3600, "max_wait_seconds": 2}
    return Settings.model_validate({**said, **more})


def first_key(settings: Settings, actor_id: str = "root") -> str:
    """An admin's key, made beside the API as the command line does: somebody must be the first."""

    async def make() -> str:
        rooms = build_rooms(settings)
        try:
            await open_rooms(rooms)
            _, secret = await rooms.keys.create(
                actor_id=actor_id, role=Role.ADMIN, name="first", account=None, by="tests", now=rooms.clock.now()
            )
        finally:
            await close_rooms(rooms)
        assert secret
        return secret

    return asyncio.run(make())


class Service:
    """`with Service(database_url) as service:` and `service.staff.get(…)` asks it over HTTP."""

    def __init__(self, database_url: str, **settings: Any) -> None:  # noqa: ANN401 (settings of every type)
        self._stack = ExitStack()
        if "documents_url" not in settings:
            folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="documents-")))
            settings["documents_url"] = folder.as_uri()
        self.settings = settings_for(database_url, **settings)
        self._accounts = (f"{number:08d}" for number in count(20_000_001))

    def __enter__(self) -> Self:
        WORKFLOW.begin(self.settings.database_url)
        key = first_key(self.settings)
        self.url = self._stack.enter_context(Serving(self.settings)).url
        self.admin = self.caller(key)
        self.nobody = self.caller(None)
        self.staff = self.new_caller("staff", actor_id="clerk")
        self.reviewer = self.new_caller("qa_reviewer", actor_id="reviewer")
        self.integration = self.new_caller("integration", actor_id="training-provider")
        self.reader = self.new_caller("reader", actor_id="dashboard")
        self.notifier = self.new_caller("notifier", actor_id="postman")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def caller(self, key: str | None) -> Caller:
        return self._stack.enter_context(Caller(self.url, key))

    def new_key(self, role: str, **fields: object) -> dict[str, Any]:
        """A key made over HTTP, with its secret under `key`."""
        answer = self.admin.post("/v1/keys", json={"role": role, **fields})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def new_caller(self, role: str, **fields: object) -> Caller:
        return self.caller(self.new_key(role, **fields)["key"])

    def of_role(self, role: str) -> Caller:
        callers = {"staff": self.staff, "qa_reviewer": self.reviewer, "integration": self.integration}
        more = {"reader": self.reader, "notifier": self.notifier, "admin": self.admin}
        return (callers | more)[role]

    def new_account(self) -> str:
        """A WorkSafeBC account that nobody has used."""
        return next(self._accounts)

    def new_employer(self, account: str) -> Caller:
        return self.new_caller("employer", worksafebc_account=account, actor_id=f"employer-{account}")

    # --- time ---

    @property
    def today(self) -> date:
        return date.fromisoformat(self.admin.read("/v1/sandbox/clock")["today"])

    def on(self, days: int) -> str:
        """The local date so many days from today."""
        return (self.today + timedelta(days=days)).isoformat()

    def live_through(self, days: int) -> None:
        """So many days pass, and everything that falls due happens."""
        answer = self.admin.put("/v1/sandbox/clock", json={"advance": f"P{days}D"})
        assert answer.status_code == 200, answer.text
