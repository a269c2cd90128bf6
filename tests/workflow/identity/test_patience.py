"""An answer that does not begin in time is given up, and its caller told to ask again; one that began may go on."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from secor_workflow.api.patience import Patience, Receive, Scope, Send
from secor_workflow.settings import Settings

Message = MutableMapping[str, Any]
SETTINGS = Settings(request_seconds=0.05, body_seconds=0.3)
SCOPE = {"type": "http", "path": "/v1/cases", "method": "GET", "headers": [], "query_string": b"", "server": ("x", 1)}
START: Message = {"type": "http.response.start", "status": 200, "headers": []}
END: Message = {"type": "http.response.body", "body": b"done", "more_body": False}


async def answered(app: Any, receive: Receive | None = None) -> list[Message]:  # noqa: ANN401 (an application)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def nothing_more() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    await Patience(app, SETTINGS)(dict(SCOPE), receive or nothing_more, send)
    return sent


async def test_an_answer_that_does_not_begin_is_given_up() -> None:
    async def never(_scope: Scope, _receive: Receive, _send: Send) -> None:
        await asyncio.Event().wait()

    start, body = await answered(never)

    assert start["status"] == 503
    assert b"send it again with the same key" in body["body"]


async def test_an_answer_that_has_begun_may_take_its_time() -> None:
    async def slowly(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(START)
        await asyncio.sleep(0.15)
        await send(END)

    assert await answered(slowly) == [START, END]


async def test_waiting_for_the_body_does_not_count() -> None:
    async def reads(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await send(END)

    async def comes_late() -> Message:
        await asyncio.sleep(0.15)
        return {"type": "http.request", "body": b"{}", "more_body": False}

    assert await answered(reads, comes_late) == [START, END]
