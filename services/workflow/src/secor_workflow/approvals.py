"""Four eyes: what one admin asked for, another one approves, and the first one then carries out, once."""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.engine import exclusive
from secor_workflow.database.tables import approvals

APPROVALS_LOCK = 0x5EC0_410D

State = Literal["waiting", "approved", "used", "withdrawn", "expired"]


class OwnRequestError(Exception):
    """Who asked is who approves: these are two eyes, not four."""


class ApprovalClosedError(Exception):
    """It was used or withdrawn, or its time is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A request that needs a second person: where it goes, what the approver must know, and which one it is."""

    operation: str
    path: str
    about: dict[str, str]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A request that waits, or waited, for a second person."""

    approval_id: UUID
    operation: str
    path: str
    about: dict[str, str]
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    approved_at: datetime | None = None
    approved_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    used_at: datetime | None = None

    def state(self, now: datetime) -> State:
        if self.used_at:
            return "used"
        if self.withdrawn_at:
            return "withdrawn"
        if self.expires_at <= now:
            return "expired"
        return "approved" if self.approved_at else "waiting"


class Approvals:
    """All that was ever asked for. Whoever is meant by `same` is one person, under each of their actor ids."""

    def __init__(self, engine: AsyncEngine, new_id: Callable[[], UUID]) -> None:
        self._engine, self._new_id = engine, new_id

    async def use(self, wanted: Wanted, *, by: str, same: frozenset[str], days: int, now: datetime) -> Approval | None:
        """None if the request was approved: it may be carried out now, this once. Else what waits for approval."""
        column = approvals.c
        mine = sa.and_(column.digest == wanted.digest, column.asked_by.in_(same), column.expires_at > now)
        by_another = sa.or_(column.approved_by.is_(None), column.approved_by.not_in(same))
        is_open = sa.and_(column.used_at.is_(None), column.withdrawn_at.is_(None))
        async with exclusive(self._engine, APPROVALS_LOCK) as connection:
            found = (await connection.execute(sa.select(approvals).where(mine, by_another, is_open))).first()
            if found is None:
                row = {"approval_id": self._new_id(), "asked_by": by, "asked_at": now}
                row |= {"operation": wanted.operation, "path": wanted.path, "digest": wanted.digest}
                row |= {"about": json.dumps(wanted.about), "expires_at": now + timedelta(days=days)}
                await connection.execute(sa.insert(approvals), row)
                found = (
                    await connection.execute(sa.select(approvals).where(column.approval_id == row["approval_id"]))
                ).one()
            elif found.approved_at is not None:
                this = sa.update(approvals).where(column.approval_id == found.approval_id)
                await connection.execute(this.values(used_at=now))
                return None
        return _approval(found)

    async def approve(self, approval_id: UUID, *, by: str, same: frozenset[str], now: datetime) -> Approval | None:
        """Say yes to what somebody else asked for; safe to repeat. None if there is no such request.

        Raises OwnRequestError, or ApprovalClosedError.
        """
        return await self._settle(approval_id, {"approved_at": now, "approved_by": by}, now, not_of=same)

    async def withdraw(self, approval_id: UUID, *, by: str, now: datetime) -> Approval | None:
        """Take it back, or say no to it; safe to repeat. Raises ApprovalClosedError."""
        return await self._settle(approval_id, {"withdrawn_at": now, "withdrawn_by": by}, now)

    async def find(self, approval_id: UUID) -> Approval | None:
        async with self._engine.connect() as connection:
            this = sa.select(approvals).where(approvals.c.approval_id == approval_id)
            row = (await connection.execute(this)).first()
        return _approval(row) if row else None

    async def newest(self, limit: int) -> list[Approval]:
        """The last that were asked for, newest first."""
        query = sa.select(approvals).order_by(approvals.c.approval_id.desc()).limit(limit)
        async with self._engine.connect() as connection:
            return [_approval(row) for row in await connection.execute(query)]

    async def _settle(
        self, approval_id: UUID, said: dict[str, Any], now: datetime, not_of: frozenset[str] = frozenset()
    ) -> Approval | None:
        (when, _) = said
        this = approvals.c.approval_id == approval_id
        async with exclusive(self._engine, APPROVALS_LOCK) as connection:
            row = (await connection.execute(sa.select(approvals).where(this))).first()
            if row is None:
                return None
            before = _approval(row)
            if before.asked_by in not_of:
                raise OwnRequestError
            if getattr(before, when) is None:
                if before.state(now) not in {"waiting", "approved"}:
                    raise ApprovalClosedError
                await connection.execute(sa.update(approvals).where(this).values(said))
            return _approval((await connection.execute(sa.select(approvals).where(this))).one())


def _approval(row: sa.Row[tuple[object, ...]]) -> Approval:
    columns = row._mapping  # noqa: SLF001 (SQLAlchemy's documented name for it)
    known = {field.name: columns[field.name] for field in fields(Approval)}
    return Approval(**known | {"about": json.loads(columns["about"])})
