"""The HTTP server: asked to stop it goes in good order, and it cuts off who takes nothing or never asks."""

import asyncio
import signal
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType
from typing import ClassVar, cast

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from secor_workflow.api.rooms import Rooms
from secor_workflow.in_one_piece import InOnePiece
from secor_workflow.settings import Settings

NEWCOMER_SECONDS = 1.0
"""How long a connection that has asked nothing yet is kept when we close."""
_WITHOUT_DELAY = struct.pack("ii", 1, 0)


class Server(uvicorn.Server):
    """Says that it is going, serves on until whoever sends requests here has heard of it, lets streams end, and closes.

    Until then each answer ends its connection, so that the next request opens one elsewhere.
    """

    def __init__(self, config: uvicorn.Config, rooms: Rooms) -> None:
        super().__init__(config)
        self._rooms = rooms
        self._at_once = False
        self._closes_at = 0.0

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Somebody at a keyboard, or who asks again, does not wait."""
        self._at_once = self.should_exit or sig != signal.SIGTERM
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Whether to close now."""
        return await super().on_tick(counter) and self._has_drained()

    def _has_drained(self) -> bool:
        if not self._rooms.leaving.asked:
            self._rooms.leaving.asked = True
            self._closes_at = time.monotonic() + self._rooms.settings.drain
            self.config.encoded_headers.append((b"connection", b"close"))
            self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        return self._at_once or time.monotonic() >= self._closes_at

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._rooms.log.release()
        waiting = [one for server in self.servers for ours in server.sockets for one in _waiting_at(ours.dup())]
        for server in self.servers:
            server.close()
        for one in waiting:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, one)
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        make: Callable[..., asyncio.Protocol] = self.config.http_protocol_class
        return make(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)


def server_of(app: FastAPI, settings: Settings, *, host: str | None = None, port: int | None = None) -> Server:
    """The server of the application, as its settings say."""
    config = uvicorn.Config(
        app,
        host=host or settings.host,
        port=port or settings.port,
        http=_protocol(settings),
        log_config=None,
        access_log=False,  # paths name cases and people; metrics count the requests
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
    )
    return Server(config, app.state.rooms)


def _waiting_at(listening: socket.socket) -> Iterator[socket.socket]:
    """Connections that stand but were not taken yet; the kernel would break them off when we stop listening."""
    with listening, suppress(BlockingIOError):
        while True:
            taken, _ = listening.accept()
            taken.setblocking(False)  # noqa: FBT003 (its only argument)
            yield taken


class CuttingOff(HttpToolsProtocol):
    """A connection whose client must take something, however little, and send whole headers within some seconds.

    An application cannot do it: what it leaves unfinished the server closes only when all is written, so never; and of
    a request whose headers do not end it never hears.
    """

    stall_seconds: ClassVar[float]
    header_seconds: ClassVar[float]
    _next_look: asyncio.TimerHandle | None = None
    _headers_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(cast("asyncio.Transport", InOnePiece(transport, self.loop)))
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        before = self.cycle
        super().data_received(data)
        if before is not None and before.response_complete and self.cycle is before:  # the headers have not all come
            self._expect_headers()

    def on_headers_complete(self) -> None:
        self._expect_headers_no_more()
        super().on_headers_complete()

    def _expect_headers(self) -> None:
        if self._headers_due is None:
            self._headers_due = self.loop.call_later(self.header_seconds, self.transport.abort)

    def _expect_headers_no_more(self) -> None:
        if self._headers_due is not None:
            self._headers_due.cancel()
            self._headers_due = None

    def shutdown(self) -> None:
        """A request of one that has just come is on its way: it is waited for, or it would be lost."""
        if self.cycle is None:
            self.loop.call_later(NEWCOMER_SECONDS, self._close_if_nothing_came)
        else:
            super().shutdown()

    def _close_if_nothing_came(self) -> None:
        if self.cycle is None:
            self.transport.close()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_again()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._look_no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._look_no_more()
        self._expect_headers_no_more()

    def _look_again(self) -> None:
        waiting = self.transport.get_write_buffer_size()
        self._next_look = self.loop.call_later(self.stall_seconds, self._look, waiting)

    def _look(self, waiting_before: int) -> None:
        if self.transport.get_write_buffer_size() < waiting_before:
            self._look_again()
        else:
            self._reset()

    def _reset(self) -> None:
        """Close without delay: the kernel too forgets what it holds, and nobody takes the cut for the end."""
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _WITHOUT_DELAY)
        self.transport.abort()

    def _look_no_more(self) -> None:
        if self._next_look is not None:
            self._next_look.cancel()


def _protocol(settings: Settings) -> type[HttpToolsProtocol]:
    class AsTheSettingsSay(CuttingOff):
        stall_seconds = settings.stall_seconds
        header_seconds = settings.header_seconds

    return AsTheSettingsSay
