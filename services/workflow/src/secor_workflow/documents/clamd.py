"""ClamAV's daemon, asked in its own words: is it there, and what does it say of these bytes."""

import socket
import struct
from dataclasses import dataclass
from typing import BinaryIO

_CHUNK = 64 * 1024
_LENGTH = struct.Struct("!L")
_LONGEST_ANSWER = 4096


@dataclass(frozen=True, slots=True)
class Clamd:
    """At `host:port`, or at the path of a socket of this machine. One connection for each question."""

    address: str
    patience_seconds: float

    def __post_init__(self) -> None:
        _, _, port = self.address.rpartition(":")
        if not self._is_path and (self.address.startswith(":") or not port.isdecimal()):
            raise ValueError(f"WORKFLOW_CLAMD must be host:port or the path of a socket, not {self.address!r}.")

    @property
    def _is_path(self) -> bool:
        return self.address.startswith(("/", "unix:"))

    def ping(self) -> bool:
        """Whether it answers as such a daemon does. Raises OSError if nobody does."""
        with self._connected() as connection:
            connection.sendall(b"nPING\n")
            return _answer(connection) == "PONG"

    def verdict(self, file: BinaryIO) -> str:
        """What it says of a file's bytes from where it stands: `OK`, `… FOUND`, or what went wrong. Raises OSError."""
        with self._connected() as connection:
            connection.sendall(b"nINSTREAM\n")
            while piece := file.read(_CHUNK):
                connection.sendall(_LENGTH.pack(len(piece)) + piece)
            connection.sendall(_LENGTH.pack(0))
            return _answer(connection).removeprefix("stream: ")

    def _connected(self) -> socket.socket:
        if self._is_path:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(self.patience_seconds)
            try:
                connection.connect(self.address.removeprefix("unix:"))
            except OSError:
                connection.close()
                raise
            return connection
        host, _, port = self.address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), self.patience_seconds)


def _answer(connection: socket.socket) -> str:
    """One line, however many pieces it comes in."""
    said = b""
    while not said.endswith(b"\n") and len(said) < _LONGEST_ANSWER and (more := connection.recv(_LONGEST_ANSWER)):
        said += more
    return said.decode("utf-8", "replace").strip()
