"""A form with files (`multipart/form-data`), read so that nothing of it is left open when it breaks off."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from secor_workflow.api.problems import Problem

Parts = list[tuple[str, UploadFile | str]]


@asynccontextmanager
async def parts_of_form(request: Request, body: AsyncGenerator[bytes, None]) -> AsyncIterator[Parts]:
    """The parts by name, in their order; their files are closed afterwards."""
    parser = MultiPartParser(request.headers, body, max_files=2, max_fields=10)
    try:
        yield await _parsed(parser)
    finally:
        for file in parser._files_to_close_on_error:  # noqa: SLF001 (a form that breaks off leaves its files open)
            file.close()


async def _parsed(parser: MultiPartParser) -> Parts:
    try:
        parts = (await parser.parse()).multi_items()
        _sayable([name for name, _ in parts])
    except MultiPartException as error:
        raise Problem("bad_request", f"The form cannot be read: {error.message}") from error
    except UnicodeError as error:  # of a `charset` that reads nothing
        raise Problem("bad_request", "The form cannot be read in the charset that it names.") from error
    return parts


def _sayable(names: list[str]) -> None:
    """Raises UnicodeError where a `charset` read halves of characters into a name, which no answer could repeat."""
    "".join(f"{name}\n" for name in names).encode()
