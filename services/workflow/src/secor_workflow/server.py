"""The HTTP server: on a stop it lets streams end by themselves, and it cuts off who takes nothing or never asks."""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import ClassVar

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from secor_workflow.settings import Settings

_WITHOUT_DELAY = struct.pack("ii", 1, 0)


class Server(uvicorn.Server):
    """Lets long polls and live streams end by themselves before it closes their connections."""

    def __init__(self, config: uvicorn.Config, release: Callable[[], None]) -> None:
        super().__init__(config)
        self._release = release

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._release()
        await super().shutdown(sockets)


def server_of(app: FastAPI, settings: Settings, *, host: str | None = None, port: int | None = None) -> Server:
    """The server of the application, as its settings say."""
    config = uvicorn.Config(
        app,
        host=host or settings.host,
        port=port or settings.port,
        http=_protocol(settings),
        log_config=None,
        access_log=False,  # paths name cases and people; metrics count the requests
        timeout_graceful_shutdown=settings.shutdown_seconds,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
    )
    return Server(config, app.state.rooms.log.release)


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
        super().connection_made(transport)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        if self.cycle is not None and self.cycle.response_complete:
            self._expect_headers()
        super().data_received(data)

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
