"""The result of the last daily comparison."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from secor_notifier.ledger.engine import writing
from secor_notifier.ledger.tables import bookmark


@dataclass(frozen=True)
class Balance:
    """On which day, over how many cases, and in how many the books differ."""

    on: date
    cases: int
    differences: int


class Balances:
    """Only the newest is kept."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = writing(engine)

    async def last(self) -> Balance | None:
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(bookmark.c.reconciled_on, bookmark.c.reconciled))).one()
        if row.reconciled_on is None:
            return None
        cases, _, differences = row.reconciled.partition("/")
        return Balance(row.reconciled_on, int(cases), int(differences))

    async def keep(self, balance: Balance) -> None:
        said = f"{balance.cases}/{balance.differences}"
        async with self._writer.begin() as connection:
            await connection.execute(update(bookmark).values(reconciled_on=balance.on, reconciled=said))
