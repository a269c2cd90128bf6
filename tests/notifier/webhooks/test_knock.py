"""Endpoints that behave badly: each attempt ends in time, and says what was wrong."""

import asyncio
import gzip
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from notifier.webhooks.receiver import Behaviour, Receiver, answering, saying
from secor_notifier.webhooks.knock import Answer, Knocker
from secor_notifier.webhooks.policy import WebhookPolicy

POLICY = replace(WebhookPolicy.read(), answer_within=timedelta(seconds=1))
TOO_LATE = Answer(error="No answer within 1 seconds.")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


async def knock(url: str) -> Answer:
    async with Knocker(POLICY, anywhere=True) as knocker:
        return await knocker.post(url, {"X-Told": "yes"}, '{"name":"Café"}')


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_whatever_is_2xx_is_taken(receiver: Receiver, status: int) -> None:
    receiver.behave = answering(status)

    assert await knock(receiver.url) == Answer(status)
    [post] = receiver.posts
    assert (post.path, post.body, post.headers["x-told"]) == ("/hook?key=of-theirs", '{"name":"Café"}', "yes")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    receiver.behave = answering(status, Location=receiver.url)

    assert await knock(receiver.url) == Answer(status, f"It answered {status}; redirects are not followed.")
    assert len(receiver.posts) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
async def test_whatever_else_is_an_error(receiver: Receiver, status: int) -> None:
    receiver.behave = answering(status, b"their own words, which are not repeated")

    assert await knock(receiver.url) == Answer(status, f"It answered {status}.")


async def test_410_says_that_it_is_gone(receiver: Receiver) -> None:
    receiver.behave = answering(410)

    assert (await knock(receiver.url)).gone


@pytest.mark.parametrize(("said", "heard"), [("120", 120), ("soon", 0), ("-1", 0), ("9" * 30, 999999999)])
async def test_it_may_ask_for_a_longer_pause(receiver: Receiver, said: str, heard: int) -> None:
    receiver.behave = answering(429, Retry_After=said)

    assert (await knock(receiver.url)).retry_after == heard


@pytest.mark.parametrize("how", ["never", "drip", "never_begin"])
async def test_an_answer_that_does_not_come_is_not_waited_for(receiver: Receiver, how: str) -> None:
    receiver.behave = getattr(receiver, how)
    began = time.monotonic()

    assert await knock(receiver.url) == TOO_LATE
    assert time.monotonic() - began < 3


BAD: list[tuple[str, Behaviour]] = [
    ("garbage", saying(b"\x00\xff\x13garbage\r\n\r\n")),
    ("another protocol", saying(b"SSH-2.0-OpenSSH_9.2\r\n")),
    ("nothing", saying(b"")),
    ("half a status line", saying(b"HTTP/1.1 20")),
    ("half the headers", saying(b"HTTP/1.1 200 OK\r\nContent-Le")),
    ("half a body", saying(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")),
    ("a header without end", saying(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000)),
    ("a broken chunk", saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")),
]


@pytest.mark.parametrize("behave", [behave for _, behave in BAD], ids=[name for name, _ in BAD])
async def test_what_is_no_answer_is_an_error(receiver: Receiver, behave: Behaviour) -> None:
    receiver.behave = behave

    answer = await knock(receiver.url)
    assert answer.error
    assert answer.status is None


async def test_of_a_long_answer_only_the_beginning_is_read(receiver: Receiver) -> None:
    receiver.behave = answering(200, b"a" * 50_000_000)
    began = time.monotonic()

    assert await knock(receiver.url) == Answer(200)
    assert time.monotonic() - began < 1


async def test_a_bomb_is_not_unpacked(receiver: Receiver) -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    receiver.behave = answering(200, bomb, Content_Encoding="gzip")
    tracemalloc.start()

    assert await knock(receiver.url) == Answer(200)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


async def test_one_that_does_not_answer_takes_nobodys_place(receiver: Receiver) -> None:
    with Receiver() as other:
        receiver.behave = receiver.never
        async with Knocker(POLICY, anywhere=True) as knocker:
            slow = [asyncio.create_task(knocker.post(receiver.url, {}, "{}")) for _ in range(60)]
            await asyncio.sleep(0)
            assert await knocker.post(other.url, {}, "{}") == Answer(204)
            assert await asyncio.gather(*slow) == [TOO_LATE] * 60


async def test_nobody_there_is_an_error() -> None:
    with Receiver() as receiver:
        url = receiver.url

    assert await knock(url) == Answer(error="The connection failed (ConnectError).")


async def test_a_name_without_address_is_an_error() -> None:
    async def nothing(_host: str, _port: int) -> list[str]:
        raise OSError(-2, "Name or service not known")

    async with Knocker(POLICY, anywhere=False, resolve=nothing) as knocker:
        answer = await knocker.post("https://hooks.example/", {}, "{}")
    assert answer == Answer(error="The connection failed (ConnectError).")
