"""Both services as real processes, on free ports, with a real SMTP server where a test asks for one."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from post_office import Inbox, post_office


def two_free_ports() -> tuple[int, int]:
    """Two ports that nobody listens on."""
    with closing(socket.socket()) as first, closing(socket.socket()) as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


@pytest.fixture
def free_ports() -> tuple[int, int]:
    return two_free_ports()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with post_office() as inbox:
        yield inbox
