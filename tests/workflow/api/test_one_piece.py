"""An answer leaves as one packet; a head whose body takes its time is not kept back, nor one that is all there is."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from secor_workflow.in_one_piece import HEAD, InOnePiece

ANSWER = HEAD + b"200 OK\r\n\r\n"
Ends = tuple[InOnePiece, socket.socket]


@pytest.fixture
async def ends() -> AsyncIterator[Ends]:
    """A connection as the server writes to it, and its client's end."""
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)  # noqa: FBT003 (its only argument)
    transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, ours)
    with theirs:
        yield InOnePiece(transport, loop), theirs
        transport.abort()


async def test_head_and_body_leave_together(ends: Ends) -> None:
    server, client = ends

    server.write(ANSWER)
    with pytest.raises(BlockingIOError):
        client.recv(100)
    server.write(b"body")

    assert client.recv(100) == ANSWER + b"body"


async def test_a_head_alone_is_sent_when_the_loop_turns(ends: Ends) -> None:
    server, client = ends

    server.write(ANSWER)

    assert await received(client) == ANSWER


async def test_what_follows_is_sent_as_it_comes(ends: Ends) -> None:
    server, client = ends
    server.write(ANSWER)
    server.write(b"first")
    client.recv(100)

    server.write(b"second")

    assert client.recv(100) == b"second"


async def test_closing_keeps_nothing_back(ends: Ends) -> None:
    server, client = ends

    server.write(ANSWER)
    server.close()

    assert await received(client) == ANSWER
    assert await received(client) == b""


async def test_a_head_for_a_client_that_is_gone_is_let_go(ends: Ends) -> None:
    server, client = ends

    server.write(ANSWER)
    server.abort()

    assert await received(client) == b""


async def received(client: socket.socket) -> bytes:
    return await asyncio.get_running_loop().sock_recv(client, 100)
