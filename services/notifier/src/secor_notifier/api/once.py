"""A POST that may be repeated: the same Idempotency-Key is told the same answer, and nothing is done twice."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from secor_notifier.api.callers import Known
from secor_notifier.api.problems import Problem
from secor_notifier.api.rooms import House, Rooms
from secor_notifier.ledger.answers import Asked

Key = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]
REPLAYED = "Idempotency-Replayed"


@dataclass(frozen=True)
class Once:
    """The request's key, if it has one."""

    house: Rooms
    request: Request
    response: Response
    key: str | None

    async def answer(
        self, known: Known, work: Callable[[], Awaitable[BaseModel]], *, told_once: str | None = None
    ) -> Response | BaseModel:
        """What the work answers; or what it answered when this key came first, without what is told but once."""
        if self.key is None:
            return await work()
        asked = Asked(known.caller.actor_id, self.key, await self._question(known))
        before = await self.house.answers.begin(asked)
        if before is None:
            return await self._first_time(asked, work, told_once)
        if before.status is None or before.answer is None:
            busy = "The first request with this key is still at work."
            raise Problem("request_in_progress", busy, headers={"Retry-After": "1"})
        if before.question != asked.question:
            raise Problem("idempotency_key_reused", "This key came before with another request.")
        return _replayed(before.status, before.answer)

    async def _first_time(
        self, asked: Asked, work: Callable[[], Awaitable[BaseModel]], told_once: str | None
    ) -> BaseModel:
        try:
            done = await work()
        except BaseException:
            await self.house.answers.forget(asked)
            raise
        headers = {name: self.response.headers[name] for name in ("location",) if name in self.response.headers}
        body = done.model_dump(mode="json") | ({told_once: None} if told_once else {})
        kept = {"headers": headers, "body": body}
        await self.house.answers.keep(asked, self.response.status_code or 200, json.dumps(kept))
        return done

    async def _question(self, known: Known) -> str:
        """What is asked, and in what role: with another one, the same actor may be told something else."""
        role = f"{known.caller.role} {known.caller.worksafebc_account}"
        said = f"{role} {self.request.method} {self.request.url.path}?{self.request.url.query}\n".encode()
        return sha256(said + await self.request.body()).hexdigest()


def _replayed(status: int, answer: str) -> Response:
    kept = json.loads(answer)
    headers = {"Cache-Control": "no-store", **kept["headers"], REPLAYED: "true"}
    return JSONResponse(kept["body"], status, headers)


def once(
    request: Request,
    response: Response,
    house: House,
    key: Annotated[Key | None, Header(alias="Idempotency-Key", description="Makes the request safe to repeat.")] = None,
) -> Once:
    return Once(house, request, response, key)


OnlyOnce = Annotated[Once, Depends(once)]
