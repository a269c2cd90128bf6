"""The bytes of documents in a folder or an S3-compatible bucket, each under its case and its SHA-256.

Nothing is shared between cases, so erasing in one is whole and touches no other. The store's client is asked from
threads of our own: its asynchronous calls can abort a process that ends right after one.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self, TypeVar
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore

from secor_workflow.documents import folder
from secor_workflow.documents.places import bucket_of, folder_of

if TYPE_CHECKING:
    from obstore import GetOptions, ObjectMeta  # there for type checkers alone

T = TypeVar("T")
PART = 5 * 1024 * 1024
"""What is sent to the store at a time: the least that S3 takes as a part."""
_CHUNK = 256 * 1024
_THREADS = 16
_KEY = re.compile(r"(?P<case_id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/(?P<sha256>[0-9a-f]{64})")


class StoreAwayError(Exception):
    """The store does not answer, or refuses us; nothing became visible in it."""


class MissingBlobError(LookupError):
    """The store has no such bytes."""


class WrongBytesError(ValueError):
    """What was to be stored are not the bytes of that digest and size; nothing became visible."""


@dataclass(frozen=True, slots=True)
class Blob:
    """What the store tells of some bytes without reading them."""

    case_id: UUID
    sha256: str
    size: int
    last_modified: datetime


class Blobs:
    """One store of bytes. What was put is durable and whole, or it is not there."""

    def __init__(self, store: ObjectStore, root: Path | None) -> None:
        self._store = store
        self._root = root
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="blobs")
        self._looking: asyncio.Task[None] | None = None

    @classmethod
    def open(cls, url: str) -> Self:
        """The store at `file:///folder` or `s3://bucket/prefix`. Raises ValueError for any other."""
        if root := folder_of(url):
            folder.make(root)
            return cls(LocalStore(root), root)
        return cls(bucket_of(url), None)

    def close(self) -> None:
        """Begin nothing more; what is being written or read ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def put(self, case_id: UUID, sha256: str, file: BinaryIO, size: int) -> None:
        """Store a file's bytes, from its beginning; durable when it returns. Storing them again makes them new.

        Raises WrongBytesError if they are not those of the digest, StoreAwayError if the store does not take them.
        """
        await self._ask(self._put, _key(case_id, sha256), sha256, file, size)

    def _put(self, key: str, sha256: str, file: BinaryIO, size: int) -> None:
        with _answers():
            if self._root:
                folder.look(self._root)  # the client would make it anew: on another disk, and open to everybody
            parts = _checked(file, sha256, size)
            whole = b"".join(parts) if size <= PART else parts  # one request is enough for one part
            obstore.put(self._store, key, whole, chunk_size=PART, max_concurrency=1)
            if self._root:
                folder.settle(self._root / key, self._root)

    async def find(self, case_id: UUID, sha256: str) -> Blob | None:
        """What the store has of them, if anything."""
        return await self._ask(self._find, case_id, sha256)

    def _find(self, case_id: UUID, sha256: str) -> Blob | None:
        with _answers():
            try:
                meta = obstore.head(self._store, _key(case_id, sha256))
            except FileNotFoundError:
                return None
        return _blob(meta)

    async def has(self, case_id: UUID, sha256: str) -> bool:
        return await self.find(case_id, sha256) is not None

    def chunks(self, case_id: UUID, sha256: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes `start` to `end` (exclusive) in pieces, for a thread that may wait. Raises MissingBlobError."""
        with _answers():
            try:
                span: GetOptions = {"range": {"offset": start} if end is None else (start, end)}
                found = obstore.get(self._store, _key(case_id, sha256), options=span)
            except FileNotFoundError:
                raise MissingBlobError(sha256) from None
            yield from map(bytes, found.stream(min_chunk_size=_CHUNK))

    async def read(self, case_id: UUID, sha256: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Bytes `start` to `end` (exclusive) in pieces of at most a mebibyte. Raises MissingBlobError at the first."""
        pieces = self.chunks(case_id, sha256, start, end)
        while piece := await self._ask(next, pieces, None):
            yield piece

    async def delete(self, case_id: UUID, sha256: str) -> None:
        """Remove bytes for good; it is no fault if they are not there."""
        await self._ask(self._delete, _key(case_id, sha256))

    def _delete(self, key: str) -> None:
        with _answers():
            try:
                obstore.delete(self._store, key)
            except FileNotFoundError:
                return
            if self._root:
                folder.flush((self._root / key).parent)

    async def all(self) -> AsyncIterator[Blob]:
        """Everything that is stored, in no order; what others put beside it is left out."""
        pages = self._pages()
        while page := await self._ask(next, pages, None):
            for blob in page:
                yield blob

    def _pages(self) -> Iterator[list[Blob]]:
        with _answers():
            for page in obstore.list(self._store, chunk_size=1000):
                if blobs := [blob for meta in page if (blob := _blob(meta))]:
                    yield blobs

    async def unfinished(self, before: datetime, *, delete: bool) -> int:
        """How many files a killed process left half-written before an instant, and with `delete` away with them.

        A bucket does not show its own: a lifecycle rule aborts them (docs/operations.md).
        """
        return await self._ask(folder.unfinished, self._root, before, delete) if self._root else 0

    async def ready(self) -> None:
        """Raises StoreAwayError unless the store answers. Whoever asks meanwhile gets the same answer."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._ask(self._look), name="store")
            self._looking.add_done_callback(lambda look: look.cancelled() or look.exception())  # nobody may be left
        await asyncio.shield(self._looking)

    def _look(self) -> None:
        with _answers():
            if self._root:
                folder.look(self._root)
            obstore.list_with_delimiter(self._store, "ready")

    async def _ask(self, call: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *args)


def _key(case_id: UUID, sha256: str) -> str:
    return f"{case_id}/{sha256}"


def _blob(meta: "ObjectMeta") -> Blob | None:
    key = _KEY.fullmatch(meta["path"])
    return Blob(UUID(key["case_id"]), key["sha256"], meta["size"], meta["last_modified"]) if key else None


def _checked(file: BinaryIO, sha256: str, size: int) -> Iterator[bytes]:
    """A file's pieces. If they are not what they should be it ends with an error, and nothing becomes visible."""
    file.seek(0)
    digest, count = hashlib.sha256(), 0
    while piece := file.read(_CHUNK):
        digest.update(piece)
        count += len(piece)
        yield piece
    if (digest.hexdigest(), count) != (sha256, size):
        raise WrongBytesError(f"{count} bytes of {digest.hexdigest()} are not {size} of {sha256}")


@contextmanager
def _answers() -> Iterator[None]:
    """All that can be wrong with a store becomes one error."""
    try:
        yield
    except (BaseError, OSError) as error:
        raise StoreAwayError(f"The document store does not answer: {type(error).__name__}.") from error
