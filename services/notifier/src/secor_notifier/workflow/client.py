"""One HTTP connection to the workflow: asks with a key, and says plainly when no answer is to be had."""

import ssl
from collections.abc import AsyncGenerator, Awaitable, Mapping
from functools import cache

import httpx

from secor_notifier.tracing import Tracing
from secor_notifier.workflow.own_credential import OwnKey

Params = Mapping[str, str | int]
JSON = "application/json"
ANSWER_SECONDS = 10.0
CONNECT_SECONDS = 3.0
OK = 200
SERVER_ERROR = 500
CHUNK = 256 * 1024
NOT_NOW = frozenset({401, 403, 408, 425, 429})


class WorkflowAwayError(Exception):
    """The workflow cannot answer us now: unreachable, failing, busy, or our key does not (yet) hold."""


class WorkflowRefusalError(Exception):
    """The workflow answered with a status for which the contract gives us no meaning here."""

    def __init__(self, status: int, path: str) -> None:
        super().__init__(f"The workflow answered {status} to {path}.")
        self.status = status


class WorkflowClient:
    """Asks; and tells one thing alone, that somebody was forgotten. The notifier never changes a case."""

    def __init__(self, url: str, own: str | httpx.Auth, tracing: Tracing | None = None) -> None:
        auth = OwnKey(own) if isinstance(own, str) else own
        hooks = (tracing or Tracing()).hooks
        self._http = httpx.AsyncClient(
            base_url=url, auth=auth, follow_redirects=False, verify=_authorities(), event_hooks=hooks
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(
        self, path: str, *, params: Params | None = None, key: str | None = None, wait: float = 0, accept: str = JSON
    ) -> httpx.Response:
        """The answer to a question put with `key` (ours, if none is given), be it yes or no."""
        headers = {**({"Authorization": f"Bearer {key}"} if key else {}), "Accept": accept}
        timeout = httpx.Timeout(ANSWER_SECONDS + wait, connect=CONNECT_SECONDS)
        return await self._answer(self._http.get(path, params=params, headers=headers, timeout=timeout))

    async def tell(self, path: str, body: Mapping[str, str]) -> httpx.Response:
        """The answer to what we say with our own key; safe to repeat, so it may be said until it is heard."""
        headers = {"Accept": JSON}
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        answer = await self._answer(self._http.post(path, json=dict(body), headers=headers, timeout=timeout))
        return self._ours(answer)

    async def _answer(self, asked: Awaitable[httpx.Response]) -> httpx.Response:
        try:
            answer = await asked
        except httpx.HTTPError as error:
            raise WorkflowAwayError(f"The workflow cannot be reached ({type(error).__name__}).") from error
        if answer.status_code >= SERVER_ERROR:
            raise WorkflowAwayError(f"The workflow answered {answer.status_code}.")
        return answer

    async def lines(self, path: str, *, params: Params, accept: str) -> AsyncGenerator[bytes, None]:
        """An answer of any length, line by line as it comes, put with our own key; each line is whole."""
        headers = {"Accept": accept}
        timeout = httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)
        rest = b""
        try:
            async with self._http.stream("GET", path, params=params, headers=headers, timeout=timeout) as answer:
                if answer.status_code != OK:
                    raise WorkflowAwayError(f"The workflow answered {answer.status_code} when asked for its whole log.")
                async for some in answer.aiter_bytes(CHUNK):
                    *whole, rest = (rest + some).split(b"\n")
                    for line in whole:
                        yield line
        except httpx.HTTPError as error:
            raise WorkflowAwayError(f"The workflow's log broke off ({type(error).__name__}).") from error

    async def ask_ours(
        self, path: str, *, params: Params | None = None, wait: float = 0, accept: str = JSON
    ) -> httpx.Response:
        """As `ask` with our own key: that it is refused is a fault of the installation, to be waited out."""
        return self._ours(await self.ask(path, params=params, wait=wait, accept=accept))

    def _ours(self, answer: httpx.Response) -> httpx.Response:
        if answer.status_code in NOT_NOW:
            raise WorkflowAwayError(f"The workflow answered {answer.status_code} to the notifier's own key.")
        return answer


@cache
def _authorities() -> ssl.SSLContext:
    """Whom TLS trusts; read once, for reading takes long."""
    return httpx.create_ssl_context()
