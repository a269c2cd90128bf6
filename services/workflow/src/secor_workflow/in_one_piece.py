"""An answer's head waits for the first of its body: one packet, which is sent and taken up once, instead of two."""

import asyncio
from typing import Any

HEAD = b"HTTP/1.1 "


class InOnePiece:
    """A connection as the server writes to it.

    A head whose body takes its time is sent as soon as the loop turns: who follows the log waits for nothing.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._head = b""
        self.is_closing = transport.is_closing  # asked with every request: found at once

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (all else is the transport's own)
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(HEAD):
            self._head = data
            self._loop.call_soon(self._send_head)
            return
        self._transport.write(data)

    def close(self) -> None:
        self._send_head()
        self._transport.close()

    def _send_head(self) -> None:
        head, self._head = self._head, b""
        if head and not self._transport.is_closing():
            self._transport.write(head)
