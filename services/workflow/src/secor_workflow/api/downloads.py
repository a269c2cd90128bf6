"""Giving out a document's bytes: whole and held to their digest, or one part of them."""

import base64
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response

from secor_workflow.api.live import Lasts, LiveResponse
from secor_workflow.api.problems import Problem
from secor_workflow.api.ranges import BeyondTheEndError, Part, asked_part
from secor_workflow.api.requests import not_modified
from secor_workflow.api.rooms import Rooms
from secor_workflow.documents.blobs import MissingBlobError
from secor_workflow.documents.clearance import clear
from secor_workflow.documents.scanner import MalwareFoundError
from secor_workflow.domain.case import Case, CaseDocument
from secor_workflow.domain.policy import Policy


async def download(request: Request, case: Case, document: CaseDocument, rooms: Rooms, lasts: Lasts) -> Response:
    """The answer that brings a document's bytes while the credential lasts, or says why there are none."""
    await _may_be_given(case, document, rooms)
    headers = await _headers(document, rooms)
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    part = _part(request, document, headers["ETag"])
    status, length = (200, document.size) if part is None else (206, part.size)
    headers["Content-Length"] = str(length)
    if part:
        headers["Content-Range"] = part.content_range(document.size)
    if request.method == "HEAD":
        return Response(status_code=status, media_type=document.media_type, headers=headers)
    bytes_ = await _begun(_bytes(case, document, part, rooms))
    return LiveResponse(bytes_, document.media_type, headers, lasts=lasts, for_ever=False, status_code=status)


async def _may_be_given(case: Case, document: CaseDocument, rooms: Rooms) -> None:
    if document.withdrawn:
        raise Problem("document_withdrawn", "This document was withdrawn before it was submitted.")
    if (await rooms.condition.of(case.case_id, document.sha256)).erased_at:
        raise Problem("erased", "The bytes of this document were erased for good.")
    try:
        await clear(
            case.case_id,
            document.sha256,
            blobs=rooms.blobs,
            conditions=rooms.condition,
            scanner=rooms.scanner,
            now=rooms.clock.now(),
        )
    except MalwareFoundError as error:
        raise Problem(
            "document_infected", "The virus scanner found something in this document; it is kept back."
        ) from error


async def _headers(document: CaseDocument, rooms: Rooms) -> dict[str, str]:
    digest = base64.b64encode(bytes.fromhex(document.sha256)).decode()
    names = await rooms.people.words_of([document.filename_id])
    policy = rooms.policies.on(rooms.clock.local_day(rooms.clock.now()))
    return {
        "ETag": f'"{document.sha256}"',
        "Repr-Digest": f"sha-256=:{digest}:",
        "Accept-Ranges": "bytes",
        "Content-Disposition": _attachment(names.get(document.filename_id) or _plain_name(document, policy)),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "private, no-cache",
        "X-Accel-Buffering": "no",  # a proxy that took it all at once would give out what we cut off
    }


def _attachment(name: str) -> str:
    """RFC 6266, with a plain name for clients that read no other."""
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\%' else "_" for letter in name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _plain_name(document: CaseDocument, policy: Policy) -> str:
    """What it is called once its name was erased."""
    known = {media_type.code: media_type.extensions for media_type in policy.media_types}
    (extension, *_) = known.get(document.media_type, ("bin",))
    return f"{document.kind}.{extension}"


def _part(request: Request, document: CaseDocument, etag: str) -> Part | None:
    if request.method == "HEAD":  # ranges are of GET alone
        return None
    asked, only_if = request.headers.get("range"), request.headers.get("if-range")
    try:
        return asked_part(asked, only_if, size=document.size, etag=etag)
    except BeyondTheEndError:
        raise Problem(
            "range_not_satisfiable",
            f"The document has {document.size} bytes.",
            headers={"Content-Range": f"bytes */{document.size}"},
        ) from None


async def _bytes(case: Case, document: CaseDocument, part: Part | None, rooms: Rooms) -> AsyncIterator[bytes]:
    if part:
        async for piece in rooms.blobs.read(case.case_id, document.sha256, part.start, part.end):
            yield piece
        return
    digest, before = hashlib.sha256(), b""
    async for piece in rooms.blobs.read(case.case_id, document.sha256):
        digest.update(piece)
        if before:
            yield before
        before = piece
    if digest.hexdigest() != document.sha256:  # the last piece is kept back: nobody takes this for the whole
        raise MissingBlobError(f"those of document {document.document_id} are others")
    yield before


async def _begun(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The same pieces; a store that has none to give is found out here, while it can still be said."""
    first = await anext(pieces)

    async def all_of_them() -> AsyncGenerator[bytes, None]:
        yield first
        async for piece in pieces:
            yield piece

    return all_of_them()
