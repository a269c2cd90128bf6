"""One provider's public keys: found by discovery, kept, and fetched anew at a bounded rate."""

import asyncio
import time
from typing import Any

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from pydantic_core import from_json

from secor_workflow.credentials.claims import ProviderAwayError
from secor_workflow.logs import logger
from secor_workflow.providers import Provider, is_private

PATIENCE_SECONDS = 5.0
MOST_BYTES = 512 * 1024
SHORTEST_RSA = 2048
PublicKey = RSAKey | ECKey | OKPKey
_KINDS: dict[object, type[PublicKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
_log = logger(__name__)


class SigningKeys:
    """The keys of one provider by their ids."""

    def __init__(self, provider: Provider, http: httpx.AsyncClient) -> None:
        self._provider, self._http = provider, http
        self._keys: dict[str | None, PublicKey] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()
        self._renewal: asyncio.Task[None] | None = None

    async def of(self, kid: str | None) -> PublicKey | None:
        """The key a token names; the only one if it names none. Raises ProviderAwayError if no key is known at all."""
        found = self._find(kid)
        if found is None:
            await self._fetch_once()
            found = self._find(kid)
        elif time.monotonic() - self._fetched_at > self._provider.renew_seconds:
            self._renew()
        if not self._usable:
            raise ProviderAwayError
        return found

    async def ready(self) -> None:
        """Keys are known; if none are, they are asked for. Whoever waits no longer leaves that going on.

        Raises ProviderAwayError.
        """
        if not self._usable:
            await asyncio.wait({self._renew()})
        if not self._usable:
            raise ProviderAwayError

    def _renew(self) -> asyncio.Task[None]:
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._fetch_once(), name="jwks")
            self._renewal.add_done_callback(self._renewed)
        return self._renewal

    async def close(self) -> None:
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)

    @property
    def _usable(self) -> bool:
        return time.monotonic() - self._fetched_at <= self._provider.keep_seconds

    def _find(self, kid: str | None) -> PublicKey | None:
        if not self._usable:
            return None
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    def _renewed(self, _task: asyncio.Task[None]) -> None:
        self._renewal = None

    async def _fetch_once(self) -> None:
        """One fetch for all who wait for it, and none if there was one a moment ago."""
        async with self._fetching:
            if time.monotonic() - self._tried_at < self._provider.refetch_seconds:
                return
            self._tried_at = time.monotonic()
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    found = _imported(await self._json(await self._address()))
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
                _log.warning(
                    "a provider's keys could not be fetched", issuer=self._provider.issuer, error=type(error).__name__
                )
                return
            self._keys, self._fetched_at = found, time.monotonic()

    async def _address(self) -> str:
        if self._provider.jwks_url is not None:
            return self._provider.jwks_url
        told = await self._json(self._provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
        address = told.get("jwks_uri")
        if told.get("issuer") != self._provider.issuer or not isinstance(address, str) or not is_private(address):
            raise ValueError("the discovery document is not this issuer's")
        return address

    async def _json(self, url: str) -> dict[str, Any]:
        parts, size = [], 0
        async with self._http.stream("GET", url, headers={"Accept": "application/json"}) as answer:
            if answer.status_code != httpx.codes.OK:
                raise ValueError(f"{answer.status_code} is no answer")
            async for part in answer.aiter_bytes():
                parts.append(part)
                size += len(part)
                if size > MOST_BYTES:
                    raise ValueError("the answer has no end")
        told = from_json(b"".join(parts))
        if not isinstance(told, dict):
            raise ValueError("the answer is no object")  # noqa: TRY004 (of theirs, not of ours)
        return told


def _imported(told: dict[str, Any]) -> dict[str | None, PublicKey]:
    """The keys that may have signed a token. One that we cannot use is passed over, none at all is an error."""
    listed = told.get("keys")
    found = {data.get("kid"): key for data in listed if (key := _key(data))} if isinstance(listed, list) else {}
    if not found:
        raise ValueError("there is no key in it")
    return found


def _key(data: Any) -> PublicKey | None:  # noqa: ANN401 (any JSON)
    if not isinstance(data, dict) or data.get("use", "sig") != "sig" or not isinstance(data.get("kid", ""), str):
        return None
    kind = _KINDS.get(data.get("kty"))
    if kind is None or (kind is RSAKey and len(str(data.get("n"))) * 6 < SHORTEST_RSA):
        return None
    try:
        return kind.import_key(data)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
