"""The package for WorkSafeBC as one archive: the audit's details, its documents, and a manifest of their digests."""

import hashlib
from collections.abc import AsyncGenerator, Iterator
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import iterate_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, Field

from secor_workflow.api.access import Known, PackageReader, bearer, still_opens
from secor_workflow.api.live import LiveResponse
from secor_workflow.api.package import PackageView, package
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import Id, not_found, not_modified, uuid_of
from secor_workflow.api.rooms import InRooms, Rooms
from secor_workflow.asking import may_see
from secor_workflow.documents.blobs import Blobs, MissingBlobError
from secor_workflow.documents.clearance import clear
from secor_workflow.documents.packing import Packed, packed
from secor_workflow.documents.scanner import MalwareFoundError
from secor_workflow.domain.policy import Policy

router = APIRouter(tags=["cases"], dependencies=[Depends(bearer)])

ZIP = "application/zip"


class ManifestEntry(BaseModel):
    """A document of the audit; `path` is null if its bytes are not in the archive."""

    document_id: UUID
    kind: str
    path: str | None
    sha256: str | None = Field(description="In hex; null for audits of before files were kept.")
    size: int | None
    media_type: str | None
    erased: bool = Field(description="Whether its bytes were erased for good.")


class Manifest(BaseModel):
    """What is in the archive, and by which digests to check it."""

    case_id: UUID
    package_sha256: str = Field(description="Of package.json, in hex.")
    documents: list[ManifestEntry]


@router.get(
    "/v1/cases/{case_id}/worksafebc-package.zip",
    operation_id="read_worksafebc_package_zip",
    summary="The audit's details and documents for WorkSafeBC, as an archive",
    response_class=Response,
)
async def read_package_zip(
    request: Request, case_id: Id, actor: PackageReader, rooms: InRooms, credential: Known
) -> Response:
    """`package.json`, `manifest.json` and `documents/…`; the same case gives the same bytes each time.

    A document whose bytes were erased is named in the manifest, and not there.
    """
    case = await rooms.log.case(uuid_of(case_id))
    if not may_see(actor, case):
        raise not_found()
    policy = rooms.circumstances.context(actor).policy_of(case)
    view = package(case, policy)
    if view is None:
        raise Problem("not_found", f"A package exists once the review is passed; this case is {case.state}.")
    details = view.model_dump_json().encode()
    manifest = await _manifest(view, details, policy, rooms)
    listed = manifest.model_dump_json(indent=2).encode()
    headers = {
        "ETag": f'"{hashlib.sha256(listed).hexdigest()}"',  # the manifest's digests speak for all the rest
        "Content-Disposition": f'attachment; filename="worksafebc-package-{case.case_id}.zip"',
        "Cache-Control": "private, no-cache",
    }
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    await _all_may_go_out(manifest, rooms)
    files = _files(manifest, {"package.json": details, "manifest.json": listed}, rooms.blobs)
    lasts = partial(still_opens, credential, rooms)
    return LiveResponse(_sent(packed(files, view.decided_on)), ZIP, headers, lasts=lasts, for_ever=False)


async def _sent(pieces: Iterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Packed in a thread, which may wait for the store."""
    async for piece in iterate_in_threadpool(pieces):
        yield piece


async def _manifest(view: PackageView, details: bytes, policy: Policy, rooms: Rooms) -> Manifest:
    conditions = await rooms.condition.of_case(view.case_id)
    erased = {sha256 for sha256, condition in conditions.items() if condition.erased_at}
    endings = {media_type.code: media_type.extensions[0] for media_type in policy.media_types}
    entries = [
        ManifestEntry(
            document_id=document.document_id,
            kind=document.kind,
            path=f"documents/{number:02}-{document.kind}.{endings.get(document.media_type or '', 'bin')}"
            if document.sha256 and document.sha256 not in erased
            else None,
            sha256=document.sha256,
            size=document.size,
            media_type=document.media_type,
            erased=document.sha256 in erased,
        )
        for number, document in enumerate(view.documents, start=1)
    ]
    return Manifest(case_id=view.case_id, package_sha256=hashlib.sha256(details).hexdigest(), documents=entries)


async def _all_may_go_out(manifest: Manifest, rooms: Rooms) -> None:
    """Whatever stands in the way is said before the first byte is sent."""
    for path, sha256, _ in _kept(manifest):
        try:
            await clear(
                manifest.case_id,
                sha256,
                blobs=rooms.blobs,
                conditions=rooms.condition,
                scanner=rooms.scanner,
                now=rooms.clock.now(),
            )
        except MalwareFoundError as error:
            raise Problem("document_infected", f"The virus scanner found something in {path}.") from error
        if not await rooms.blobs.has(manifest.case_id, sha256):
            raise MissingBlobError(sha256)


def _files(manifest: Manifest, texts: dict[str, bytes], blobs: Blobs) -> Iterator[Packed]:
    for path, text in texts.items():
        yield Packed(path, len(text), [text])
    for path, sha256, size in _kept(manifest):
        yield Packed(path, size, _held_to(sha256, blobs.chunks(manifest.case_id, sha256)))


def _kept(manifest: Manifest) -> Iterator[tuple[str, str, int]]:
    """Path, digest and size of every document that is in the archive."""
    for entry in manifest.documents:
        if entry.path and entry.sha256 and entry.size:
            yield entry.path, entry.sha256, entry.size


def _held_to(sha256: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces; if they are not those of the digest the archive is cut off, and nobody takes it for whole."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        yield piece
    if digest.hexdigest() != sha256:
        raise MissingBlobError(f"those of {sha256} are others")
