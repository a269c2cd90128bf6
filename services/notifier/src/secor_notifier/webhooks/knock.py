"""One attempt: posts a body to a URL, and says in a few words what became of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpcore
import httpx

from secor_notifier.webhooks.destination import ForbiddenDestinationError, check_url
from secor_notifier.webhooks.line import GuardedLine, Resolve, resolve
from secor_notifier.webhooks.policy import WebhookPolicy

GOOD = range(200, 300)
REDIRECTS = range(300, 400)
GONE = 410


@dataclass(frozen=True)
class Answer:
    """What became of an attempt: a status if there was one, and an error unless it was taken."""

    status: int | None = None
    error: str | None = None
    retry_after: int = 0

    @property
    def gone(self) -> bool:
        return self.status == GONE


class Knocker:
    """Follows no redirect, keeps no cookie, uses no proxy, and waits for nobody longer than the policy says."""

    def __init__(self, policy: WebhookPolicy, *, anywhere: bool, resolve: Resolve = resolve) -> None:
        self._policy = policy
        self._anywhere = anywhere
        self._pool = httpcore.AsyncConnectionPool(
            max_connections=None,  # who asks bounds them: one that does not answer must not take another's turn
            keepalive_expiry=5.0,
            network_backend=GuardedLine(anywhere=anywhere, resolve=resolve),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.aclose()

    async def post(self, url: str, headers: Mapping[str, str], body: str) -> Answer:
        seconds = self._policy.answer_within.total_seconds()
        try:
            check_url(url, anywhere=self._anywhere)
            async with asyncio.timeout(seconds):
                return await self._post(httpx.URL(url), headers, body.encode())
        except ForbiddenDestinationError as error:
            return Answer(error=str(error))
        except TimeoutError:
            return Answer(error=f"No answer within {seconds:.0f} seconds.")
        except (httpcore.NetworkError, httpcore.TimeoutException) as error:
            return Answer(error=f"The connection failed ({type(error).__name__}).")
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError, ValueError) as error:
            return Answer(error=f"The answer is not HTTP ({type(error).__name__}).")

    async def _post(self, url: httpx.URL, headers: Mapping[str, str], content: bytes) -> Answer:
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        async with self._pool.stream(
            "POST", target, headers=[(b"Host", url.netloc), *_raw(headers)], content=content
        ) as answer:
            await self._read_a_little(answer)
            return _judged(answer)

    async def _read_a_little(self, answer: httpcore.Response) -> None:
        """So that an ordinary receiver sees its answer taken; what is longer is cut off."""
        length = 0
        async for part in answer.aiter_stream():
            length += len(part)
            if length >= self._policy.answer_bytes:
                return


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]


def _judged(answer: httpcore.Response) -> Answer:
    if answer.status in GOOD:
        return Answer(answer.status)
    if answer.status in REDIRECTS:
        return Answer(answer.status, f"It answered {answer.status}; redirects are not followed.")
    waits = {name.lower(): value for name, value in answer.headers}.get(b"retry-after", b"")
    return Answer(answer.status, f"It answered {answer.status}.", int(waits[:9]) if waits.isdigit() else 0)
