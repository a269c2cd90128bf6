"""Who was refused what, and when: gathered for a moment, then appended to a table of their own."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import prometheus_client
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.clock import true_now
from secor_workflow.database.engine import exclusive
from secor_workflow.database.tables import refusals
from secor_workflow.domain.context import Role
from secor_workflow.logs import logger

REFUSALS_LOCK = 0x5EC0_410A
GATHER_SECONDS = 2.0
FORGET_SECONDS = 3600.0
DROPPED = prometheus_client.Counter(
    "secor_workflow_refusals_dropped_total", "Refusals that were too many to be kept on record."
)
_log = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What is known of a request that was refused; never its body, never its credential."""

    actor_id: str | None
    role: Role | None
    address: str
    operation: str | None
    case_id: UUID | None
    status: int
    code: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A refusal as it stands on record: the same one several times within seconds is one row."""

    refusal_id: UUID
    recorded_at: datetime
    times: int
    refusal: Refusal


class Refusals:
    """The record. A flood is counted, not written: so many rows a minute of strangers, and as many of known callers."""

    def __init__(self, engine: AsyncEngine, new_id: Callable[[], UUID], *, per_minute: int, keep_days: int) -> None:
        self._engine, self._new_id = engine, new_id
        self._per_minute, self._keep = per_minute, timedelta(days=keep_days)
        self._gathered: dict[Refusal, Recorded] = {}
        self._minute, self._taken = 0, Counter[bool]()
        self._writing = asyncio.Lock()

    def note(self, refusal: Refusal) -> None:
        """Remember it until it is written; costs the request nothing."""
        before = self._gathered.get(refusal)
        if before is not None:
            self._gathered[refusal] = replace(before, times=before.times + 1)
        elif self._may_take(known=refusal.actor_id is not None):
            recorded = Recorded(refusal_id=self._new_id(), recorded_at=true_now(), times=1, refusal=refusal)
            self._gathered[refusal] = recorded
        else:
            DROPPED.inc()

    async def write(self) -> None:
        """Append what was gathered, in one transaction; while the database is away it waits, within its bounds."""
        async with self._writing:
            gathered = list(self._gathered.values())
            if not gathered:
                return
            rows = [
                asdict(one.refusal)
                | {"refusal_id": one.refusal_id, "recorded_at": one.recorded_at, "times": one.times}
                | {"role": one.refusal.role and one.refusal.role.value}
                for one in gathered
            ]
            async with exclusive(self._engine, REFUSALS_LOCK) as connection:
                await connection.execute(sa.insert(refusals), rows)
            for one in gathered:
                self._forget_written(one)

    def _forget_written(self, written: Recorded) -> None:
        now = self._gathered.pop(written.refusal)
        if now.times > written.times:  # it happened again while it was being written
            more = replace(now, refusal_id=self._new_id(), recorded_at=true_now(), times=now.times - written.times)
            self._gathered[written.refusal] = more

    async def forget(self) -> None:
        """Remove what is older than the service keeps it."""
        async with exclusive(self._engine, REFUSALS_LOCK) as connection:
            await connection.execute(sa.delete(refusals).where(refusals.c.recorded_at < true_now() - self._keep))

    async def follow(self) -> None:
        """Write every few seconds and forget every hour, for ever."""
        forgotten_at = float("-inf")
        while True:
            try:
                await self.write()
                if time.monotonic() - forgotten_at > FORGET_SECONDS:
                    await self.forget()
                    forgotten_at = time.monotonic()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _log.warning("refusals could not be written", error=type(error).__name__)
            await asyncio.sleep(GATHER_SECONDS)

    async def finish(self) -> None:
        """Write what is left, if the database lets us: the service is about to stop."""
        with suppress(SQLAlchemyError, OSError, TimeoutError):
            await self.write()

    async def page(self, *where: sa.ColumnElement[bool], limit: int) -> list[Recorded]:
        """The newest that fit, newest first."""
        query = sa.select(refusals).where(*where).order_by(refusals.c.refusal_id.desc()).limit(limit)
        async with self._engine.connect() as connection:
            return [_recorded(row) for row in await connection.execute(query)]

    def _may_take(self, *, known: bool) -> bool:
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._taken = minute, Counter()
        self._taken[known] += 1
        return self._taken[known] <= self._per_minute and len(self._gathered) < 2 * self._per_minute


def _recorded(row: sa.Row[tuple[object, ...]]) -> Recorded:
    columns = row._mapping  # noqa: SLF001 (SQLAlchemy's documented name for it)
    told = {name: columns[name] for name in Refusal.__dataclass_fields__}
    role = Role(told["role"]) if told["role"] else None
    return Recorded(
        refusal_id=columns["refusal_id"],
        recorded_at=columns["recorded_at"],
        times=columns["times"],
        refusal=Refusal(**told | {"role": role}),
    )
