"""A small OpenID provider of the tests' own, over real HTTP: it signs whatever a test wants, right or wrong."""

import base64
import json
import socket
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey

AUDIENCE = "secor-workflow"
KEYCLOAK_ROLES = {"secor-admin": "admin", "secor-reviewer": "qa_reviewer", "secor-staff": "staff"}
KEYCLOAK_ROLES |= {"secor-employer": "employer", "secor-reader": "reader"}
KEYCLOAK_ROLES |= {"secor-integration": "integration", "secor-notifier": "notifier"}
ENTRA_ROLES = {"Secor.Staff": "staff", "Secor.Reviewer": "qa_reviewer", "Secor.Employer": "employer"}


FIRST = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
"""Making one takes a while; a test that needs another makes it."""


class Provider:
    """`with Provider() as provider:` answers at `provider.issuer`; stopped and started again it keeps its address."""

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {"first": FIRST}
        self.asked: Counter[str] = Counter()
        self.jwks: dict[str, Any] | None = None
        """What is shown instead of the keys, if a test wants that."""
        self.tells: dict[str, Any] = {}
        """What the discovery document says instead, if a test wants that."""

    def __enter__(self) -> Self:
        self._held = socket.socket()  # bound and silent: while we are away nobody else gets the address
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(("127.0.0.1", 0))
        self._port: int = self._held.getsockname()[1]
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._held.close()

    def start(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self._port}/realms/secor"

    def settings(self, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (settings of every type)
        """One entry of WORKFLOW_OIDC, in Keycloak's shape."""
        said = {"issuer": self.issuer, "audience": AUDIENCE, "roles": KEYCLOAK_ROLES}
        return said | {"roles_claim": "realm_access.roles"} | more

    def rotate(self, kid: str) -> None:
        """Sign with a new key, on a curve, and show it alone."""
        self.keys = {kid: ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})}

    def claims(self, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (claims of every type)
        """What Keycloak says of a clerk; a claim given as None is left out."""
        now = int(time.time())
        said: dict[str, Any] = {
            "iss": self.issuer,
            "aud": [AUDIENCE, "account"],
            "sub": "0f6b1c0e-5f7e-4c38-9f6c-3c1b0a5f7a11",
            "typ": "Bearer",
            "azp": "portal",
            "iat": now,
            "exp": now + 300,
            "realm_access": {"roles": ["offline_access", "secor-staff"]},
        }
        return {name: value for name, value in (said | more).items() if value is not None}

    def token(self, header: dict[str, Any] | None = None, key: Key | None = None, **claims: Any) -> str:  # noqa: ANN401
        """A token as Keycloak signs it, but for what is given."""
        kid, own = next(iter(self.keys.items()))
        told = {"alg": "ES256" if isinstance(own, ECKey) else "RS256", "typ": "JWT", "kid": kid, **(header or {})}
        return jwt.encode(told, self.claims(**claims), key or own, algorithms=[told["alg"]], default_type=None)

    def shown(self) -> dict[str, Any]:
        return self.jwks or {"keys": [key.as_dict(private=False) for key in self.keys.values()]}


def unsigned(header: dict[str, Any], claims: object, signature: str = "") -> str:
    """A token put together by hand."""
    return ".".join([*(_part(json.dumps(part).encode()) for part in (header, claims)), signature])


def _part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked[self.path.rsplit("/", 1)[-1]] += 1
            if self.path == "/realms/secor/.well-known/openid-configuration":
                told = {"issuer": provider.issuer, "jwks_uri": provider.issuer + "/certs"}
                self._answer(told | provider.tells)
            elif self.path == "/realms/secor/certs":
                self._answer(provider.shown())
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            """Client credentials: a service gets a token of its own."""
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            assert form["grant_type"] == ["client_credentials"]
            client = form["client_id"][0]
            roles = {"roles": ["secor-reader"]}
            token = provider.token(sub=f"service-account-{client}", azp=client, realm_access=roles)
            self._answer({"access_token": token, "token_type": "Bearer", "expires_in": 300})

        def _answer(self, told: dict[str, Any]) -> None:
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 (the server's own signature)
            """Say nothing."""

    return Handler
