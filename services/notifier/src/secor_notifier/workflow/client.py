"""One HTTP connection to the workflow: asks with a key, and says plainly when no answer is to be had."""

from collections.abc import AsyncGenerator, Mapping

import httpx

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
    """GET, and nothing else: the notifier never changes a case."""

    def __init__(self, url: str, key: str) -> None:
        self._key = key
        self._http = httpx.AsyncClient(base_url=url, follow_redirects=False)

    async def close(self) -> None:
        await self._http.aclose()

    async def ask(
        self, path: str, *, params: Params | None = None, key: str | None = None, wait: float = 0, accept: str = JSON
    ) -> httpx.Response:
        """The answer to a question put with `key` (ours, if none is given), be it yes or no."""
        headers = {"Authorization": f"Bearer {key or self._key}", "Accept": accept}
        timeout = httpx.Timeout(ANSWER_SECONDS + wait, connect=CONNECT_SECONDS)
        try:
            answer = await self._http.get(path, params=params, headers=headers, timeout=timeout)
        except httpx.HTTPError as error:
            raise WorkflowAwayError(f"The workflow cannot be reached ({type(error).__name__}).") from error
        if answer.status_code >= SERVER_ERROR:
            raise WorkflowAwayError(f"The workflow answered {answer.status_code}.")
        return answer

    async def lines(self, path: str, *, params: Params, accept: str) -> AsyncGenerator[bytes, None]:
        """An answer of any length, line by line as it comes, put with our own key; each line is whole."""
        headers = {"Authorization": f"Bearer {self._key}", "Accept": accept}
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
        answer = await self.ask(path, params=params, wait=wait, accept=accept)
        if answer.status_code in NOT_NOW:
            raise WorkflowAwayError(f"The workflow answered {answer.status_code} to the notifier's own key.")
        return answer
