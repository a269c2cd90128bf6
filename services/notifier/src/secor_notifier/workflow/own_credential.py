"""What the notifier itself comes with: a key of the workflow, or tokens by client credentials of a provider."""

import time
from collections.abc import AsyncGenerator, Generator
from dataclasses import dataclass, field

import httpx
from pydantic import BaseModel, Field, ValidationError

ANSWER = {"timeout": httpx.Timeout(10.0, connect=3.0).as_dict()}
RENEW_BEFORE = 30.0
"""Seconds before its end at which a token is not used any more; of a short one, half its life."""
UNAUTHENTICATED = 401


class NoTokenError(httpx.HTTPError):
    """The provider gave no token."""


@dataclass(frozen=True)
class OwnKey(httpx.Auth):
    """One key, always; a request that bears somebody else's credential goes as it is."""

    key: str

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers.setdefault("Authorization", f"Bearer {self.key}")
        yield request


class _Granted(BaseModel):
    access_token: str = Field(min_length=1, max_length=16_384)
    expires_in: float = Field(default=60.0, gt=0)


@dataclass
class ClientCredentials(httpx.Auth):
    """A token as long as it lasts, and then another one; one that the workflow refuses is not shown twice."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""
    _token: str = field(default="", repr=False)
    _good_until: float = 0.0

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if "Authorization" in request.headers:
            yield request
            return
        if not self._token or time.monotonic() >= self._good_until:
            granted = yield self._wish()
            self._keep(granted.status_code, await granted.aread())
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if answer.status_code == UNAUTHENTICATED:
            self._token = ""

    def _wish(self) -> httpx.Request:
        form = {"grant_type": "client_credentials", "client_id": self.client_id, "client_secret": self.client_secret}
        if self.scope:
            form["scope"] = self.scope
        return httpx.Request("POST", self.token_url, data=form, extensions=ANSWER)

    def _keep(self, status: int, body: bytes) -> None:
        try:
            granted = _Granted.model_validate_json(body)
        except ValidationError:
            raise NoTokenError(f"The provider answered {status}, and no token.") from None
        self._token = granted.access_token
        lasts = max(granted.expires_in - RENEW_BEFORE, granted.expires_in / 2)
        self._good_until = time.monotonic() + lasts
