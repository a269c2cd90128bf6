"""The line out: connects only to addresses it has checked itself, so that a name cannot change in between."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import httpcore

from secor_notifier.webhooks.destination import ForbiddenDestinationError, check_address

ONE_ADDRESS_SECONDS = 4.0
"""So long one address may take while there are others to try."""
ADDRESSES_AT_MOST = 3
Resolve = Callable[[str, int], Awaitable[list[str]]]


# Threads of its own: a name server that never answers must not hold up whoever else needs a thread.
_RESOLVERS = ThreadPoolExecutor(max_workers=64, thread_name_prefix="resolve")


async def resolve(host: str, port: int) -> list[str]:
    """The addresses that the machine's resolver knows for a host."""
    ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_RESOLVERS, ask)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedLine(httpcore.AsyncNetworkBackend):
    """Asks for a host's addresses once, and connects to one of those it was told; the host's name stays for TLS."""

    def __init__(
        self, *, anywhere: bool, resolve: Resolve = resolve, out: httpcore.AsyncNetworkBackend | None = None
    ) -> None:
        self._anywhere = anywhere
        self._resolve = resolve
        self._out = out or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("The host has no address.") from error
        *some, last = self._allowed(addresses)
        for address in some:
            try:
                seconds = ONE_ADDRESS_SECONDS if timeout is None else min(timeout, ONE_ADDRESS_SECONDS)
                return await self._out.connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._out.connect_tcp(last, port, timeout, local_address, socket_options)

    def _allowed(self, addresses: list[str]) -> list[str]:
        """The addresses to try, in the resolver's order; one that is forbidden among them condemns the host."""
        if not addresses:
            raise httpcore.ConnectError("The host has no address.")
        if not self._anywhere:
            for address in addresses:
                check_address(address)
        return addresses[:ADDRESSES_AT_MOST]

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - httpcore's own signature
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - see above
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - see above
    ) -> httpcore.AsyncNetworkStream:
        raise ForbiddenDestinationError("A webhook goes over the network.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
