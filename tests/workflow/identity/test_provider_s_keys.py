"""The provider's keys change and the provider fails: tokens go on as long as they may, and questions stay few."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from feed.processes import eventually
from secor_workflow.credentials.claims import ProviderAwayError
from secor_workflow.credentials.signing_keys import SigningKeys
from secor_workflow.providers import Provider as Settings
from workflow.api.caller import refused
from workflow.api.service import Service
from workflow.identity.provider import Provider

PATIENCE = 10.0


@pytest.fixture
def provider() -> Iterator[Provider]:
    """One of the test's own, to break at will."""
    with Provider() as running:
        yield running


@asynccontextmanager
async def keys_of(provider: Provider, **settings: Any) -> AsyncIterator[SigningKeys]:  # noqa: ANN401 (of every type)
    async with httpx.AsyncClient() as http:
        keys = SigningKeys(Settings.model_validate(provider.settings(**settings)), http)
        yield keys
        await keys.close()


async def until(wanted: Callable[[], Any], error: type[Exception] | None = None) -> None:
    """Ask again and again until a key is given, or until this is raised."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            found = await wanted()
        except ProviderAwayError:
            if error is ProviderAwayError:
                return
        else:
            if error is None and found is not None:
                return
            if error is KeyError and found is None:
                return
        await asyncio.sleep(0.01)
    pytest.fail("it did not come to that")


async def test_a_new_key_is_fetched_when_a_token_names_it(provider: Provider) -> None:
    async with keys_of(provider, refetch_seconds=0.001) as keys:
        assert await keys.of("first")

        provider.rotate("second")

        await until(lambda: keys.of("second"))


async def test_a_withdrawn_key_opens_nothing_once_the_keys_were_fetched_anew(provider: Provider) -> None:
    async with keys_of(provider, refetch_seconds=0.001, renew_seconds=0.01) as keys:
        assert await keys.of("first")

        provider.rotate("second")

        await until(lambda: keys.of("first"), KeyError)


async def test_a_flood_of_unknown_keys_asks_the_provider_once(provider: Provider) -> None:
    async with keys_of(provider, refetch_seconds=60) as keys:
        found = await asyncio.gather(*(keys.of(f"made-up-{number}") for number in range(500)))

    assert set(found) == {None}
    assert provider.asked["certs"] == 1


async def test_known_keys_go_on_for_a_while_when_the_provider_is_away_and_then_no_more(provider: Provider) -> None:
    settings = {"refetch_seconds": 0.01, "renew_seconds": 0.05, "keep_seconds": 1.0}
    async with keys_of(provider, **settings) as keys:
        assert await keys.of("first")

        provider.stop()
        assert await keys.of("first")
        await until(lambda: keys.of("first"), ProviderAwayError)

        provider.start()
        await until(lambda: keys.of("first"))


TOLD: dict[str, Callable[[Provider], None]] = {
    "a document of another issuer": lambda p: p.tells.update(issuer="http://127.0.0.1:1"),
    "keys at an address anybody can play": lambda p: p.tells.update(jwks_uri="http://keys.example.org/certs"),
    "keys in a file": lambda p: p.tells.update(jwks_uri="file:///etc/passwd"),
    "no address": lambda p: p.tells.update(jwks_uri=None),
    "no keys": lambda p: setattr(p, "jwks", {"keys": []}),
    "keys that are no list": lambda p: setattr(p, "jwks", {"keys": {"first": {}}}),
    "keys that are none": lambda p: setattr(p, "jwks", {"keys": [1, {}, {"kty": "RSA", "kid": "first", "n": "!"}]}),
    "a shared secret": lambda p: setattr(p, "jwks", {"keys": [{"kty": "oct", "kid": "first", "k": "AAAA"}]}),
    "a key too short to be safe": lambda p: setattr(
        p, "jwks", {"keys": [{"kty": "RSA", "kid": "first", "n": "A" * 170, "e": "AQAB"}]}
    ),
    "a document without end": lambda p: setattr(p, "jwks", {"keys": [], "padding": "x" * 600_000}),
}


@pytest.mark.parametrize("name", TOLD)
async def test_a_provider_that_tells_nonsense_is_as_good_as_away(provider: Provider, name: str) -> None:
    TOLD[name](provider)

    async with keys_of(provider) as keys:
        with pytest.raises(ProviderAwayError):
            await keys.of("first")


async def test_keys_that_cannot_be_used_are_passed_over(provider: Provider) -> None:
    strange = [{"kty": "AKP", "kid": "later", "alg": "ML-DSA-44"}, {"kty": "RSA", "use": "enc", "kid": "first"}]
    provider.jwks = {"keys": [*strange, *provider.shown()["keys"]]}

    async with keys_of(provider) as keys:
        assert await keys.of("first")
        assert await keys.of("later") is None


async def test_a_token_that_names_no_key_is_the_only_ones_or_nobodys(provider: Provider) -> None:
    async with keys_of(provider) as keys:
        assert await keys.of(None)
    provider.jwks = {"keys": [{**provider.shown()["keys"][0], "kid": kid} for kid in ("first", "second")]}
    async with keys_of(provider) as keys:
        assert await keys.of(None) is None


async def test_a_provider_without_discovery_tells_its_keys_where_the_settings_say(provider: Provider) -> None:
    async with keys_of(provider, jwks_url=f"{provider.issuer}/certs") as keys:
        assert await keys.of("first")

    assert not provider.asked["openid-configuration"]


def test_while_the_provider_is_away_nobody_is_turned_away_for_good_and_keys_open_as_ever(
    provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('away') / 'workflow.db'}"
    with Service(url, oidc=(provider.settings(refetch_seconds=0.01),)) as service:
        provider.stop()
        answer = service.caller(provider.token()).get("/v1/me")
        assert refused(answer, 503, "unavailable")["detail"].startswith("The provider")
        assert service.reader.get("/v1/me").status_code == 200

        provider.start()
        eventually(lambda: service.caller(provider.token()).get("/v1/me").status_code == 200)
