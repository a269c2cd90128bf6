"""Which part of a document a `Range` asks for: one part of what is there, or the whole."""

import pytest

from secor_workflow.api.ranges import BeyondTheEndError, Part, asked_part

ETAG = '"abc"'


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", Part(0, 1)),
        ("bytes=0-99", Part(0, 100)),
        ("bytes=10-19", Part(10, 20)),
        ("bytes=90-", Part(90, 100)),
        ("bytes=90-5000", Part(90, 100)),
        ("bytes=-10", Part(90, 100)),
        ("bytes=-5000", Part(0, 100)),
        ("Bytes= 10-19 ", Part(10, 20)),
        (f"bytes=1-{'9' * 5000}", Part(1, 100)),
    ],
)
def test_one_part_of_what_is_there(asked: str, part: Part) -> None:
    assert asked_part(asked, None, size=100, etag=ETAG) == part


@pytest.mark.parametrize(
    "asked",
    [None, "", "bytes", "bytes=", "bytes=-", "bytes=19-10", "bytes=a-b", "bytes=0-1,5-6", "lines=1-2", "bytes=٣-٤"],
)
def test_the_whole_where_no_one_part_is_asked_for(asked: str | None) -> None:
    assert asked_part(asked, None, size=100, etag=ETAG) is None


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=100-200", f"bytes={'9' * 5000}-", "bytes=-0"])
def test_what_begins_beyond_the_end_is_not_there(asked: str) -> None:
    with pytest.raises(BeyondTheEndError):
        asked_part(asked, None, size=100, etag=ETAG)


def test_the_part_only_if_it_is_still_what_the_caller_has() -> None:
    assert asked_part("bytes=0-9", ETAG, size=100, etag=ETAG) == Part(0, 10)
    for other in ('"def"', f"W/{ETAG}", "Sun, 22 Nov 2026 10:00:00 GMT", ""):
        assert asked_part("bytes=0-9", other, size=100, etag=ETAG) is None
        assert asked_part("bytes=500-", other, size=100, etag=ETAG) is None


def test_a_part_says_where_it_belongs() -> None:
    assert Part(10, 20).size == 10
    assert Part(10, 20).content_range(100) == "bytes 10-19/100"
