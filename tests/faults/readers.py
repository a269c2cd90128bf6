"""Consumers of the feed that read on through every fault, by pages or live, from where they were."""

import asyncio
import json
import random
from collections.abc import Sequence
from contextlib import suppress

import httpx

from faults.waiting import eventually
from loopback import NO_TLS

BREATH = 0.1
WAIT_SECONDS = 1
AWAY = httpx.codes.SERVICE_UNAVAILABLE


class Reader:
    """Follows the feed from a cursor on, at whichever worker answers."""

    def __init__(self, urls: Sequence[str], key: str, cursor: str, *, seed: int = 2) -> None:
        self.texts: list[str] = []
        self.cursor = cursor
        self._urls, self._chance = list(urls), random.Random(seed)
        self._lines = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {key}"}, timeout=10, verify=NO_TLS, trust_env=False
        )
        self._task = asyncio.create_task(self._follow(), name=type(self).__name__)

    async def reaches(self, number: int, seconds: float) -> None:
        """Return once it has so many events; or has ended, or time is over: what is missing is not for it to say."""
        with suppress(TimeoutError):
            await eventually(lambda: len(self.texts) >= number or self._task.done(), seconds)
        if self._task.done():
            self._task.result()

    async def close(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._lines.aclose()

    async def _follow(self) -> None:
        while True:
            with suppress(httpx.TransportError):
                await self._read(self._chance.choice(self._urls))
            await asyncio.sleep(BREATH)

    async def _read(self, url: str) -> None:
        raise NotImplementedError


class PageReader(Reader):
    """By long polls, a page at a time, by `Next-Cursor`."""

    async def _read(self, url: str) -> None:
        while True:
            query: dict[str, str | int] = {"after": self.cursor, "limit": 200, "wait": WAIT_SECONDS}
            answer = await self._lines.get(f"{url}/v1/events", params=query)
            if answer.status_code == AWAY:
                return
            answer.raise_for_status()
            self.texts += [json.dumps(event) for event in answer.json()]
            self.cursor = answer.headers["next-cursor"]


class LiveReader(Reader):
    """By server-sent events, resumed by `Last-Event-ID`."""

    async def _read(self, url: str) -> None:
        headers = {"Accept": "text/event-stream", "Last-Event-ID": self.cursor}
        async with self._lines.stream("GET", f"{url}/v1/events", headers=headers) as answer:
            if answer.status_code == AWAY:
                return
            answer.raise_for_status()
            frame: dict[str, str] = {}
            async for line in answer.aiter_lines():
                name, _, value = line.partition(": ")
                if line:
                    frame[name] = value
                    continue
                self._take(frame)
                frame = {}

    def _take(self, frame: dict[str, str]) -> None:
        """A whole frame, and only a whole one, moves the cursor."""
        if "data" in frame:
            self.texts.append(frame["data"])
        self.cursor = frame["id"]
