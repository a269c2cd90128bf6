"""The HTTP server: on a stop it lets streams end by themselves, and it cuts off a client that takes nothing."""

import asyncio
import socket
import struct
from collections.abc import Callable

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
        http=_cutting_off(settings.stall_seconds),
        log_config=None,
        access_log=False,  # paths name cases and people; metrics count the requests
        timeout_graceful_shutdown=settings.shutdown_seconds,
        server_header=False,
    )
    return Server(config, app.state.rooms.log.release)


def _cutting_off(stall_seconds: float) -> type[HttpToolsProtocol]:
    """A protocol for connections whose client must take something, however little, within so many seconds.

    An application cannot do it: what it leaves unfinished the server closes only when all is written, so never.
    """

    class CuttingOff(HttpToolsProtocol):
        _next_look: asyncio.TimerHandle | None = None

        def pause_writing(self) -> None:
            super().pause_writing()
            self._look_again()

        def resume_writing(self) -> None:
            super().resume_writing()
            self._look_no_more()

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            self._look_no_more()

        def _look_again(self) -> None:
            waiting = self.transport.get_write_buffer_size()
            self._next_look = self.loop.call_later(stall_seconds, self._look, waiting)

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

    return CuttingOff
