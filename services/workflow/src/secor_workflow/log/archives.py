"""What was taken out of the log's beginning into archives: which positions, which cases, and who is to be told so."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from secor_workflow.database.tables import archived_cases, log_archives


class ArchivedPositionError(Exception):
    """A reader stands before the log's beginning: what follows is in these archives, and then comes the log."""

    def __init__(self, begins_after: int, names: tuple[str, ...]) -> None:
        super().__init__(f"the log begins after position {begins_after}")
        self.begins_after, self.names = begins_after, names


class ArchivedCaseError(Exception):
    """The case is closed, and events of it are in these archives."""

    def __init__(self, case_id: UUID, names: tuple[str, ...]) -> None:
        super().__init__(f"events of case {case_id} are archived")
        self.case_id, self.names = case_id, names


async def beginning(connection: AsyncConnection) -> int:
    """The position after which the log begins; 0 if it is whole."""
    return int(await connection.scalar(sa.select(sa.func.max(log_archives.c.last_position))) or 0)


async def check_position(connection: AsyncConnection, after: int) -> None:
    """Raises ArchivedPositionError if the next position after this one is in an archive."""
    table = log_archives
    query = sa.select(table.c.name, table.c.last_position).where(table.c.last_position > after)
    found = (await connection.execute(query.order_by(table.c.last_position))).all()
    if found:
        raise ArchivedPositionError(found[-1].last_position, tuple(row.name for row in found))


async def check_case(connection: AsyncConnection, case_id: UUID) -> None:
    """Raises ArchivedCaseError if events of the case are in an archive."""
    part = archived_cases.c.first_position == log_archives.c.first_position
    query = sa.select(log_archives.c.name).join(archived_cases, part).where(archived_cases.c.case_id == case_id)
    names = tuple(await connection.scalars(query.order_by(log_archives.c.first_position)))
    if names:
        raise ArchivedCaseError(case_id, names)


async def all_archived_cases(connection: AsyncConnection) -> set[UUID]:
    """The ids of all cases that have events in archives."""
    return set(await connection.scalars(sa.select(archived_cases.c.case_id).distinct()))
