"""The virus scanner: ClamAV's daemon, asked about every file before it is taken in, if the setting names one."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

from secor_workflow.documents.clamd import Clamd
from secor_workflow.logs import logger

_PATIENCE_SECONDS, _PING_SECONDS = 60.0, 1.0
_THREADS = 8
_log = logger(__name__)


class MalwareFoundError(Exception):
    """The scanner knows the bytes as malware; its text is the scanner's name for it."""


class ScannerAwayError(Exception):
    """The scanner gave no verdict, so there is none."""


class Scanner:
    """A daemon at `host:port` or at the path of a socket; with no address it is off and finds nothing."""

    def __init__(self, address: str, patience_seconds: float = _PATIENCE_SECONDS) -> None:
        self._address = address
        self._patience = patience_seconds
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="scanner")
        self._client(patience_seconds)  # a wrong address stops the process at start

    @property
    def on(self) -> bool:
        return bool(self._address)

    async def scan(self, file: BinaryIO) -> None:
        """Have a file's bytes looked at, from its beginning. Raises MalwareFoundError, or ScannerAwayError."""
        if client := self._client(self._patience):
            await asyncio.get_running_loop().run_in_executor(self._threads, _scan, client, file)

    async def ready(self) -> None:
        """Raises ScannerAwayError if it is on and does not answer."""
        if client := self._client(_PING_SECONDS):
            await asyncio.get_running_loop().run_in_executor(self._threads, _ping, client)

    def _client(self, patience: float) -> Clamd | None:
        return Clamd(self._address, patience) if self._address else None


def _scan(client: Clamd, file: BinaryIO) -> None:
    file.seek(0)
    try:
        verdict = client.verdict(file)
    except OSError as error:  # a daemon whose StreamMaxLength is too small hangs up on us
        _log.warning("the virus scanner gave no verdict", error=type(error).__name__)
        raise ScannerAwayError("The virus scanner does not answer.") from error
    if verdict.endswith(" FOUND"):
        raise MalwareFoundError(verdict.removesuffix(" FOUND"))
    if verdict != "OK":
        _log.warning("the virus scanner gave no verdict", error=verdict or "no answer")
        raise ScannerAwayError("The virus scanner gave no verdict.")


def _ping(client: Clamd) -> None:
    try:
        there = client.ping()
    except OSError as error:
        raise ScannerAwayError("The virus scanner does not answer.") from error
    if not there:
        raise ScannerAwayError("What answers there is no virus scanner.")
