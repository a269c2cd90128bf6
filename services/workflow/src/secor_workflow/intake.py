"""Taking a document in: looked into, scanned, kept durably, and only then written to the log."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import BinaryIO
from uuid import UUID

from secor_workflow.asking import Ask, RefusedNow, UnknownCase, may_see
from secor_workflow.documents.blobs import Blobs
from secor_workflow.documents.condition import Conditions, Verdict
from secor_workflow.documents.filenames import safe_name
from secor_workflow.documents.inspect import media_type_of
from secor_workflow.documents.scanner import MalwareFoundError, Scanner
from secor_workflow.domain.beside import Text
from secor_workflow.domain.case import CaseDocument
from secor_workflow.domain.commands import AddDocument
from secor_workflow.domain.context import Actor
from secor_workflow.domain.decide import blockers
from secor_workflow.domain.refusal import Refused
from secor_workflow.domain.roads import BY_WISH
from secor_workflow.handler import Handler

IN_VAIN = {"document_exists", "too_many_documents"}
"""What refuses a document that is there already; whoever hands it in again is told where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A file as it came: what the client calls it, and what was counted on the way."""

    kind: str
    filename: str
    file: BinaryIO
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The document that a file became, or already was."""

    document: CaseDocument
    new: bool
    replayed: bool = False


class Intake:
    """Takes documents in, of all cases."""

    def __init__(
        self, handler: Handler, blobs: Blobs, conditions: Conditions, scanner: Scanner, new_id: Callable[[], UUID]
    ) -> None:
        self._handler, self._blobs, self._conditions, self._scanner = handler, blobs, conditions, scanner
        self._new_id = new_id

    async def may_begin(self, case_id: UUID, actor: Actor, idempotency_key: str | None) -> None:
        """Raises what refuses whatever the file may be, so that nobody sends many bytes in vain.

        A retry of what is recorded may go on, whatever has become of the case since. How many documents there may be
        is asked later: this one may be there already.
        """
        case = await self._handler.log.case(case_id)
        if not may_see(actor, case):
            raise UnknownCase
        if await self._recorded(actor, idempotency_key):
            return
        ctx = self._handler.circumstances.context(actor)
        if refusals := [r for r in blockers(BY_WISH[AddDocument], case, ctx) if r.code not in IN_VAIN]:
            raise RefusedNow(Refused(refusals), case, ctx)

    async def take(
        self, case_id: UUID, actor: Actor, handed: Handed, *, idempotency_key: str | None, if_match: int | None
    ) -> Taken:
        """Take a file in. Its bytes are durable before the event is written; without the event nobody sees them.

        Raises what the handler raises, UnfitFile, MalwareFoundError, ScannerAwayError and StoreAwayError.
        """
        filename = safe_name(handed.filename)
        policy = self._handler.circumstances.context(actor).policy
        ask = Ask(
            actor=actor,
            wish=AddDocument(
                document_id=self._new_id(),
                kind=handed.kind,
                sha256=handed.sha256,
                size=handed.size,
                media_type=await asyncio.to_thread(media_type_of, handed.file, filename, policy),
                filename=Text(filename),
            ),
            body=f"{handed.kind}\n{handed.sha256}\n{filename}".encode(),
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        if not await self._recorded(actor, idempotency_key):
            await self._ask(case_id, replace(ask, dry_run=True))  # what is refused is never stored
            await self._store(case_id, handed)
        try:
            taken = await self._ask(case_id, ask)
            await self._make_sure(case_id, handed)
        finally:
            await self._forget_erased(case_id, handed.sha256)
        return taken

    async def _recorded(self, actor: Actor, idempotency_key: str | None) -> bool:
        return idempotency_key is not None and await self._handler.log.recorded(actor.id, idempotency_key) is not None

    async def _ask(self, case_id: UUID, ask: Ask) -> Taken:
        assert isinstance(ask.wish, AddDocument)  # noqa: S101 (nothing else is asked for here)
        try:
            answer = await self._handler.handle(case_id, ask)
        except RefusedNow as no:
            there = no.case.document_of(ask.wish.kind, ask.wish.sha256)
            if there is None or {refusal.code for refusal in no.refusals} - IN_VAIN:
                raise
            return Taken(document=there, new=False)
        return Taken(document=answer.case.documents[-1], new=True, replayed=answer.replayed)

    async def _store(self, case_id: UUID, handed: Handed) -> None:
        clock = self._handler.circumstances.clock
        try:
            await self._scanner.scan(handed.file)
        except MalwareFoundError:
            if await self._blobs.has(case_id, handed.sha256):  # taken in when the scanner did not know them yet
                await self._conditions.note_scan(case_id, handed.sha256, Verdict.INFECTED, clock.now())
            raise
        if self._scanner.on:
            await self._conditions.note_scan(case_id, handed.sha256, Verdict.CLEAN, clock.now())
        await self._blobs.put(case_id, handed.sha256, handed.file, handed.size)

    async def _make_sure(self, case_id: UUID, handed: Handed) -> None:
        """The bytes may have been collected as nobody's just before the event made them somebody's."""
        if not await self._blobs.has(case_id, handed.sha256):
            await self._blobs.put(case_id, handed.sha256, handed.file, handed.size)

    async def _forget_erased(self, case_id: UUID, sha256: str) -> None:
        """The bytes may have been erased for good while they were handed in once more."""
        if (await self._conditions.of(case_id, sha256)).erased_at is not None:
            await self._blobs.delete(case_id, sha256)
