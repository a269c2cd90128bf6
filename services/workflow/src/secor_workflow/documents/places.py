"""Where documents are kept, as the setting WORKFLOW_DOCUMENTS_URL says it."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

from obstore.store import S3Store

if TYPE_CHECKING:
    from obstore.store import S3Config  # there for type checkers alone

_PATIENCE = {"connect_timeout": "5s", "read_timeout": "30s", "timeout": "1h"}
"""A silent store is given up soon; a slow reader of a large document is not."""


def folder_of(url: str) -> Path | None:
    """The folder of a `file:` URL; None for `s3:`. Raises ValueError for anything else."""
    place = urlsplit(url)
    match place.scheme:
        case "file" if place.netloc in {"", "localhost"} and place.path.startswith("/"):
            return Path(unquote(place.path))
        case "file":
            raise ValueError(f"WORKFLOW_DOCUMENTS_URL needs the whole path of a folder, file:///path, not {url}.")
        case "s3":
            return None
        case other:
            raise ValueError(f"WORKFLOW_DOCUMENTS_URL must begin with file:// or s3://, not {other or url!r}.")


def bucket_of(url: str) -> S3Store:
    """The bucket of an `s3:` URL; credentials, region and endpoint are those of the environment (AWS_…)."""
    place = urlsplit(url)
    if not place.netloc:
        raise ValueError("WORKFLOW_DOCUMENTS_URL names no bucket: s3://bucket/prefix.")
    return S3Store(
        place.netloc,
        prefix=place.path.strip("/") or None,
        config=cast("S3Config", _PATIENCE),  # the client's options are taken here too, beside those of the environment
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=10)},
    )
