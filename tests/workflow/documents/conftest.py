"""Where documents are kept: a folder, and a bucket of a real S3 server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from secor_workflow.documents.blobs import Blobs
from workflow.buckets import S3Server


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "here"


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, folder: Path) -> str:
    """Each promise is kept by both."""
    if request.param == "folder":
        return folder.as_uri()
    server: S3Server = request.getfixturevalue("s3")
    return f"{server.url}/{request.node.name}"


@pytest.fixture
def blobs(store: str) -> Iterator[Blobs]:
    opened = Blobs.open(store)
    yield opened
    opened.close()
