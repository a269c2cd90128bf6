"""Whether the database is of a version that this program gets along with.

A migration that only adds says in its own name from which one on programs get along with it: `0009_since_0007`. So a
program that ends with 0007 or 0008 goes on beside a newer one, and may be started again, though it never heard of 0009.
"""

import re
from enum import StrEnum
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

MIGRATIONS = Path(__file__).parent.parent / "migrations"
_REVISION = re.compile(r'^revision = "(.+)"$', re.ASCII | re.MULTILINE)
_EXPANDING = re.compile(r"\d{4}_since_(?P<since>\d{4})", re.ASCII)


class Standing(StrEnum):
    """How the database stands to the program."""

    CURRENT = "current"
    EXPANDED = "expanded"
    """Newer, and so that this program gets along with it."""
    EMPTY = "empty"
    OLDER = "older"
    UNKNOWN = "unknown"
    """Newer, or not ours at all."""


FITTING = {Standing.CURRENT, Standing.EXPANDED}


class WrongSchemaError(RuntimeError):
    """The database is of another version; the sentence says what to do."""


WRONG = {
    Standing.EMPTY: "The database is empty. If it is the service's, begin with `secor-workflow migrate`.",
    Standing.OLDER: "The database is of an older version than this program. Run `secor-workflow migrate`.",
    Standing.UNKNOWN: "The database is of a version that this program does not know. Run the newer program.",
}


async def check_schema(engine: AsyncEngine) -> None:
    """Raises WrongSchemaError unless the database is one that this program gets along with."""
    if told := WRONG.get(await standing(engine)):
        raise WrongSchemaError(told)


async def standing(engine: AsyncEngine) -> Standing:
    """Which of them it is; nothing is changed."""
    async with engine.connect() as connection:
        return await connection.run_sync(standing_of)


def standing_of(connection: Connection) -> Standing:
    if not sa.inspect(connection).has_table("alembic_version"):
        return Standing.EMPTY
    found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return _standing(found) if found else Standing.EMPTY


def _standing(revision: str) -> Standing:
    known = _known()
    if revision in known:
        return Standing.CURRENT if revision == known[0] else Standing.OLDER
    expanding = _EXPANDING.fullmatch(revision)
    return Standing.EXPANDED if expanding and expanding["since"] <= known[0][:4] else Standing.UNKNOWN


def newest() -> str:
    """The version that this program brings."""
    return _known()[0]


@cache
def _known() -> tuple[str, ...]:
    """The revisions that this program brings, the newest first; they cannot change while it runs.

    Each stands in its own file. Alembic would tell them too, but is loaded only by who migrates: it is large.
    """
    texts = [file.read_text("utf-8") for file in (MIGRATIONS / "versions").glob("[0-9]*.py")]
    return tuple(sorted((_REVISION.findall(text)[0] for text in texts), reverse=True))
