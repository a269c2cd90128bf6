"""A connection to the one of several servers that is wanted, though others are down, silent or standbys."""

from collections.abc import Iterable
from typing import Any
from weakref import WeakSet

import asyncpg
from asyncpg import CannotConnectNowError, Connection, PostgresConnectionError, TargetServerAttributeNotMatched

Address = tuple[str | None, int | None]


class Servers:
    """Asks one server after the other, first the one that was right last time, and gives each its share of the time.

    The driver's own time is for all of them together: a machine that is silent would use it up. Once another server is
    right, the connections to the one before are of no use: they are broken off, and nobody waits there for an answer.
    """

    def __init__(self) -> None:
        self._right: Address | None = None
        self._open: WeakSet[Connection[Any]] = WeakSet()

    async def connect(self, *, timeout: float, **how: Any) -> "Connection[Any]":  # noqa: ANN401, ASYNC109 (the driver's own)
        addresses = sorted(_addresses(how.pop("host", None), how.pop("port", None)), key=lambda one: one != self._right)
        failure: Exception | None = None
        for host, port in addresses:
            try:
                connection: Connection[Any] = await asyncpg.connect(
                    host=host, port=port, timeout=timeout / len(addresses), **how
                )
            except (OSError, CannotConnectNowError, PostgresConnectionError) as error:
                failure = error
            except TargetServerAttributeNotMatched as error:
                failure = failure or ConnectionRefusedError(str(error))
            else:
                self._is_right((host, port), connection)
                return connection
        assert failure is not None  # noqa: S101 (there is one address at least)
        raise failure

    def _is_right(self, address: Address, connection: "Connection[Any]") -> None:
        if address != self._right:
            for before in self._open:
                before.terminate()
            self._right, self._open = address, WeakSet()
        self._open.add(connection)


def _addresses(hosts: str | list[str] | None, ports: int | list[int] | None) -> Iterable[Address]:
    each = hosts if isinstance(hosts, list) else [hosts]
    return zip(each, ports if isinstance(ports, list) else [ports], strict=True)
