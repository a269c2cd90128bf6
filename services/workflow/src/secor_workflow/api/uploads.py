"""Reading an upload as it streams in: a form with the parts `kind` and `file`, or the bytes alone with their digest."""

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryFile
from typing import BinaryIO

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.datastructures import UploadFile

from secor_workflow.api.forms import Parts, parts_of_form
from secor_workflow.api.problems import Problem, invalid
from secor_workflow.api.requests import Parameters, single
from secor_workflow.domain.values import Code
from secor_workflow.intake import Handed

FORM, BYTES = "multipart/form-data", "application/octet-stream"
FORM_OVERHEAD = 64 * 1024
"""What a form may have around the file: boundaries, headers, the other part."""

_SHA_256 = re.compile(r"(?:^|,)[ \t]*sha-256=:([A-Za-z0-9+/]{43}=):[ \t]*(?=,|$)", re.ASCII)
_KIND = TypeAdapter(Code)
_PIECE = 256 * 1024


class UploadParameters(Parameters):
    kind: Code | None = Field(
        default=None, description="With a raw body: the document's kind; GET /v1/policy lists them."
    )
    filename: str | None = Field(
        default=None, min_length=1, max_length=1000, description="With a raw body: what the file is called."
    )


class DocumentForm(BaseModel):
    """A document to hand in, as `multipart/form-data`."""

    model_config = ConfigDict(extra="forbid")

    kind: Code = Field(examples=["audit_tool"], description="One of the `document_kinds` of GET /v1/policy.")
    file: str = Field(
        json_schema_extra={"format": "binary", "contentMediaType": BYTES}, description="The file, with its name."
    )


class _Body:
    """The request's body: counted, held to its limit, and digested on the way."""

    def __init__(self, request: Request, most: int, refusal: Problem) -> None:
        self._request, self._most, self._refusal = request, most, refusal
        self.size, self._sha = 0, hashlib.sha256()
        told = request.headers.get("content-length", "")
        if told.isascii() and told.isdigit() and (len(told) > len(str(most)) or int(told) > most):
            raise refusal

    async def stream(self) -> AsyncGenerator[bytes, None]:
        async for chunk in self._request.stream():
            self.size += len(chunk)
            if self.size > self._most:
                raise self._refusal
            self._sha.update(chunk)
            yield chunk

    @property
    def sha256(self) -> bytes:
        return self._sha.digest()


@asynccontextmanager
async def handed(request: Request, told: UploadParameters, *, most: int, types: set[str]) -> AsyncIterator[Handed]:
    """What is handed in, its bytes in a temporary file that is gone afterwards. `types` may name a raw body's own."""
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    reading = {FORM: _form, BYTES: _raw, **dict.fromkeys(types, _raw)}.get(media_type)
    if reading is None:
        raise Problem(
            "unsupported_media_type",
            f"Send a form as `{FORM}` with the parts `kind` and `file`, or the bytes alone as `{BYTES}`.",
        )
    expected = _content_digest(request)
    too_large = Problem("document_too_large", f"A document may have {most} bytes at most.")
    body = _Body(request, most + (FORM_OVERHEAD if media_type == FORM else 0), too_large)
    async with reading(request, told, body, expected) as document:
        yield document


@asynccontextmanager
async def _raw(_request: Request, told: UploadParameters, body: _Body, expected: bytes | None) -> AsyncIterator[Handed]:
    if told.kind is None or told.filename is None:
        raise invalid(
            [
                {"loc": (name,), "msg": f"A raw body needs `?{name}=…`."}
                for name, value in (("kind", told.kind), ("filename", told.filename))
                if value is None
            ]
        )
    if expected is None:
        raise Problem("bad_header", "A raw body needs `Content-Digest: sha-256=:…:` (RFC 9530), the digest in base64.")
    with TemporaryFile() as file:
        async for chunk in body.stream():
            await asyncio.to_thread(file.write, chunk)
        _agree(body, expected)
        file.seek(0)
        yield Handed(kind=told.kind, filename=told.filename, file=file, size=body.size, sha256=body.sha256.hex())


@asynccontextmanager
async def _form(request: Request, told: UploadParameters, body: _Body, expected: bytes | None) -> AsyncIterator[Handed]:
    if told.kind is not None or told.filename is not None:
        raise Problem("invalid_request", "With a form, `kind` is a part of it and `file` brings its name along.")
    async with parts_of_form(request, body.stream()) as parts:
        if expected is not None:
            _agree(body, expected)
        kind, upload = _parts(parts)
        file: BinaryIO = upload.file
        digest = await asyncio.to_thread(_digest, file)
        yield Handed(kind=kind, filename=upload.filename or "", file=file, size=upload.size or 0, sha256=digest)


def _parts(items: Parts) -> tuple[str, UploadFile]:
    """`kind` and `file`, both once and nothing else."""
    names = [name for name, _ in items]
    errors = [
        {
            "loc": (name,),
            "msg": "The form has this part more than once." if name in names else "The form lacks this part.",
        }
        for name in ("kind", "file")
        if names.count(name) != 1
    ]
    errors += [{"loc": (name[:60],), "msg": "There is no such part."} for name in names if name not in {"kind", "file"}]
    parts = dict(items)
    kind, file = parts.get("kind"), parts.get("file")
    if isinstance(kind, UploadFile):
        errors.append({"loc": ("kind",), "msg": "This part is a word, not a file."})
    if isinstance(file, str):
        errors.append({"loc": ("file",), "msg": "This part is a file: give it a filename."})
    if errors or not isinstance(kind, str) or not isinstance(file, UploadFile):
        raise invalid([dict(error) for error in errors])
    try:
        return _KIND.validate_python(kind), file
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        raise invalid([{**dict(e), "loc": ("kind",)} for e in wrong]) from error


def _digest(file: BinaryIO) -> str:
    sha = hashlib.sha256()
    file.seek(0)
    while piece := file.read(_PIECE):
        sha.update(piece)
    return sha.hexdigest()


def _content_digest(request: Request) -> bytes | None:
    """The SHA-256 in `Content-Digest`, if the header is there; other algorithms beside it are passed over."""
    header = single(request, "content-digest")
    if header is None:
        return None
    if not (found := _SHA_256.findall(header)):
        raise Problem(
            "bad_header", "`Content-Digest` is `sha-256=:…:` (RFC 9530), the digest in base64 between colons."
        )
    return base64.b64decode(found[-1])  # of a name that is given twice the last value counts (RFC 9651)


def _agree(body: _Body, expected: bytes) -> None:
    if body.sha256 != expected:
        raise Problem(
            "digest_mismatch",
            f"The {body.size} bytes that came are not those that `Content-Digest` tells of; send them again.",
        )
