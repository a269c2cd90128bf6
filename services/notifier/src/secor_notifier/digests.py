"""What the staff's daily letter tells: dates from the watches, and letters that need somebody from the ledger."""

from dataclasses import dataclass

from secor_notifier.clock import Clock
from secor_notifier.domain.digest import Contents, Line, dates_to_tell
from secor_notifier.domain.rules import Rules
from secor_notifier.ledger import Delivery, Ledger, Reminder, Status
from secor_notifier.ledger.reading import Reading
from secor_notifier.workflow import GoneError, NotThereError, Reads, WorkflowRefusalError

AS_MANY_AS_ARE_TOLD = 50


@dataclass(frozen=True)
class Digests:
    """Read anew whenever it is asked for."""

    ledger: Ledger
    reading: Reading
    reads: Reads
    rules: Rules
    clock: Clock

    async def contents(self) -> Contents:
        today, digest = self.clock.today(), self.rules.digest
        watches = await self.ledger.watches_due_by(digest.dates_until(today))
        dates = dates_to_tell(watches, digest, today)
        letters = await self.reading.to_mend()
        undelivered = [one for one in letters if one.delivery is Delivery.FAILED]
        contents = Contents(
            overdue=dates.overdue,
            coming=dates.coming,
            stuck=tuple(_stuck(one) for one in letters if one not in undelivered),
            undelivered=tuple(_undelivered(one) for one in undelivered),
        )
        return contents.named(await self._employers(contents))

    async def _employers(self, contents: Contents) -> dict[str, str]:
        """The names of as many employers as the letter tells one by one."""
        parts = (contents.overdue, contents.coming, contents.stuck, contents.undelivered)
        found: dict[str, str] = {}
        for case_id in dict.fromkeys(line.case_id for part in parts for line in part[:AS_MANY_AS_ARE_TOLD]):
            try:
                found[case_id] = (await self.reads.case(case_id)).employer.legal_name
            except (NotThereError, GoneError, WorkflowRefusalError):
                continue
        return found


def _stuck(reminder: Reminder) -> Line:
    said = "it may or may not have arrived" if reminder.status is Status.UNKNOWN else "given up"
    decision = reminder.decision
    return Line(decision.case_id, f"{decision.letter} to {decision.recipient.role}: {said}", decision.due_on)


def _undelivered(reminder: Reminder) -> Line:
    decision = reminder.decision
    status = f" ({reminder.delivery_status})" if reminder.delivery_status else ""
    return Line(decision.case_id, f"{decision.letter} to {decision.recipient.role} came back{status}", decision.due_on)
