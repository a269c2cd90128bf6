"""What a letter to the employer's people brings along: its date for a calendar program, the way out of reminders."""

from collections.abc import Sequence
from dataclasses import dataclass

from secor_notifier.calendars.library import Library
from secor_notifier.channels.envelope import Attachment
from secor_notifier.domain.case import CaseNow
from secor_notifier.domain.recipients import EMPLOYER_ROLES
from secor_notifier.domain.reminders import Owed
from secor_notifier.way_out import Kind, Leaving, WayOut

CALENDAR = "text/calendar; method=PUBLISH; charset=utf-8"
FILENAME = "secor-deadline.ics"


@dataclass(frozen=True)
class Courtesies:
    """Not for staff: they subscribe to calendars, and their letters are their work."""

    library: Library
    way_out: WayOut

    async def calendar(self, parcel: Sequence[tuple[Owed, CaseNow]]) -> tuple[Attachment, ...]:
        """The dates which the letter is about, as far as they are still to come."""
        today = self.library.clock.today()
        dates = [
            (case, deadline)
            for decision, case in parcel
            if decision.recipient.role in EMPLOYER_ROLES
            and (deadline := case.deadline(decision.deadline or ""))
            and deadline.due_on >= today
        ]
        return (Attachment(FILENAME, await self.library.leaf(dates), CALENDAR),) if dates else ()

    def unsubscribe(self, decision: Owed) -> str | None:
        """Where to say that one wants no more of these; only of what one may do without."""
        if decision.recipient.role not in EMPLOYER_ROLES or decision.deadline is None or decision.event_id is not None:
            return None
        return self.way_out.url(Leaving(decision.recipient.id, Kind.REMINDERS))
