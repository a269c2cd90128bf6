"""Each migration leads forward and back on a database in which every table is filled, and no row is lost or changed."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from upgrades.filling import EMPTY, FIRST, Content, content_of, fill
from upgrades.houses import House

MEANT = {("0002", "watches", "next_on")}
"""What a migration changes on purpose: every watch is looked at anew, at once."""


def same(one: Content, other: Content, revision: str = "") -> None:
    """Every row of tables that both have is in both, and equal in the columns that both have."""
    for table in one.keys() & other.keys():
        assert one[table].keys() == other[table].keys(), table
        for key, row in one[table].items():
            for column in row.keys() & other[table][key].keys():
                if (revision, table, column) not in MEANT:
                    assert row[column] == other[table][key][column], (table, column, key)


async def test_back_and_forward_again_from_the_newest(house: House, engine: AsyncEngine) -> None:
    """What only a newer version keeps is lost on the way back, and nothing else."""
    await house.migrate(engine)
    await house.within(engine, fill)
    before = await house.within(engine, content_of)
    assert {name for name, rows in before.items() if not rows} <= EMPTY

    for step, revision in zip(house.revisions[:0:-1], house.revisions[-2::-1], strict=True):
        await house.go_to(engine, revision)
        older = await house.within(engine, content_of)
        same(older, before)
        await house.go_to(engine, step)
        again = await house.within(engine, content_of)
        assert again.keys() == before.keys()
        same(older, again, step)
        await house.go_to(engine, revision)
        before = await house.within(engine, content_of)


async def test_forward_from_the_first_step_by_step(house: House, engine: AsyncEngine) -> None:
    """As an installation that has missed no version has lived through it, with rows of each."""
    first, *later = house.revisions
    await house.go_to(engine, first)
    await house.within(engine, fill)
    for revision in later:
        before = await house.within(engine, content_of)
        await house.go_to(engine, revision)
        same(before, await house.within(engine, content_of), revision)

    assert await house.standing(engine) == "current"
    kept = await house.within(engine, content_of)
    assert any(key[0] == FIRST or str(FIRST) in str(key[0]) for rows in kept.values() for key in rows)


async def test_several_may_migrate_a_filled_database_at_once(
    house: House, engine: AsyncEngine, database_url: str
) -> None:
    await house.go_to(engine, house.revisions[0])
    await house.within(engine, fill)
    before = await house.within(engine, content_of)
    engines = [house.open(database_url) for _ in range(4)]

    await asyncio.gather(*map(house.migrate, engines))

    assert await house.standing(engine) == "current"
    same(before, await house.within(engine, content_of), "0002")
    for opened in engines:
        await opened.dispose()
