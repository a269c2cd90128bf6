"""Where documents are kept, as the setting WORKFLOW_DOCUMENTS_URL says it."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote, urlsplit

from obstore.store import S3Store

from secor_workflow.settings import SECRETS_DIR

if TYPE_CHECKING:
    from obstore.store import S3Config  # there for type checkers alone

_PATIENCE = {"connect_timeout": "5s", "read_timeout": "30s", "timeout": "1h"}
"""A silent store is given up soon; a slow reader of a large document is not."""
_KEYS = {"AWS_ACCESS_KEY_ID": "access_key_id", "AWS_SECRET_ACCESS_KEY": "secret_access_key"}
"""The secrets of a bucket, and what its client calls them."""


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
    """The bucket of an `s3:` URL; the environment says how it is reached (AWS_…), its two keys may be files too."""
    place = urlsplit(url)
    if not place.netloc:
        raise ValueError("WORKFLOW_DOCUMENTS_URL names no bucket: s3://bucket/prefix.")
    return S3Store(
        place.netloc,
        prefix=place.path.strip("/") or None,
        config=cast("S3Config", _PATIENCE | dict(_keys())),  # beside those of the environment; its options go here too
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=10)},
    )


def _keys() -> Iterator[tuple[str, str]]:
    """Those that are files, as other secrets may be; the environment wins. Raises ValueError for what is no text."""
    folder = os.environ.get(SECRETS_DIR)
    for variable, name in _KEYS.items():
        file = Path(folder or "", variable)
        if folder and not os.environ.get(variable) and file.exists():
            try:
                yield name, file.read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise ValueError(f"{file} cannot be read, or is not text.") from None
