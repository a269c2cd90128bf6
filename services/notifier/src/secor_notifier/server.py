"""The HTTP server: a connection whose client does not send whole headers within some seconds is cut off."""

import asyncio
from typing import ClassVar

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from secor_notifier.settings import Settings

GRACE_SECONDS = 2


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
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return uvicorn.Server(config)


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
