"""What was put into the store is whole and durable, or it is not there: in a folder as in a bucket."""

import io
import secrets
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from secor_workflow.documents.blobs import PART, Blobs, MissingBlobError, StoreAwayError, WrongBytesError
from workflow.buckets import S3Server

CASE = uuid4()
SMALL = b"A safety policy."
LARGE = secrets.token_bytes(2 * PART + 12_345)


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


async def put(blobs: Blobs, content: bytes, case_id: UUID = CASE) -> str:
    await blobs.put(case_id, digest(content), io.BytesIO(content), len(content))
    return digest(content)


async def read(blobs: Blobs, key: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in blobs.read(CASE, key, start, end)])


class Falling(io.BytesIO):
    """A file in which something happens once so many bytes were read."""

    def __init__(self, content: bytes, after: int, happening: Callable[[], None]) -> None:
        super().__init__(content)
        self._after, self._happening = after, happening

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= self._after:
            self._happening()
        return super().read(size)


def break_off() -> None:
    raise OSError("the disk is gone")


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
async def test_what_was_put_is_read_back_whole(blobs: Blobs, content: bytes) -> None:
    key = await put(blobs, content)

    assert await read(blobs, key) == content
    found = await blobs.find(CASE, key)
    assert found is not None
    assert (found.case_id, found.sha256, found.size) == (CASE, key, len(content))


@pytest.mark.parametrize(("start", "end"), [(0, 1), (5, 70_000), (PART - 1, PART + 1), (len(LARGE) - 1, len(LARGE))])
async def test_a_part_is_read_alone(blobs: Blobs, start: int, end: int) -> None:
    key = await put(blobs, LARGE)

    assert await read(blobs, key, start, end) == LARGE[start:end]
    assert await read(blobs, key, start) == LARGE[start:]


async def test_it_is_read_in_small_pieces(blobs: Blobs) -> None:
    key = await put(blobs, LARGE)
    assert max([len(piece) async for piece in blobs.read(CASE, key)]) <= 1024 * 1024


async def test_the_file_is_put_from_its_beginning_wherever_it_was_read_to(blobs: Blobs) -> None:
    file = io.BytesIO(SMALL)
    file.read()
    await blobs.put(CASE, digest(SMALL), file, len(SMALL))
    assert await read(blobs, digest(SMALL)) == SMALL


async def test_putting_again_changes_nothing(blobs: Blobs) -> None:
    key = await put(blobs, SMALL)
    assert await put(blobs, SMALL) == key
    assert await read(blobs, key) == SMALL
    assert len([blob async for blob in blobs.all()]) == 1


async def test_what_is_not_there_is_said_to_be_missing(blobs: Blobs) -> None:
    assert not await blobs.has(CASE, digest(SMALL))
    with pytest.raises(MissingBlobError):
        await read(blobs, digest(SMALL))


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("wrong", ["another digest", "another size"])
async def test_bytes_that_are_not_what_they_should_be_never_become_visible(
    blobs: Blobs, content: bytes, wrong: str
) -> None:
    key, size = (digest(b"other"), len(content)) if wrong == "another digest" else (digest(content), len(content) - 1)
    with pytest.raises(WrongBytesError):
        await blobs.put(CASE, key, io.BytesIO(content), size)

    assert not await blobs.has(CASE, key)
    assert [blob async for blob in blobs.all()] == []


@pytest.mark.parametrize("after", [0, PART + 1], ids=["at once", "after a part"])
async def test_a_file_that_breaks_off_never_becomes_visible(blobs: Blobs, after: int) -> None:
    with pytest.raises(StoreAwayError):
        await blobs.put(CASE, digest(LARGE), Falling(LARGE, after, break_off), len(LARGE))

    assert not await blobs.has(CASE, digest(LARGE))
    assert [blob async for blob in blobs.all()] == []


async def test_what_was_there_stays_when_putting_it_again_breaks_off(blobs: Blobs) -> None:
    key = await put(blobs, LARGE)
    with pytest.raises(StoreAwayError):
        await blobs.put(CASE, key, Falling(LARGE, PART + 1, break_off), len(LARGE))
    assert await read(blobs, key) == LARGE


async def test_the_same_bytes_of_two_cases_are_kept_apart(blobs: Blobs) -> None:
    other = uuid4()
    key = await put(blobs, SMALL)
    await put(blobs, SMALL, other)

    await blobs.delete(other, key)

    assert not await blobs.has(other, key)
    assert await read(blobs, key) == SMALL


async def test_deleting_what_is_gone_is_no_fault(blobs: Blobs) -> None:
    key = await put(blobs, SMALL)
    await blobs.delete(CASE, key)
    await blobs.delete(CASE, key)
    assert not await blobs.has(CASE, key)


async def test_everything_is_listed(blobs: Blobs) -> None:
    cases = [uuid4() for _ in range(3)]
    for case_id in cases:
        await put(blobs, SMALL, case_id)
        await put(blobs, b"Another.", case_id)

    listed = [(blob.case_id, blob.sha256, blob.size) async for blob in blobs.all()]

    expected = [(case_id, digest(content), len(content)) for case_id in cases for content in (SMALL, b"Another.")]
    assert sorted(listed) == sorted(expected)


async def test_a_store_that_answers_is_ready(blobs: Blobs) -> None:
    await blobs.ready()


async def test_a_bucket_that_is_away_is_said_to_be_and_a_put_that_it_broke_off_left_nothing(s3: S3Server) -> None:
    blobs = Blobs.open(f"{s3.url}/away")
    with pytest.raises(StoreAwayError):
        await blobs.put(CASE, digest(LARGE), Falling(LARGE, PART + 1, s3.stop), len(LARGE))
    with pytest.raises(StoreAwayError):
        await blobs.ready()
    with pytest.raises(StoreAwayError):
        await blobs.has(CASE, digest(LARGE))
    with pytest.raises(StoreAwayError):
        await read(blobs, digest(LARGE))
    with pytest.raises(StoreAwayError):
        await blobs.delete(CASE, digest(LARGE))

    s3.start()

    await blobs.ready()
    assert [blob async for blob in blobs.all()] == []
    key = await put(blobs, LARGE)
    assert await read(blobs, key) == LARGE
    blobs.close()


async def test_a_bucket_that_does_not_exist_is_not_ready(s3: S3Server) -> None:
    blobs = Blobs.open("s3://nobodys")
    with pytest.raises(StoreAwayError):
        await blobs.ready()
    with pytest.raises(StoreAwayError):
        await put(blobs, SMALL)
    blobs.close()


async def test_the_keys_of_a_bucket_may_be_files_and_the_environment_wins(
    s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECOR_SECRETS_DIR", str(tmp_path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
        (tmp_path / name).write_text("of a file\n", "utf-8")
    blobs = Blobs.open(s3.url)
    assert await read(blobs, await put(blobs, SMALL)) == SMALL
    blobs.close()

    (tmp_path / "AWS_SECRET_ACCESS_KEY").write_bytes(b"\xff")
    with pytest.raises(ValueError, match="AWS_SECRET_ACCESS_KEY cannot be read, or is not text"):
        Blobs.open(s3.url)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the environment")
    Blobs.open(s3.url).close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://somewhere/else", "must begin with file:// or s3://, not 'https'"),
        ("documents", "must begin with file:// or s3://, not 'documents'"),
        ("", "must begin with file:// or s3://"),
        ("file://documents", "the whole path of a folder"),
        ("s3:///prefix", "names no bucket"),
    ],
)
def test_a_place_that_is_none_is_refused_in_a_sentence(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Blobs.open(url)
