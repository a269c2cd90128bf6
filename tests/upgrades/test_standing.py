"""A program starts on a database that it gets along with, on no other, and says which it is."""

import re

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from upgrades.houses import House

BEFORE_THE_RULE = {"workflow": "0007", "notifier": "0006"}
"""No program that knows the rule has ever met an older database than these."""
FUTURE = "9999"


async def called(house: House, engine: AsyncEngine, revision: str) -> str:
    """How a database of that name stands to the program."""
    await house.call(engine, revision)
    return await house.standing(engine)


async def test_an_empty_database_an_older_one_and_the_newest(house: House, engine: AsyncEngine) -> None:
    empty = await house.standing(engine)
    await house.go_to(engine, house.revisions[-2])
    older = await house.standing(engine)
    await house.migrate(engine)

    assert (empty, older, await house.standing(engine)) == ("empty", "older", "current")


async def test_of_newer_ones_those_that_say_so_are_known(house: House, engine: AsyncEngine) -> None:
    await house.migrate(engine)
    newest = house.revisions[-1][:4]

    assert await called(house, engine, f"{FUTURE}_since_{newest}") == "expanded"
    assert await called(house, engine, f"{FUTURE}_since_0001") == "expanded"
    assert await called(house, engine, f"{FUTURE}_since_9998") == "unknown"
    assert await called(house, engine, FUTURE) == "unknown"
    assert await called(house, engine, "of-somebody-else") == "unknown"


async def test_an_older_program_migrates_nothing_on_a_newer_database(house: House, engine: AsyncEngine) -> None:
    await house.migrate(engine)
    await called(house, engine, f"{FUTURE}_since_0001")

    await house.migrate(engine)
    assert await house.standing(engine) == "expanded"
    await called(house, engine, FUTURE)
    with pytest.raises(RuntimeError, match=r"does not know\. Run the newer program\."):
        await house.migrate(engine)


def test_every_new_migration_says_from_which_on_programs_get_along_with_it(house: House) -> None:
    """And none takes back what one before it has asked for."""
    sinces = []
    for revision in house.revisions:
        if revision > BEFORE_THE_RULE[house.name]:
            named = re.fullmatch(r"(?P<number>\d{4})_since_(?P<since>\d{4})", revision)
            assert named, f"{revision} is to be called NNNN_since_NNNN: see docs/upgrades.md"
            assert named["since"] <= named["number"]
            sinces.append(named["since"])
    assert sinces == sorted(sinces)
