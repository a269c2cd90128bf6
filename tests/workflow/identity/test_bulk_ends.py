"""A bulk answer whose credential ends is cut off, so that nobody takes the part for the whole."""

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from typing import Any

from secor_workflow.api.live import LiveResponse, while_it_lasts

Message = MutableMapping[str, Any]


async def pieces() -> AsyncGenerator[bytes, None]:
    """One line, and then a long silence."""
    yield b"{}\n"
    await asyncio.Event().wait()


async def sent(*, for_ever: bool) -> list[Message]:
    """What goes out of an answer whose credential ends after its first piece."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    answer = LiveResponse(pieces(), "text/plain", {}, lasts=lambda: len(messages) < 2, for_ever=for_ever)
    await answer({"type": "http"}, receive, send)
    return messages


async def test_a_stream_without_end_ends_in_good_order() -> None:
    *_, last = await sent(for_ever=True)

    assert last == {"type": "http.response.body", "body": b"", "more_body": False}


async def test_an_answer_whose_end_was_promised_is_cut_off() -> None:
    *_, last = await sent(for_ever=False)

    assert last["more_body"] is True


async def test_what_was_waited_for_is_given_while_the_credential_lasts() -> None:
    assert await while_it_lasts(asyncio.sleep(0, "news"), lambda: True) == "news"
