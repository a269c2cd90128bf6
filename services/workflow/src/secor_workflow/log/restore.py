"""After a restore from a backup: the log begins a new epoch, so that nobody takes what comes now for what was lost."""

import secrets

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_workflow.database.engine import alone
from secor_workflow.database.tables import epochs, events


async def begin_epoch(engine: AsyncEngine) -> int:
    """Begin an epoch after the last position that was restored, and return that. Raises InUseError.

    A process that runs on would give out cursors of the epoch before, so none may: the epoch is read at start.
    """
    async with alone(engine, epochs) as connection:
        head = int(await connection.scalar(sa.select(sa.func.coalesce(sa.func.max(events.c.position), 0))) or 0)
        number = int(await connection.scalar(sa.select(sa.func.coalesce(sa.func.max(epochs.c.number), 0))) or 0)
        await connection.execute(
            sa.insert(epochs).values(number=number + 1, epoch=secrets.token_hex(4), began_after=head)
        )
    return head
