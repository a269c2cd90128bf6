"""Answers kept by their idempotency key, so that a repeated request is told the same again and does nothing anew."""

from dataclasses import dataclass

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.ledger.engine import insert, seconds, writing
from secor_notifier.ledger.tables import answers

FORGOTTEN_AFTER = 60


@dataclass(frozen=True)
class Asked:
    """Who asked under which key, and a digest of what."""

    actor: str
    key: str
    question: str


@dataclass(frozen=True)
class Answered:
    """What is known of a key: for which question it stands, and the answer once there is one."""

    question: str
    status: int | None
    answer: str | None


class Answers:
    """A key is taken before the work begins; one whose process died is free again after a minute."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._writer = writing(engine)

    async def begin(self, asked: Asked) -> Answered | None:
        """Nothing when the key is now ours; else what stands under it."""
        async with self._writer.begin() as connection:
            now = await seconds(connection)
            ours = and_(answers.c.actor == asked.actor, answers.c.key == asked.key)
            stale = and_(ours, answers.c.status.is_(None), answers.c.asked_at < now - FORGOTTEN_AFTER)
            await connection.execute(answers.delete().where(stale))
            taken = insert(connection, answers).values(
                actor=asked.actor, key=asked.key, question=asked.question, asked_at=now
            )
            if (await connection.execute(taken.on_conflict_do_nothing())).rowcount:
                return None
            row = (await connection.execute(select(answers).where(ours))).one()
        return Answered(row.question, row.status, row.answer)

    async def keep(self, asked: Asked, status: int, answer: str) -> None:
        async with self._writer.begin() as connection:
            ours = and_(answers.c.actor == asked.actor, answers.c.key == asked.key)
            await connection.execute(update(answers).where(ours).values(status=status, answer=answer))

    async def forget(self, asked: Asked) -> None:
        """It was refused: nothing was done, so the key may be used again."""
        async with self._writer.begin() as connection:
            ours = and_(answers.c.actor == asked.actor, answers.c.key == asked.key, answers.c.status.is_(None))
            await connection.execute(answers.delete().where(ours))
