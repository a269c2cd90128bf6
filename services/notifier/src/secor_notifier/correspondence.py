"""A letter's way from a decision to an envelope: asks the workflow what it needs, writes, and addresses."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import uuid5

from secor_notifier.channels.envelope import Addressed, Attachment, Contents, Envelope, Postmark, message_id, seal
from secor_notifier.clock import Clock
from secor_notifier.courtesies import Courtesies
from secor_notifier.domain.case import CaseNow
from secor_notifier.domain.digest import Contents as Digest
from secor_notifier.domain.letters import (
    SOURCE,
    Addressee,
    Desk,
    Material,
    Written,
    template_version,
    write,
    write_digest,
    write_several,
)
from secor_notifier.domain.recipients import Recipient, Role
from secor_notifier.domain.reminders import NAMESPACE, Owed
from secor_notifier.domain.rules import Rules
from secor_notifier.ledger import Reminder, Template
from secor_notifier.package import PACKAGE_LETTER, PackageByRule
from secor_notifier.workflow import Reads


@dataclass(frozen=True)
class Addresses:
    """The addresses which belong to no person."""

    sender: str
    staff: str
    worksafebc: str
    phone: str | None = None
    case_url: str | None = None
    package_url: str = ""


@dataclass(frozen=True)
class Correspondence:
    """Knows how to write, and keeps nothing of what it was told."""

    reads: Reads
    rules: Rules
    addresses: Addresses
    clock: Clock
    courtesies: Courtesies
    locale: str = SOURCE

    async def prepare(self, reminder: Reminder, case: CaseNow) -> Envelope:
        """The reminder's letter, ready to send."""
        decision = reminder.decision
        addressed = await self._addressed(decision.recipient)
        way_out = self.courtesies.unsubscribe(decision)
        material = await self._material(decision, reminder.fact, case, addressed.name)
        written = write(decision.letter, replace(material, way_out=way_out))
        postmark = Postmark(_together_id([reminder]), decision.letter, reminder.due_at, case.case_id, way_out)
        attachments = await self._attachments(decision, case)
        contents = Contents(written.subject, written.text, written.html, attachments)
        return seal(postmark, contents, addressed, self.clock.now())

    async def prepare_several(self, parcel: Sequence[tuple[Reminder, CaseNow]]) -> Envelope:
        """One letter for several reminders of one person."""
        reminders = [reminder for reminder, _ in parcel]
        addressed = await self._addressed(reminders[0].decision.recipient)
        materials = [await self._material(one.decision, one.fact, case, addressed.name) for one, case in parcel]
        way_out = self.courtesies.unsubscribe(reminders[0].decision)
        written = write_several(self.rules.together, [replace(material, way_out=way_out) for material in materials])
        cases = {case.case_id for _, case in parcel}
        postmark = Postmark(
            _together_id(reminders),
            self.rules.together,
            min(one.due_at for one in reminders),
            cases.pop() if len(cases) == 1 else None,
            way_out,
        )
        dates = await self.courtesies.calendar([(one.decision, case) for one, case in parcel])
        contents = Contents(written.subject, written.text, written.html, dates)
        return seal(postmark, contents, addressed, self.clock.now())

    async def prepare_digest(self, reminder: Reminder, contents: Digest) -> Envelope:
        """The staff's daily letter."""
        written = self.write_digest(contents)
        postmark = Postmark(reminder.reminder_id, reminder.decision.letter, reminder.due_at)
        addressed = await self._addressed(reminder.decision.recipient)
        return seal(postmark, Contents(written.subject, written.text, written.html), addressed, self.clock.now())

    def message_id(self, parcel: Sequence[Reminder]) -> str:
        """What the letter for these is called, whenever and however often it is tried."""
        return message_id(_together_id(parcel), self.addresses.sender)

    def template(self, parcel: Sequence[Reminder]) -> Template:
        """What the letter for these is written from, as it is now."""
        letter = parcel[0].decision.letter if len(parcel) == 1 else self.rules.together
        return Template(letter, template_version(letter))

    @property
    def _package(self) -> PackageByRule:
        return PackageByRule(self.reads, self.rules.enclosing, self.addresses.package_url)

    @property
    def _desk(self) -> Desk:
        return Desk(self.addresses.staff, self.addresses.phone, self.addresses.case_url)

    async def write(
        self, decision: Owed, fact: Mapping[str, object], case: CaseNow, name: str | None, locale: str | None = None
    ) -> Written:
        """The letter alone, without its reader's way out; in the language wanted, or else in the one that is set."""
        material = await self._material(decision, fact, case, name)
        return write(decision.letter, replace(material, locale=locale or self.locale))

    async def write_several(
        self, decisions: Sequence[Owed], case: CaseNow, name: str | None, locale: str | None = None
    ) -> Written:
        """Several dates of one case in one letter."""
        materials = [await self._material(one, {}, case, name) for one in decisions]
        return write_several(self.rules.together, [replace(one, locale=locale or self.locale) for one in materials])

    def write_digest(self, contents: Digest) -> Written:
        return write_digest(self.rules.digest.letter, contents, self.clock.today(), self._desk)

    async def _material(self, decision: Owed, fact: Mapping[str, object], case: CaseNow, name: str | None) -> Material:
        return Material(
            case=case,
            addressee=Addressee(decision.recipient.role, name),
            today=self.clock.today(),
            programme=self.rules.programme,
            policy=await self.reads.policy(),
            desk=self._desk,
            locale=self.locale,
            deadline=case.deadline(decision.deadline) if decision.deadline else None,
            fact=fact,
            texts={text_id: await self.reads.text(text_id) for text_id in _texts_in(fact)},
            linked=await self._package.linked(decision),
        )

    async def _addressed(self, recipient: Recipient) -> Addressed:
        match recipient.role:
            case Role.STAFF:
                return Addressed(self.addresses.sender, self.addresses.staff)
            case Role.WORKSAFEBC:
                return Addressed(self.addresses.sender, self.addresses.worksafebc)
        person = await self.reads.person(recipient.id)
        return Addressed(self.addresses.sender, person.email, person.name)

    async def _attachments(self, decision: Owed, case: CaseNow) -> tuple[Attachment, ...]:
        if decision.letter != PACKAGE_LETTER:
            return await self.courtesies.calendar([(decision, case)])
        return (await self._package.attachment(decision, case),)


def _together_id(parcel: Sequence[Reminder]) -> str:
    """The id of the one, or one made of them all; when they were tried before, the one they then had."""
    if parcel[0].message_id:
        return parcel[0].message_id.strip("<>").rpartition("@")[0]
    ids = sorted(reminder.reminder_id for reminder in parcel)
    return ids[0] if len(ids) == 1 else str(uuid5(NAMESPACE, "/".join(ids)))


def _texts_in(fact: Mapping[str, object]) -> Iterator[str]:
    """The ids of the reasons and notes which a fact points to."""
    if isinstance(reason_id := fact.get("reason_id"), str):
        yield reason_id
    notes = fact.get("notes")
    for note in notes if isinstance(notes, list) else ():
        if isinstance(note, dict) and isinstance(note_id := note.get("note_id"), str):
            yield note_id
