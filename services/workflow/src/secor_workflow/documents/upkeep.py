"""Collecting bytes that no event speaks of, and checking that those which one does are there and whole."""

import asyncio
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from secor_workflow.database.engine import exclusive
from secor_workflow.documents.blobs import Blob, Blobs, MissingBlobError
from secor_workflow.documents.condition import Bytes, Conditions
from secor_workflow.documents.references import is_referenced, referenced
from secor_workflow.log.archives import all_archived_cases
from secor_workflow.log.log import Log

Progress = Callable[[int, int], None]
YOUNG = timedelta(days=1)
"""So long what nobody speaks of may still belong to an upload that goes on."""


@dataclass(slots=True)
class Collected:
    """What was found that nobody needs, or is to be gone."""

    orphans: list[Blob] = field(default_factory=list)
    erased: list[Blob] = field(default_factory=list)
    unfinished: int = 0


class Upkeep:
    """Keeps store and log of one mind; the log is right."""

    def __init__(self, log: Log, blobs: Blobs, conditions: Conditions) -> None:
        self._log, self._blobs, self._conditions = log, blobs, conditions

    async def collect(self, now: datetime, progress: Progress, *, delete: bool) -> Collected:
        """Find orphans older than a day, and bytes whose erasure was cut short; with `delete` they are gone."""
        known, erased = await referenced(self._log), await self._conditions.erased()
        found, looked_at, before = Collected(), 0, now - YOUNG
        async with self._log.engine.connect() as connection:
            archived = await all_archived_cases(connection)
        async for blob in self._blobs.all():
            these = Bytes(blob.case_id, blob.sha256)
            if these in erased:
                found.erased.append(blob)
            elif these not in known and blob.case_id not in archived and blob.last_modified < before:
                found.orphans.append(blob)
            progress(looked_at := looked_at + 1, max(looked_at, len(known)))
        found.unfinished = await self._blobs.unfinished(before, delete=delete)
        if delete:
            for blob in found.erased:
                await self._blobs.delete(blob.case_id, blob.sha256)
            found.orphans = [blob for blob in found.orphans if await self._delete_orphan(blob, before)]
        return found

    async def _delete_orphan(self, blob: Blob, before: datetime) -> bool:
        """Delete bytes unless they became somebody's, or young again, since they were looked at.

        No event is written meanwhile. So an upload's event comes before, and its bytes are spared, or after, and then
        it looks for them once more and finds that it has to store them again.
        """
        async with exclusive(self._log.engine) as connection:
            now = await self._blobs.find(blob.case_id, blob.sha256)
            if now is None or now.last_modified >= before:
                return False
            if await is_referenced(connection, Bytes(blob.case_id, blob.sha256)):
                return False
            await self._blobs.delete(blob.case_id, blob.sha256)
        return True

    async def verify(self, progress: Progress) -> list[str]:
        """What is wrong: bytes that are missing, altered, or still there although they were erased."""
        known, erased = await referenced(self._log), await self._conditions.erased()
        faults: list[str] = []
        done, total = 0, sum(size for these, size in known.items() if these not in erased)
        for these, size in known.items():
            if these in erased:
                if await self._blobs.has(these.case_id, these.sha256):
                    faults.append(_fault(these, "were erased but are still there; run `secor-workflow documents gc`"))
                continue
            try:
                digest, count = await asyncio.to_thread(_digest, self._blobs.chunks(these.case_id, these.sha256))
            except MissingBlobError:
                if (await self._conditions.of(*these)).erased_at is None:  # else just now, while others were looked at
                    faults.append(_fault(these, "are missing"))
            else:
                if (digest, count) != (these.sha256, size):
                    faults.append(_fault(these, f"were altered: {count} bytes of {digest}, not {size}"))
            progress(done := done + size, total)
        return faults


def _digest(pieces: Iterator[bytes]) -> tuple[str, int]:
    digest, count = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        count += len(piece)
    return digest.hexdigest(), count


def _fault(these: Bytes, what: str) -> str:
    return f"case {these.case_id}: the bytes {these.sha256} of a document {what}"
