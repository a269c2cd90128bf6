"""Sends what is due: asks once more whether it is owed, hands it over, and keeps what became of it."""

import logging
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from secor_notifier.channels import Channel, Refusal
from secor_notifier.channels.envelope import BadAddressError, Envelope
from secor_notifier.correspondence import Correspondence
from secor_notifier.domain.case import CaseNow
from secor_notifier.domain.letters import UnwritableError
from secor_notifier.domain.retry import next_attempt
from secor_notifier.domain.verdict import Skip, still_owed
from secor_notifier.ledger import Ledger, Reminder
from secor_notifier.workflow import GoneError, NotThereError, WorkflowAwayError, WorkflowRefusalError

BATCH = 100
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sending:
    """Never holds a transaction open while it talks to a mail server."""

    ledger: Ledger
    correspondence: Correspondence
    channel: Channel

    async def send_due(self) -> None:
        """Everything planned whose time has come; the workflow being away ends it, and nothing counts as tried."""
        clock = self.correspondence.clock
        while batch := await self.ledger.to_send(clock.now(), BATCH):
            closed_door: Refusal | None = None
            for reminder in batch:
                # One knock for all: behind a closed door the other letters would wait as long, each for itself.
                refusal = closed_door or await self._try(reminder)
                if refusal is None:
                    continue
                closed_door = refusal if refusal.nobody_there else None
                await self._record(reminder, refusal)

    async def _try(self, reminder: Reminder) -> Refusal | None:
        """No letter, whatever is wrong with it, stands in the way of the others."""
        try:
            return await self._send(reminder)
        except (WorkflowAwayError, SQLAlchemyError, OSError):
            raise
        except Exception as error:
            log.exception("unexpected reminder=%s letter=%s", reminder.reminder_id, reminder.decision.letter)
            return Refusal(f"It could not be sent ({type(error).__name__}).")

    async def _send(self, reminder: Reminder) -> Refusal | None:
        prepared = await self._prepare(reminder)
        if isinstance(prepared, Refusal):
            return prepared
        if isinstance(prepared, Skip):
            await self.ledger.skipped(reminder, prepared.reason)
            log.info("skipped reminder=%s letter=%s", reminder.reminder_id, reminder.decision.letter)
            return None
        refusal = await self.channel.send(prepared)
        if refusal is None:
            await self.ledger.sent(reminder, prepared.message["Message-ID"], self.correspondence.clock.now())
            log.info("sent reminder=%s letter=%s", reminder.reminder_id, reminder.decision.letter)
        return refusal

    async def _prepare(self, reminder: Reminder) -> Envelope | Skip | Refusal:
        """The envelope, or why there is none."""
        try:
            case = await self._case_that_owes(reminder)
            return case if isinstance(case, Skip) else await self.correspondence.prepare(reminder, case)
        except GoneError:
            return Skip("The person was erased: there is no address any more.")
        except NotThereError:
            return Skip("The workflow no longer knows the case or the person.")
        except WorkflowRefusalError as error:
            return Refusal(f"The workflow answered {error.status} when asked for what belongs into the letter.")
        except UnwritableError as error:
            log.exception("unwritable reminder=%s letter=%s", reminder.reminder_id, reminder.decision.letter)
            return Refusal(error.reason, for_good=True)
        except BadAddressError:
            return Refusal("No mail can be sent to the recipient's address as it stands.", for_good=True)

    async def _case_that_owes(self, reminder: Reminder) -> CaseNow | Skip:
        """The case as it is now, if it still owes the letter, and if by the newest watch it does too."""
        decision, rules = reminder.decision, self.correspondence.rules
        today = self.correspondence.clock.today()
        watch = (await self.ledger.watches([decision.case_id]))[decision.case_id]
        if skip := still_owed(decision, watch, rules, today):
            return skip
        case = await self.correspondence.reads.case(decision.case_id)
        return still_owed(decision, case.watched(), rules, today) or case

    async def _record(self, reminder: Reminder, refusal: Refusal) -> None:
        correspondence = self.correspondence
        again_at = next_attempt(correspondence.rules.retry, reminder.attempts + 1, correspondence.clock.now())
        await self.ledger.tried(reminder, refusal.error, None if refusal.for_good else again_at)
        log.warning("not sent reminder=%s error=%s", reminder.reminder_id, refusal.error)
