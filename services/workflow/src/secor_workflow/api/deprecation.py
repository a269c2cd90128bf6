"""An operation that is to go says so: in the document, and in every answer (RFC 9745, RFC 8594)."""

from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MARK = "x-deprecation"


def deprecated(*, since: date, sunset: date, successor: str) -> dict[str, Any]:
    """For a route's `openapi_extra`: from when one should not use it, when it ends, and what to use instead."""
    if sunset <= since:
        raise ValueError("Callers need time between `since` and `sunset`.")
    said = {"since": since.isoformat(), "sunset": sunset.isoformat(), "successor": successor}
    return {"deprecated": True, MARK: said}


class Deprecations:
    """Adds the headers to whatever a marked route answers, refusals too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_dates(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Only by now is it known which route took the request.
                said = (getattr(scope.get("route"), "openapi_extra", None) or {}).get(MARK)
                if said is not None:
                    headers = MutableHeaders(scope=message)
                    headers["Deprecation"] = f"@{int(_midnight(said['since']).timestamp())}"
                    headers["Sunset"] = format_datetime(_midnight(said["sunset"]), usegmt=True)
                    headers.append("Link", f'<{said["successor"]}>; rel="successor-version"')
            await send(message)

        await self._app(scope, receive, send_with_dates)


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), UTC)
