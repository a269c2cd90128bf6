"""A letter's way from a decision to an envelope: asks the workflow what it needs, writes, and addresses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from secor_notifier.channels.envelope import Addressed, Attachment, Contents, Envelope, Postmark, seal
from secor_notifier.clock import Clock
from secor_notifier.domain.case import CaseNow
from secor_notifier.domain.letters import Addressee, Material, Written, write
from secor_notifier.domain.recipients import Recipient, Role
from secor_notifier.domain.reminders import Owed
from secor_notifier.domain.rules import Rules
from secor_notifier.ledger import Reminder
from secor_notifier.workflow import Reads

PACKAGE_LETTER = "worksafebc_package"


@dataclass(frozen=True)
class Addresses:
    """The addresses which belong to no person."""

    sender: str
    staff: str
    worksafebc: str


@dataclass(frozen=True)
class Correspondence:
    """Knows how to write, and keeps nothing of what it was told."""

    reads: Reads
    rules: Rules
    addresses: Addresses
    clock: Clock

    async def prepare(self, reminder: Reminder, case: CaseNow) -> Envelope:
        """The reminder's letter, ready to send."""
        decision = reminder.decision
        addressed = await self._addressed(decision.recipient)
        written = await self.write(decision, reminder.fact, case, addressed.name)
        return seal(
            Postmark(reminder.reminder_id, decision.letter, reminder.due_at),
            Contents(written.subject, written.text, written.html, await self._attachment(decision, case)),
            addressed,
            self.clock.now(),
        )

    async def write(self, decision: Owed, fact: Mapping[str, object], case: CaseNow, name: str | None) -> Written:
        material = Material(
            case=case,
            addressee=Addressee(decision.recipient.role, name),
            today=self.clock.today(),
            programme=self.rules.programme,
            policy=await self.reads.policy(),
            staff_address=self.addresses.staff,
            deadline=case.deadline(decision.deadline) if decision.deadline else None,
            fact=fact,
            texts={text_id: await self.reads.text(text_id) for text_id in _texts_in(fact)},
        )
        return write(decision.letter, material)

    async def _addressed(self, recipient: Recipient) -> Addressed:
        match recipient.role:
            case Role.STAFF:
                return Addressed(self.addresses.sender, self.addresses.staff)
            case Role.WORKSAFEBC:
                return Addressed(self.addresses.sender, self.addresses.worksafebc)
        person = await self.reads.person(recipient.id)
        return Addressed(self.addresses.sender, person.email, person.name)

    async def _attachment(self, decision: Owed, case: CaseNow) -> Attachment | None:
        if decision.letter != PACKAGE_LETTER:
            return None
        filename = f"secor-{case.employer.worksafebc_account}.json"
        return Attachment(filename, await self.reads.package(decision.case_id))


def _texts_in(fact: Mapping[str, object]) -> Iterator[str]:
    """The ids of the reasons and notes which a fact points to."""
    if isinstance(reason_id := fact.get("reason_id"), str):
        yield reason_id
    notes = fact.get("notes")
    for note in notes if isinstance(notes, list) else ():
        if isinstance(note, dict) and isinstance(note_id := note.get("note_id"), str):
            yield note_id
