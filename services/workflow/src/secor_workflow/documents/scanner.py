"""The virus scanner: ClamAV's daemon, asked about every file before it is taken in, if the setting names one."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket

_PATIENCE_SECONDS, _PING_SECONDS = 60.0, 1.0
_THREADS = 8
_log = logging.getLogger(__name__)


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

    def _client(self, patience: float) -> ClamdNetworkSocket | None:
        if not self._address:
            return None
        if self._address.startswith(("/", "unix:")):
            return ClamdUnixSocket(self._address, patience)  # type: ignore[arg-type]  # its socket takes fractions too
        host, _, port = self._address.rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError(f"WORKFLOW_CLAMD must be host:port or the path of a socket, not {self._address!r}.")
        return ClamdNetworkSocket(host, int(port), patience)


def _scan(client: ClamdNetworkSocket, file: BinaryIO) -> None:
    file.seek(0)
    try:
        verdicts = client.instream(file)
    except (ClamdError, OSError) as error:  # a daemon whose StreamMaxLength is too small hangs up on us
        _log.warning("the virus scanner gave no verdict: %s", type(error).__name__)
        raise ScannerAwayError("The virus scanner does not answer.") from error
    status, found = verdicts.get("stream", ("", None))
    if status == "FOUND":
        raise MalwareFoundError(found or "malware")
    if status != "OK":
        _log.warning("the virus scanner gave no verdict: %s", status or "no answer")
        raise ScannerAwayError("The virus scanner gave no verdict.")


def _ping(client: ClamdNetworkSocket) -> None:
    try:
        client.ping()
    except (ClamdError, OSError) as error:
        raise ScannerAwayError("The virus scanner does not answer.") from error
    finally:
        client.clamd_socket.close()  # which the client forgets where nobody answers
