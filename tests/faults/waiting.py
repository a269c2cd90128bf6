"""Waiting for what nobody tells of."""

import asyncio
from collections.abc import Callable

PATIENCE = 100.0
"""Seconds after which the service is said not to go on by itself."""


async def eventually(question: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Ask over and over until it is true."""
    async with asyncio.timeout(seconds):
        while not question():  # noqa: ASYNC110 (counts of others: nobody tells when they change)
            await asyncio.sleep(0.002)
