"""From reminders that are due to a letter: each is asked about once more, and what is still owed is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from secor_notifier.channels import Envelope, Refusal
from secor_notifier.channels.envelope import BadAddressError
from secor_notifier.correspondence import Correspondence
from secor_notifier.digests import Digests
from secor_notifier.domain.case import CaseNow
from secor_notifier.domain.digest import NO_CASE
from secor_notifier.domain.letters import UnwritableError
from secor_notifier.domain.skip import Cause, Skip
from secor_notifier.domain.verdict import ERASED, still_owed
from secor_notifier.ledger import Ledger, Reminder, Wishes
from secor_notifier.logs import logger
from secor_notifier.parcels import Parcel, about
from secor_notifier.workflow import GoneError, NotThereError, WorkflowAwayError, WorkflowRefusalError

NOTHING_TODAY = Skip(Cause.FULFILLED, "Nothing needs anybody today.")
NOT_THERE = Skip(Cause.UNKNOWN_THERE, "The workflow no longer knows the case or the person.")
log = logger(__name__)


@dataclass(frozen=True)
class Ready:
    """A letter, and the reminders that it fulfils."""

    parcel: Parcel
    envelope: Envelope


@dataclass
class Prepared:
    """What became of a parcel before anything was handed over."""

    ready: Ready | None = None
    skipped: list[tuple[Reminder, Skip]] = field(default_factory=list)
    refused: list[tuple[Reminder, Refusal]] = field(default_factory=list)


@dataclass(frozen=True)
class Preparing:
    """Changes nothing; the workflow being away is the only error that it lets through."""

    ledger: Ledger
    wishes: Wishes
    correspondence: Correspondence
    digests: Digests

    async def prepare(self, parcel: Sequence[Reminder]) -> Prepared:
        prepared = Prepared()
        owed: list[tuple[Reminder, CaseNow | None]] = []
        for reminder in parcel:
            found = await self._guarded(reminder, prepared)
            if found is not None:
                owed.append((reminder, found.case))
        if owed:
            await self._write(owed, prepared)
        return prepared

    async def _guarded(self, reminder: Reminder, prepared: Prepared) -> "_Owes | None":
        try:
            found = await self._owes(reminder)
        except NotThereError:
            found = NOT_THERE
        except WorkflowRefusalError as error:
            prepared.refused.append((reminder, _refused_by_workflow(error)))
            return None
        if isinstance(found, Skip):
            prepared.skipped.append((reminder, found))
            return None
        return found

    async def _owes(self, reminder: Reminder) -> "_Owes | Skip":
        """The case as it is now, if it still owes the letter, and if by the newest watch it does too."""
        decision, rules = reminder.decision, self.correspondence.rules
        if decision.case_id == NO_CASE:
            return _Owes(None)
        clock = self.correspondence.clock
        told = await self.wishes.in_force(clock.now())
        kept = (await self.ledger.watches([decision.case_id])).get(decision.case_id)
        if kept and (skip := still_owed(decision, kept, rules, clock.today(), told)):
            return skip
        case = await self.correspondence.reads.case(decision.case_id)
        return still_owed(decision, case.watched(kept), rules, clock.today(), told) or _Owes(case)

    async def _write(self, owed: list[tuple[Reminder, CaseNow | None]], prepared: Prepared) -> None:
        parcel = tuple(reminder for reminder, _ in owed)
        try:
            envelope = await self._envelope(owed)
        except GoneError:
            envelope = ERASED
        except NotThereError:
            envelope = NOT_THERE
        except WorkflowRefusalError as error:
            envelope = _refused_by_workflow(error)
        except UnwritableError as error:
            log.exception("unwritable", **about(parcel[0]))
            envelope = Refusal(error.reason, for_good=True)
        except BadAddressError:
            envelope = Refusal("No mail can be sent to the recipient's address as it stands.", for_good=True)
        except (WorkflowAwayError, SQLAlchemyError, OSError):
            raise
        except Exception as error:
            log.exception("preparing failed unexpectedly", **about(parcel[0]))
            envelope = Refusal(f"It could not be written ({type(error).__name__}).")
        if isinstance(envelope, Skip):
            prepared.skipped += [(reminder, envelope) for reminder in parcel]
        elif isinstance(envelope, Refusal):
            prepared.refused += [(reminder, envelope) for reminder in parcel]
        else:
            prepared.ready = Ready(parcel, envelope)

    async def _envelope(self, owed: list[tuple[Reminder, CaseNow | None]]) -> Envelope | Skip | Refusal:
        cases = [(reminder, case) for reminder, case in owed if case is not None]
        if len(cases) > 1:
            return await self.correspondence.prepare_several(cases)
        if cases:
            return await self.correspondence.prepare(*cases[0])
        contents = await self.digests.contents()
        if not contents.lines:
            return NOTHING_TODAY
        return await self.correspondence.prepare_digest(owed[0][0], contents)


@dataclass(frozen=True)
class _Owes:
    """Still owed; without a case it is the digest, which is about all of them."""

    case: CaseNow | None


def _refused_by_workflow(error: WorkflowRefusalError) -> Refusal:
    return Refusal(f"The workflow answered {error.status} when asked for what belongs into the letter.")
