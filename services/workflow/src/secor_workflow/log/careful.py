"""The careful way: while nobody else may write, look at the log, say what becomes of each append, and write."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from secor_workflow.database.rows import Row
from secor_workflow.database.tables import cases, events
from secor_workflow.log.append import Append, Appended, Outcome
from secor_workflow.log.standing import outcome_of, told


class Decided:
    """What becomes of some appends, in view of the answer to `standing.question`, and all that is to be written."""

    def __init__(self, batch: Sequence[Append], found: Iterable[Sequence[Any]]) -> None:
        standing = told(found)
        self.outcomes = [outcome_of(append, standing) for append in batch]
        self._written = list(written(batch, self.outcomes))

    def rows(self) -> Iterator[Row]:
        """The events' own rows, their cases' and what stands beside them."""
        for append, done in self._written:
            yield Row(events, {"position": done.position, **append.event_row(), "body": done.text})
            yield Row(cases, {**append.case_row(), "position": done.position}, replaces=True)
            yield from (part for part in append.beside if isinstance(part, Row))

    def statements(self) -> Iterator[sa.Executable]:
        """What is to be run after the rows are written."""
        for append, _ in self._written:
            yield from (part for part in append.beside if not isinstance(part, Row))


def written(batch: Sequence[Append], outcomes: Sequence[Outcome]) -> Iterator[tuple[Append, Appended]]:
    """Those that have a place."""
    for append, outcome in zip(batch, outcomes, strict=True):
        if isinstance(outcome, Appended):
            yield append, outcome
