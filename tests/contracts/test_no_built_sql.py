"""SQL takes values as parameters: no statement is put together from text, but in the few places that are listed."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "services"
STATEMENTS = {"text", "DDL", "exec_driver_sql", "execute", "literal_column", "scalar", "scalars"}
LISTED = {
    "workflow/src/secor_workflow/database/engine.py": 4,  # PRAGMAs and tables' names, from the source
    "workflow/src/secor_workflow/database/moment.py": 1,  # a snapshot's name, as the database told it
    "workflow/src/secor_workflow/log/archiving.py": 9,  # tables and bounds of partitions, as the catalogue has them
    "workflow/src/secor_workflow/log/partitions.py": 5,  # the same: no name of a table can be a parameter
    "workflow/src/secor_workflow/log/histories.py": 1,  # names of events, from the source
    "notifier/src/secor_notifier/ledger/engine.py": 3,  # PRAGMAs, a table's name, one of two ways to ask for the time
    "notifier/src/secor_notifier/ledger/ledger.py": 1,  # the values of an enumeration of ours
}
"""How many there are in which file, and what is put in."""


def built(source: str) -> Iterator[int]:
    """The lines in which a statement is formatted, added up or filled in."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and call.args and _name(call.func) in STATEMENTS and _is_built(call.args[0]):
            yield call.lineno


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_built(given: ast.expr) -> bool:
    match given:
        case ast.JoinedStr(values=parts):
            return any(isinstance(part, ast.FormattedValue) for part in parts)
        case ast.BinOp(left=left, right=right):
            return any(isinstance(part, ast.Constant | ast.JoinedStr | ast.BinOp) for part in (left, right))
        case ast.Call(func=ast.Attribute(attr="format" | "join" | "replace", value=ast.Constant())):
            return True
        case _:
            return False


def test_statements_are_written_not_built() -> None:
    found = Counter(
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if "migrations" not in path.parts  # they take nothing from anybody
        for _ in built(path.read_text("utf-8"))
    )

    assert found == LISTED


@pytest.mark.parametrize(
    "line",
    [
        "connection.execute(sa.text(f'SELECT {name}'))",
        "connection.execute('SELECT ' + name)",
        "connection.exec_driver_sql('SELECT %s' % name)",
        "text('SELECT {}'.format(name))",
        "scalar(f'SELECT {name}')",
    ],
)
def test_a_built_statement_is_seen(line: str) -> None:
    assert [*built(line)] == [1]
