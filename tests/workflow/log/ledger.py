"""The log as one dict would be: what is to happen, told plainly."""

from dataclasses import dataclass, field
from uuid import UUID

from secor_workflow.log.append import Append, Appended, Conflict, Duplicate, Outcome
from secor_workflow.log.envelope import placed


@dataclass
class Ledger:
    """Every append that was written, by its position; all else is looked up in it."""

    written: dict[int, Append] = field(default_factory=dict)

    @property
    def head(self) -> int:
        return len(self.written)

    def take(self, append: Append) -> Outcome:
        """What one clerk with one book would answer."""
        if not isinstance(outcome := self.asked(append), Appended):
            return outcome
        self.written[outcome.position] = append
        return outcome

    def asked(self, append: Append) -> Outcome:
        """The same, and nothing is written."""
        if append.idempotency_key and self.by_key(append.actor, append.idempotency_key):
            return Duplicate()
        newest = self.newest(append.case_id)
        if (append.version - 1, append.follows) != ((newest.version, newest.event_id) if newest else (0, None)):
            return Conflict()
        if append.version == 1 and append.row["worksafebc_account"] in self.open_accounts:
            return Conflict()
        return Appended(self.head + 1)

    def of(self, case_id: UUID) -> dict[int, Append]:
        return {position: append for position, append in self.written.items() if append.case_id == case_id}

    def newest(self, case_id: UUID) -> Append | None:
        return next(reversed(self.of(case_id).values()), None)

    def by_key(self, actor: str, key: str) -> int | None:
        asked = (actor, key)
        return next((at for at, one in self.written.items() if (one.actor, one.idempotency_key) == asked), None)

    @property
    def rows(self) -> dict[UUID, Append]:
        """The newest append of each case."""
        return {append.case_id: append for append in self.written.values()}

    @property
    def open_accounts(self) -> set[object]:
        return {one.row["worksafebc_account"] for one in self.rows.values() if one.row["state"] != "Closed"}

    def text(self, position: int) -> str:
        return placed(self.written[position].text, position)
