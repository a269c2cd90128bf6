"""How commands speak: to people in words, to programs in JSON on standard output; progress at a terminal alone."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Protocol

import typer
from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.progress import Progress

AsJson = Annotated[bool, typer.Option("--json", help="For programs: JSON on standard output, words on standard error.")]

_answers = Console(soft_wrap=True, highlight=False, markup=False)
_words = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


class Advance(Protocol):
    """Says how much of the work is done, and how much there is."""

    def __call__(self, done: int, of: int | None = None, /) -> None: ...


def answer(*lines: str) -> None:
    """What was asked for, for a person."""
    for line in lines:
        _answers.print(line)


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Several of a kind, for a person; nothing is cut off, so that it can be copied."""
    told = [[*columns], *(["–" if cell is None else str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*told, strict=True)]
    for row in told:
        answer("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def machine(told: object) -> None:
    """One line of JSON, for a program; it is there at once, whoever reads."""
    typer.echo(json.dumps(to_jsonable_python(told), ensure_ascii=False))


def say(line: str) -> None:
    """What a person should know besides; a program does not read it."""
    _words.print(line)


def complain(line: str) -> None:
    """What is wrong."""
    _words.print(f"✗ {line}")


@contextmanager
def progress(what: str) -> Iterator[Advance]:
    """A bar while work goes on; nothing where no person looks."""
    with Progress(console=_words, disable=not _words.is_terminal, transient=True) as bars:
        bar = bars.add_task(what, total=None)

        def advance(done: int, of: int | None = None, /) -> None:
            bars.update(bar, completed=done, total=of)

        yield advance
