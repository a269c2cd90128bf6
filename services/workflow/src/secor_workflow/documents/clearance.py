"""Before bytes are given out: if there is a scanner it has looked at them, and it found nothing."""

from datetime import datetime
from tempfile import TemporaryFile
from uuid import UUID

from secor_workflow.documents.blobs import Blobs
from secor_workflow.documents.condition import Conditions, Verdict
from secor_workflow.documents.scanner import MalwareFoundError, Scanner


async def clear(  # noqa: PLR0913 (whose bytes, and the rooms that know of them)
    case_id: UUID, sha256: str, *, blobs: Blobs, conditions: Conditions, scanner: Scanner, now: datetime
) -> None:
    """Have bytes scanned that never were, such as those from before there was a scanner.

    Raises MalwareFoundError, now and whenever it is asked again; ScannerAwayError, StoreAwayError, MissingBlobError.
    """
    known = await conditions.of(case_id, sha256)
    if known.verdict is Verdict.INFECTED:
        raise MalwareFoundError("found earlier")
    if known.verdict is Verdict.CLEAN or not scanner.on:
        return
    with TemporaryFile() as copy:
        async for piece in blobs.read(case_id, sha256):
            copy.write(piece)
        try:
            await scanner.scan(copy)
        except MalwareFoundError:
            await conditions.note_scan(case_id, sha256, Verdict.INFECTED, now)
            raise
    await conditions.note_scan(case_id, sha256, Verdict.CLEAN, now)
