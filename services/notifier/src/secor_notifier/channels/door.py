"""Whether letters have a way out, for probes: tried seldom, since a mail server may count who knocks."""

import asyncio
import time
from dataclasses import dataclass, field

import aiosmtplib

from secor_notifier.channels.mailbox import Mailbox
from secor_notifier.channels.smtp import Smtp

KEPT_SECONDS = 30.0
PATIENCE_SECONDS = 2.0


@dataclass
class Door:
    """The mail server, or the folder that stands for it."""

    way: Smtp | Mailbox
    _kept: str = ""
    _until: float = 0.0
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def state(self) -> str:
        """`ok`, or what is wrong; as it was a moment ago."""
        async with self._alone:
            if time.monotonic() >= self._until:
                self._kept = await self._knock()
                self._until = time.monotonic() + KEPT_SECONDS
        return self._kept

    async def _knock(self) -> str:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.way.knock()
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            return f"does not answer ({type(error).__name__})"
        return "ok"
