"""What every answer tells browsers, and how many requests may be open at once."""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from secor_notifier.api.problems import Problem, answer

STRICT = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""A page for people brings its own."""
PROBES = {"/livez", "/readyz", "/metrics"}
"""Answered in any crowd."""


class Wall:
    """Turns away one request more than may be open, and has browsers be strict about all that is answered."""

    def __init__(self, app: ASGIApp, *, most: int, hsts_seconds: int = 0) -> None:
        self._app, self._most, self._open = app, most, 0
        self._always = dict(STRICT)
        if hsts_seconds:
            self._always["Strict-Transport-Security"] = f"max-age={hsts_seconds}; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def strictly(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._always.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["path"] in PROBES:
            await self._app(scope, receive, strictly)
            return
        if self._open >= self._most:
            busy = answer(Request(scope), Problem("unavailable", "Too many requests are open; try again."))
            await busy(scope, receive, strictly)
            return
        self._open += 1
        try:
            await self._app(scope, receive, strictly)
        finally:
            self._open -= 1
