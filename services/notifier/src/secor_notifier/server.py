"""The HTTP server: asked to stop it goes in good order; a client that does not send whole headers is cut off."""

import asyncio
import signal
import time
from types import FrameType
from typing import ClassVar

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from secor_notifier.leaving import Leaving
from secor_notifier.settings import Settings

GRACE_SECONDS = 2


class Server(uvicorn.Server):
    """Says that it is going, serves on until whoever sends requests here has heard of it, and closes.

    Until then each answer ends its connection, so that the next request opens one elsewhere.
    """

    def __init__(self, config: uvicorn.Config, leaving: Leaving, drain_seconds: float) -> None:
        super().__init__(config)
        self._leaving, self._drain_seconds = leaving, drain_seconds
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
        if not self._leaving.asked:
            self._leaving.asked = True
            self._closes_at = time.monotonic() + self._drain_seconds
            self.config.encoded_headers.append((b"connection", b"close"))
            self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        return self._at_once or time.monotonic() >= self._closes_at


def server_of(app: FastAPI, settings: Settings, *, host: str | None = None, port: int | None = None) -> uvicorn.Server:
    """The server of the application, as its settings say."""

    class InTime(_InTime):
        header_seconds = settings.header_seconds

    config = uvicorn.Config(
        app,
        host=host or settings.host,
        port=port or settings.port,
        http=InTime,
        log_config=None,
        access_log=False,  # its lines would hold paths; ours name routes
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return Server(config, app.state.leaving, settings.drain)


class _InTime(HttpToolsProtocol):
    """An application never hears of a request whose headers do not end, so it is for the server to end it."""

    header_seconds: ClassVar[float]
    _due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        if self.cycle is not None and self.cycle.response_complete:
            self._expect()
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self._expect_no_more()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._expect_no_more()

    def _expect(self) -> None:
        if self._due is None:
            self._due = self.loop.call_later(self.header_seconds, self.transport.abort)

    def _expect_no_more(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
