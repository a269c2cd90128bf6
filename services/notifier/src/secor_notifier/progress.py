"""How far a long reading has come: a bar for a person at a terminal, a line now and then for a log file."""

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from secor_notifier.logs import logger

TENTHS = 10
log = logger(__name__)


class Progress:
    """From one position of the log to another."""

    def __init__(self, start: int, end: int) -> None:
        self._end = max(end, 1)
        self._told = -1
        columns = (TextColumn("Reading the log"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Bar(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())
        self._task = self._bar.add_task("", total=end, completed=start)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def at(self, position: int) -> str:
        """Show it, and say it in words."""
        self._bar.update(self._task, completed=position)
        said = f"reading the log: {position} of {self._end}"
        if (tenth := position * TENTHS // self._end) != self._told:
            self._told = tenth
            log.info("reading the log", position=position, end=self._end)
        return said
