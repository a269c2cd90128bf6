"""A notifier that lives in a process of its own and kills itself at a point which the test names."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from forking import CONTEXT
from notifier.stand_in import NOTIFIER_KEY, Json
from secor_notifier.channels.smtp import Smtp, _Client
from secor_notifier.ledger import Ledger, Outbox
from secor_notifier.main import create_app
from secor_notifier.settings import Settings
from secor_notifier.workflow import Reads

POINTS: dict[str, tuple[type, str, bool]] = {
    "before a page is taken": (Ledger, "take", False),
    "after a page is taken": (Ledger, "take", True),
    "before it is planned": (Ledger, "owe", False),
    "after it is planned": (Ledger, "owe", True),
    "after the lease": (Outbox, "lease", True),
    "after the case was asked": (Reads, "case", True),
    "before the attempt is written down": (Outbox, "begin", False),
    "after the attempt was written down": (Outbox, "begin", True),
    "when the mail server has the recipient": (_Client, "data", False),
    "when the mail server has the letter": (_Client, "data", True),
    "after the hand-over": (Smtp, "send", True),
    "after the outcome was written down": (Outbox, "sent", True),
}
"""Steps on the way of a letter: of which class, which method, and whether before or after it."""
NEEDS_ROWS = {"lease"}


def start(home: Path, database_url: str, workflow_url: str, mail_url: str, point: str | None) -> Any:  # noqa: ANN401 (a process)
    given = {"home": str(home), "database_url": database_url, "workflow_url": workflow_url, "mail_url": mail_url}
    process = CONTEXT.Process(target=live, args=(given, point), daemon=True)
    process.start()
    return process


def live(given: Json, point: str | None) -> None:
    """Until killed, by itself or from outside."""
    if point:
        _die_at(*POINTS[point])
    asyncio.run(_live(given))


async def _live(given: Json) -> None:
    wanted: Json = given | {
        "mail_url": SecretStr(given["mail_url"]),
        "workflow_key": SecretStr(NOTIFIER_KEY),
        "sandbox": True,
        "lease_seconds": 1,
        "tick_seconds": 0.05,
        "poll_seconds": 0,
    }
    app = create_app(Settings(**wanted))
    async with app.router.lifespan_context(app):
        await asyncio.Event().wait()


def _die_at(owner: type, method: str, after: bool) -> None:  # noqa: FBT001 (as the table says it)
    original: Callable[..., Awaitable[Any]] = getattr(owner, method)

    async def deadly(*args: Any, **more: Any) -> Any:  # noqa: ANN401 (whatever it was)
        if not after and method not in NEEDS_ROWS:
            _die()
        found = await original(*args, **more)
        if found or method not in NEEDS_ROWS:
            # A lease of nothing is no step of a letter.
            _die()
        return found

    setattr(owner, method, deadly)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
