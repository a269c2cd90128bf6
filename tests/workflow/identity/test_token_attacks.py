"""Tokens that somebody made up, changed, stole or kept too long: each is refused, and the record says why."""

import base64
import hmac
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from workflow.api.caller import refused
from workflow.api.service import Service, settings_for
from workflow.identity.provider import FIRST, Provider, unsigned

NOW = time.time
HEADER = {"alg": "RS256", "typ": "JWT", "kid": "first"}
OTHERS_KEY = RSAKey.generate_key(2048, {"kid": "first"})
SMALL_KEY = ECKey.generate_key("P-256", {"kid": "mine"})


def signed_with_the_public_key(provider: Provider) -> str:
    """The oldest trick: HS256, with what everybody may read as the secret."""
    head = unsigned({**HEADER, "alg": "HS256"}, provider.claims()).removesuffix(".")
    mac = hmac.digest(FIRST.as_pem(private=False), head.encode(), "sha256")
    return f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def with_another_subject(provider: Provider) -> str:
    """A good signature under changed claims."""
    header, _, signature = provider.token().split(".")
    changed = unsigned(HEADER, provider.claims(sub="root", realm_access={"roles": ["secor-admin"]})).split(".")[1]
    return f"{header}.{changed}.{signature}"


ATTACKS: dict[str, tuple[str, Callable[[Provider], str]]] = {
    "alg none": ("algorithm", lambda p: unsigned({"alg": "none"}, p.claims())),
    "alg None in other letters": ("algorithm", lambda p: unsigned({"alg": "nOnE"}, p.claims())),
    "no alg": ("missing_algorithm", lambda p: unsigned({"kid": "first"}, p.claims())),
    "alg is a list": ("algorithm", lambda p: unsigned({"alg": ["RS256"]}, p.claims())),
    "HS256 with the public key": ("algorithm", signed_with_the_public_key),
    "an algorithm that is not on the list": ("algorithm", lambda p: p.token({"alg": "RS512"})),
    "an algorithm that is not the key's": ("*", lambda p: unsigned({**HEADER, "alg": "ES256"}, p.claims(), "AAAA")),
    "another's key under our kid": ("bad_signature", lambda p: p.token(key=OTHERS_KEY)),
    "a kid that is unknown": ("unknown_key", lambda p: p.token({"kid": "second"})),
    "a kid that is a path": ("unknown_key", lambda p: p.token({"kid": "../../../../dev/null"})),
    "a kid that is SQL": ("unknown_key", lambda p: p.token({"kid": "' OR 1=1 --"})),
    "a kid that is no text": ("malformed", lambda p: unsigned({**HEADER, "kid": 1}, p.claims(), "AAAA")),
    "its own key in the header": (
        "unknown_key",
        lambda p: p.token({"alg": "ES256", "kid": "mine", "jwk": SMALL_KEY.as_dict(private=False)}, key=SMALL_KEY),
    ),
    "a key of its own elsewhere": (
        "unknown_key",
        lambda p: p.token({"kid": "mine", "jku": "http://127.0.0.1:9/keys"}, key=OTHERS_KEY),
    ),
    "no signature": ("bad_signature", lambda p: unsigned(HEADER, p.claims())),
    "a signature cut off": ("bad_signature", lambda p: p.token()[:-10]),
    "changed claims": ("bad_signature", with_another_subject),
    "a critical header": ("critical_header", lambda p: unsigned({**HEADER, "crit": ["exp"], "exp": 1}, p.claims())),
    "a payload that is not encoded": (
        "malformed",
        lambda p: unsigned({**HEADER, "b64": False, "crit": ["b64"]}, p.claims()),
    ),
    "expired": ("expired", lambda p: p.token(exp=NOW() - 31)),
    "expires never": ("claim_missing", lambda p: p.token(exp=None)),
    "expires at NaN": ("malformed", lambda p: p.token(exp=float("nan"))),
    "expires in words": ("bad_exp", lambda p: p.token(exp="2099-01-01")),
    "expires at true": ("bad_exp", lambda p: p.token(exp=True)),
    "not yet valid": ("bad_nbf", lambda p: p.token(nbf=NOW() + 90)),
    "issued tomorrow": ("bad_iat", lambda p: p.token(iat=NOW() + 86_400)),
    "for somebody else": ("bad_aud", lambda p: p.token(aud="account")),
    "for nobody": ("claim_missing", lambda p: p.token(aud=None)),
    "for nobody in a list": ("bad_aud", lambda p: p.token(aud=[])),
    "for nearly us": ("bad_aud", lambda p: p.token(aud="secor-workflow-2")),
    "of another issuer": ("unknown_issuer", lambda p: p.token(iss="http://127.0.0.1:1/realms/secor")),
    "of nearly our issuer": ("unknown_issuer", lambda p: p.token(iss=p.issuer + "/")),
    "of no issuer": ("unknown_issuer", lambda p: p.token(iss=None)),
    "of a list of issuers": ("unknown_issuer", lambda p: p.token(iss=[p.issuer])),
    "an ID token": ("type", lambda p: p.token(typ="ID")),
    "a refresh token": ("type", lambda p: p.token(typ="Refresh")),
    "a logout token": ("type", lambda p: p.token({"typ": "logout+jwt"})),
    "a type that is no text": ("type", lambda p: unsigned({**HEADER, "typ": 1}, p.claims(), "AAAA")),
    "no subject": ("no_subject", lambda p: p.token(sub=None)),
    "a subject that is no text": ("*", lambda p: p.token(sub=17)),
    "an empty subject": ("no_subject", lambda p: p.token(sub="")),
    "a subject of a thousand letters": ("no_subject", lambda p: p.token(sub="x" * 1000)),
    "a subject with a line end": ("no_subject", lambda p: p.token(sub="root\r\nX-Admin: 1")),
    "no role of ours": ("no_role", lambda p: p.token(realm_access={"roles": ["offline_access"]})),
    "our word for the role, not theirs": ("no_role", lambda p: p.token(realm_access={"roles": ["admin"]})),
    "roles at another place": ("no_role", lambda p: p.token(realm_access=None, roles=["secor-admin"])),
    "roles in a strange form": ("no_role", lambda p: p.token(realm_access={"roles": {"secor-admin": True}})),
    "an employer of no account": ("no_account", lambda p: p.token(realm_access={"roles": ["secor-employer"]})),
    "an employer of every account": (
        "no_account",
        lambda p: p.token(realm_access={"roles": ["secor-employer"]}, worksafebc_account=["201001", "201002"]),
    ),
    "an employer of a pattern": (
        "no_account",
        lambda p: p.token(realm_access={"roles": ["secor-employer"]}, worksafebc_account="%"),
    ),
    "huge": ("too_long", lambda p: p.token(padding="x" * 20_000)),
    "a deep nest": ("malformed", lambda p: f"{p.token().split('.')[0]}.{'W1tb' * 1500}.AAAA"),
    "a header that is a list": ("*", lambda p: f"WyJhbGciXQ.{p.token().split('.')[1]}.AAAA"),
    "claims that are a list": ("malformed", lambda _: unsigned(HEADER, [1], "AAAA")),
    "dots alone": ("*", lambda _: ".."),
    "no base64": ("*", lambda _: "ä.ö.ü".encode().decode("latin-1")),
    "an encrypted token's form": ("unknown", lambda _: "a.b.c.d.e"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_bad_token_opens_nothing_and_the_record_says_why(service: Service, provider: Provider, name: str) -> None:
    why, make = ATTACKS[name]
    headers = {b"Authorization": b"Bearer " + make(provider).encode("latin-1")}

    problem = refused(service.nobody.get("/v1/me", headers=headers), 401)

    assert problem["code"] in {"token_invalid", "token_expired", "unauthenticated"}
    assert (problem["code"] == "token_expired") is (why == "expired")
    newest = service.admin.read("/v1/refusals", operation="read_me", limit=1)["items"][0]
    assert (newest["actor_id"], newest["status"], newest["code"]) == (None, 401, problem["code"])
    assert why in {"*", newest["why"]}


def test_leeway_forgives_half_a_minute_and_no_more(service: Service, provider: Provider) -> None:
    late = service.caller(provider.token(exp=time.time() - 20))
    early = service.caller(provider.token(nbf=time.time() + 20, sub="early"))

    assert [caller.get("/v1/me").status_code for caller in (late, early)] == [200, 200]
    refused(service.caller(provider.token(exp=time.time() - 40)).get("/v1/me"), 401, "token_expired")


def test_a_token_that_was_good_a_moment_ago_expires_all_the_same(service: Service, provider: Provider) -> None:
    ends = time.time() - 30 + 1.5
    caller = service.caller(provider.token(exp=ends, sub="short-lived"))
    assert caller.get("/v1/me").status_code == 200

    while time.time() < ends + 30.1:
        time.sleep(0.05)

    refused(caller.get("/v1/me"), 401, "token_expired")


def test_the_sandboxs_clock_neither_ages_nor_revives_a_token(service: Service, provider: Provider) -> None:
    good, old = service.caller(provider.token()), service.caller(provider.token(exp=time.time() - 3600))

    service.live_through(30)

    assert good.get("/v1/me").status_code == 200
    refused(old.get("/v1/me"), 401, "token_expired")


SETTINGS: dict[str, dict[str, Any]] = {
    "an algorithm anybody can sign with": {"algorithms": ["HS256"]},
    "no signature at all": {"algorithms": ["none"]},
    "no algorithm": {"algorithms": []},
    "an issuer that anybody on the way can play": {"issuer": "http://login.example.org"},
    "more leeway than a minute": {"leeway_seconds": 61},
    "the clock's role": {"roles": {"boss": "clock"}},
    "a role that there is not": {"roles": {"boss": "king"}},
    "no role": {"roles": {}},
    "no audience": {"audience": []},
    "a misspelt setting": {"audiences": "x"},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_would_open_too_much_stops_the_service_at_start(provider: Provider, name: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        settings_for("sqlite://", oidc=(provider.settings() | SETTINGS[name],))
