"""What will become of a decision if nothing else happens, judged as planning and sending will judge it then."""

from dataclasses import dataclass, replace
from datetime import datetime

from secor_notifier.domain.circumstances import Circumstances
from secor_notifier.domain.reminders import Owed, timed
from secor_notifier.domain.rules import Rules
from secor_notifier.domain.skip import Cause, Skip
from secor_notifier.domain.verdict import still_owed
from secor_notifier.domain.watch import Watch
from secor_notifier.zone import local_date


@dataclass(frozen=True)
class Outlook:
    """At this instant it goes out or, with a skip, is decided against; and why not before."""

    at: datetime
    skip: Skip | None = None
    waits_because: str | None = None


@dataclass(frozen=True)
class Foresight:
    """One case as it is now, and what people have asked for."""

    watch: Watch
    rules: Rules
    told: Circumstances

    def of_waiting(self, decision: Owed, at: datetime) -> Outlook:
        """What is planned and comes to be sent then."""
        outlook = self._timed(decision, at)
        return self._outlived(decision, replace(outlook, skip=self._judged(decision, outlook.at)))

    def of_coming(self, decision: Owed, at: datetime) -> Outlook:
        """What planning will derive then, kept back already if it has a skip."""
        if decision.skip is not None:
            return self._outlived(replace(decision, skip=None), Outlook(at, decision.skip))
        outlook = self._timed(decision, at)
        # On one day a case does not change by itself, and no silence begins.
        return outlook if local_date(outlook.at) == local_date(at) else self.of_waiting(decision, at)

    def _timed(self, decision: Owed, at: datetime) -> Outlook:
        moved = timed(decision, self.rules, at).moved
        return Outlook(moved.to, waits_because=moved.because) if moved else Outlook(at)

    def _judged(self, decision: Owed, at: datetime) -> Skip | None:
        return still_owed(decision, self.watch, self.rules, local_date(at), self.told.from_then(at))

    def _outlived(self, decision: Owed, outlook: Outlook) -> Outlook:
        """A reminder that is kept back by a silence comes up again behind it, if it is owed then; news do not."""
        while decision.event_id is None and (until := self._quiet_until(decision, outlook)):
            skip = self._judged(decision, until)
            if skip is None:
                later = self.of_waiting(decision, until)
                said = (outlook.skip and outlook.skip.reason, later.waits_because)
                return replace(later, waits_because=" ".join(part for part in said if part))
            if skip.cause is not Cause.SILENCED:
                break  # planning leaves it as the silence left it
            outlook = Outlook(until, skip)
        return outlook

    def _quiet_until(self, decision: Owed, outlook: Outlook) -> datetime | None:
        if outlook.skip is None or outlook.skip.cause is not Cause.SILENCED:
            return None
        told = self.told.from_then(outlook.at)
        silence = told.silence(decision.case_id, decision.deadline, decision.letter, decision.recipient)
        return silence.until if silence else None
