"""Mails to the maildir are from strangers: whatever comes, it is read once, soon, and the next one is read too."""

import os
import time
from pathlib import Path

import pytest

from secor_notifier.clock import Clock
from secor_notifier.dsn import LARGEST, Maildir, reports_in
from secor_notifier.ledger import Delivery
from secor_notifier.ledger.deliveries import DeliveryReports
from secor_notifier.ledger.engine import open_engine, read_url
from secor_notifier.migrations import migrate

HEAD = b'Content-Type: multipart/report; report-type=delivery-status; boundary="p"\n\n--p\n'
STATUS = b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; r\n\n"
FAILED = b"Action: failed\nStatus: 5.1.1\n\n"
BACK = b"\n--p\nContent-Type: text/rfc822-headers\n\nMessage-ID: <a@b>\n\n--p--\n"
GIVEN_BACK = HEAD + STATUS + FAILED + b"\n--p\nContent-Type: message/rfc822\n\nMessage-ID: "
NOTIFICATION = HEAD + STATUS + FAILED + BACK


def nested(depth: int) -> bytes:
    opened = (f'Content-Type: multipart/mixed; boundary="b{one}"\n\n--b{one}\n' for one in range(depth))
    return "".join(opened).encode()


STRANGE = {
    "parts in parts": nested(5000),
    "mails in mails": b"Content-Type: message/rfc822\n\n" * 5000,
    "a name of brackets": GIVEN_BACK + b"<" * 200_000 + b"\n\n--p--\n",
    "a name of comments": GIVEN_BACK + b"((" * 100_000 + b"\n\n--p--\n",
    "half a name": GIVEN_BACK + b"<a@[\n\n--p--\n",
    "a type of a thousand parts": b"Content-Type: " + b"multipart/" * 20_000 + b"\n\nx",
    "a type with a thousand details": b"Content-Type: text/plain" + b"; a*0=b" * 30_000 + b"\n\n",
    "headers without end": b"A: b\n" * 50_000,
    "words that are no words": b"Subject: " + b"=?utf-8?q?a?= " * 15_000 + b"\n\n",
    "a code that is none": b"Content-Type: text/rfc822-headers\nContent-Transfer-Encoding: base64\n\n" + b"!" * 200_000,
    "another action": HEAD + STATUS + b"Action: =?utf-8?b?/////?=\nStatus: \xff\xfe\n" + BACK,
    "nothing": b"",
}


@pytest.mark.parametrize("mail", STRANGE.values(), ids=[*STRANGE])
def test_a_mail_that_was_made_to_do_harm_says_nothing_and_soon(mail: bytes) -> None:
    began = time.monotonic()

    assert reports_in(mail[:LARGEST], Clock()) == []
    assert time.monotonic() - began < 20


def test_however_often_a_mail_says_it_it_is_said_once() -> None:
    blocks = HEAD + STATUS + FAILED * 3000 + b"Action: delayed\n\n" + BACK

    assert [one.delivery for one in reports_in(blocks, Clock())] == [Delivery.FAILED, Delivery.DELAYED]


def test_a_name_beside_a_broken_one_is_found() -> None:
    [report] = reports_in(GIVEN_BACK + b"<\xff\xfe@b> <x@y>\n\n--p--\n", Clock())

    assert (report.message_id, report.delivery, report.status) == ("<x@y>", Delivery.FAILED, "5.1.1")


async def test_what_is_no_mail_is_left_and_what_is_one_is_read_beside_it(tmp_path: Path) -> None:
    new = tmp_path / "maildir" / "new"
    (new / "0-folder").mkdir(parents=True)
    os.mkfifo(new / "1-pipe")
    (new / "2-link").symlink_to("/dev/zero")
    (new / "3-mails-in-mails").write_bytes(STRANGE["mails in mails"])
    (new / "4-notification").write_bytes(NOTIFICATION)
    engine = open_engine(read_url(f"sqlite:///{tmp_path / 'notifier.db'}"))
    await migrate(engine)
    first, second = (Maildir(tmp_path / "maildir", DeliveryReports(engine), Clock()) for _ in range(2))

    await first.work()
    await second.work()

    assert sorted(file.name for file in new.iterdir()) == ["0-folder", "1-pipe", "2-link"]
    read = sorted(file.name for file in (tmp_path / "maildir" / "cur").iterdir())
    assert read == ["3-mails-in-mails:2,S", "4-notification:2,S"]
    await engine.dispose()
