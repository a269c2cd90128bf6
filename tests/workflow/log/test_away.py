"""What the database says in its own words when it is away, full or read-only is an outage; a refused value is none."""

from pathlib import Path

import pytest
from asyncpg import InternalClientError
from sqlalchemy.exc import DBAPIError

from secor_workflow.database.engine import is_away, open_engine


class SaidError(Exception):
    """An error of the driver, with its SQLSTATE."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize("state", ["57P01", "57P03", "53100", "53300", "25006", "55P03", "40001", "40P01", "08006"])
def test_a_database_that_cannot_serve_is_away(state: str) -> None:
    assert is_away(DBAPIError("INSERT", {}, SaidError(state)))


def test_a_connection_that_was_dismissed_before_it_was_lent_is_away() -> None:
    assert is_away(DBAPIError(None, None, InternalClientError()))


@pytest.mark.parametrize("state", ["22021", "23505", "42501", "42P01"])
def test_a_statement_that_is_refused_is_no_outage(state: str) -> None:
    assert not is_away(DBAPIError("INSERT", {}, SaidError(state)))


@pytest.mark.parametrize("url", ["sqlite:///{}/a.db", "postgresql://nobody@127.0.0.1/none"])
async def test_an_error_never_shows_the_values_of_its_statement(url: str, tmp_path: Path) -> None:
    engine = open_engine(url.format(tmp_path))
    assert engine.sync_engine.hide_parameters
    await engine.dispose()
