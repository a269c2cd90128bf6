"""Which web pages may call the API from a browser: none, but for those on the list."""

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

TAKEN = (
    "Authorization",
    "Content-Digest",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "Range",
    "X-Request-ID",
    "traceparent",
)
GIVEN = (
    "Accept-Ranges",
    "Content-Disposition",
    "Content-Range",
    "Deprecation",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "Next-Cursor",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "Wait-Limit",
    "X-Request-ID",
)
METHODS = ("DELETE", "GET", "POST", "PUT")
A_WHILE = 600


def origins(app: ASGIApp, listed: tuple[str, ...]) -> ASGIApp:
    """The application, answering browsers on pages of the listed origins. Cookies play no part."""
    if not listed:
        return app
    return CORSMiddleware(
        app,
        allow_origins=listed,
        allow_methods=METHODS,
        allow_headers=TAKEN,
        expose_headers=GIVEN,
        max_age=A_WHILE,
    )
