"""The load: clients that send a command again, under the same key, until they are told what became of it."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

from faults.waiting import PATIENCE, eventually
from feed.commands import Employer
from loopback import NO_TLS

CLIENTS = 16
ON_A_CASE = 2
"""Clients that send commands on the same case, so that decisions meet."""
TWICE = 0.05
"""The share of commands that are sent to two workers at the same moment."""
BREATH = 0.1
SOME = 10

OTHER_DAY = (409, "effective_date_wrong")
"""The worker's clock stands on the day before the case began: another one knows better."""
COME_AGAIN = {(503, "unavailable"), (409, "request_in_progress"), OTHER_DAY}


@dataclass
class Told:
    """What clients know of their commands."""

    acknowledged: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The event with which each key was answered."""
    answers: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    """Requests that broke off without an answer."""

    @property
    def number(self) -> int:
        return len(self.acknowledged)

    def hear(self, key: str, event: dict[str, Any]) -> None:
        """A command was granted; the same key is never answered with two events."""
        assert self.acknowledged.setdefault(key, event) == event, f"{key} became two events"


class Load:
    """`async with Load(urls, key) as load:` and commands are sent until its end, where each has its answer."""

    def __init__(self, urls: Sequence[str], key: str, *, clients: int = CLIENTS, seed: int = 1) -> None:
        self.told = Told()
        self._urls, self._chance = list(urls), random.Random(seed)
        self._lines = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE, verify=NO_TLS, trust_env=False
        )
        self._employers = [Employer() for _ in range(clients // ON_A_CASE)]
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._case(employer), name="case") for employer in self._employers]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopping = True
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(*self._tasks)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._lines.aclose()

    async def grows_by(self, number: int) -> None:
        """Return once so many more commands are acknowledged; fail if a client met what it should not."""
        wanted = self.told.number + number
        await self._until(lambda: self.told.number >= wanted)

    async def is_turned_away(self, times: int = SOME, *, since: int | None = None) -> None:
        """Return once so many more commands were answered with 503 than there were."""
        wanted = (self.told.answers[503] if since is None else since) + times
        await self._until(lambda: self.told.answers[503] >= wanted)

    async def _until(self, question: Callable[[], bool]) -> None:
        await eventually(lambda: question() or any(task.done() for task in self._tasks))
        for task in self._tasks:
            if task.done():
                task.result()  # fails as the client did

    async def send(self, employer: Employer) -> None:
        """The next command of a case, until it is answered."""
        path, body, headers = employer.next()
        twice = len(self._urls) > 1 and self._chance.random() < TWICE
        urls = self._chance.sample(self._urls, 2 if twice else 1)
        answers = await asyncio.gather(*(self.until_answered(url, path, body, headers) for url in urls))
        employer.heard(answers[0])

    async def until_answered(
        self, url: str, path: str, body: dict[str, Any], headers: dict[str, str]
    ) -> httpx.Response:
        """Ask one worker after the other, with the same key."""
        while True:
            answer = await self.asked(url, path, body, headers)
            if answer is not None and answer.is_success:
                self.told.hear(headers["Idempotency-Key"], answer.json()["event"])
                return answer
            if answer is not None:
                said = answer.status_code, answer.json().get("code")
                assert said in COME_AGAIN, answer.text
                assert said == OTHER_DAY or int(answer.headers["retry-after"]) > 0
            await asyncio.sleep(BREATH * self._chance.random())
            url = self._chance.choice(self._urls)

    async def asked(self, url: str, path: str, body: dict[str, Any], headers: dict[str, str]) -> httpx.Response | None:
        """One request's answer; none if the line broke."""
        try:
            answer = await self._lines.post(f"{url}{path}", json=body, headers=headers)
        except httpx.TransportError:
            self.told.broken += 1
            return None
        self.told.answers[answer.status_code] += 1
        return answer

    async def once(self, url: str, path: str, body: dict[str, Any], headers: dict[str, str]) -> int:
        """The status of a command that is sent once; 0 if the line broke."""
        answer = await self.asked(url, path, body, headers)
        if answer is not None and answer.is_success:
            self.told.hear(headers["Idempotency-Key"], answer.json()["event"])
        return 0 if answer is None else answer.status_code

    async def batch(self, url: str, commands: Sequence[dict[str, Any]]) -> list[int]:
        """The status of each of some commands that are sent as one request."""
        content = "\n".join(map(json.dumps, commands)).encode()
        headers = {"Content-Type": "application/x-ndjson"}
        answer = await self._lines.post(f"{url}/v1/commands:batch", content=content, headers=headers)
        told = [json.loads(line) for line in answer.raise_for_status().content.splitlines()]
        for command, outcome in zip(commands, told, strict=True):
            if "event" in outcome:
                self.told.hear(command["idempotency_key"], outcome["event"])
        return [outcome["status"] for outcome in told]

    async def _case(self, employer: Employer) -> None:
        await self.send(employer)
        await asyncio.gather(*(self._client(employer) for _ in range(ON_A_CASE)))

    async def _client(self, employer: Employer) -> None:
        while not self._stopping:
            await self.send(employer)
