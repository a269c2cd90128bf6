"""The line out: connects only to addresses it has checked itself, so that a name cannot change in between."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import httpcore

from secor_notifier.webhooks.destination import ForbiddenDestinationError, check_address

Resolve = Callable[[str, int], Awaitable[list[str]]]


async def resolve(host: str, port: int) -> list[str]:
    """The addresses that the machine's resolver knows for a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
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
        return await self._out.connect_tcp(self._chosen(addresses), port, timeout, local_address, socket_options)

    def _chosen(self, addresses: list[str]) -> str:
        """The first address; one that is forbidden among them condemns the host."""
        if not addresses:
            raise httpcore.ConnectError("The host has no address.")
        if not self._anywhere:
            for address in addresses:
                check_address(address)
        return addresses[0]

    async def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002 - httpcore's own signature
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - see above
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002 - see above
    ) -> httpcore.AsyncNetworkStream:
        raise ForbiddenDestinationError("A webhook goes over the network.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
