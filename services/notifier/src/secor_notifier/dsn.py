"""Delivery status notifications (RFC 3464) from a maildir: mails of mail servers about letters of ours."""

import asyncio
import re
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from secor_notifier.clock import Clock
from secor_notifier.ledger import Delivery
from secor_notifier.ledger.deliveries import DeliveryReports, Report
from secor_notifier.logs import logger

AT_ONCE = 100
LARGEST = 256 * 1024  # what is said stands before the letter that is given back
ACTIONS = {
    "failed": Delivery.FAILED,
    "delayed": Delivery.DELAYED,
    "delivered": Delivery.DELIVERED,
    "relayed": Delivery.DELIVERED,
    "expanded": Delivery.DELIVERED,
}
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,200}>")
log = logger(__name__)


@dataclass(frozen=True)
class Maildir:
    """Reads `new`, and moves what it has read to `cur`, whatever it was: a mail is read once."""

    folder: Path
    reports: DeliveryReports
    clock: Clock

    async def work(self) -> None:
        for file in await asyncio.to_thread(self._new):
            try:
                reports = await asyncio.to_thread(self._read, file)
            except OSError as error:
                # Taken by another process, or not ours to read: no reason to leave the others unread.
                log.warning("a mail cannot be read", error=type(error).__name__)
                continue
            for report in reports:
                found = await self.reports.take(report)
                log.info("delivery report", delivery=report.delivery.value, reminders=len(found))
            await asyncio.to_thread(self._seen, file)

    async def forget(self, message_ids: Collection[str]) -> None:
        """Delete the notifications about these letters: they hold their readers' addresses."""
        await asyncio.to_thread(self._delete, [message_id.encode() for message_id in message_ids])

    def _delete(self, message_ids: list[bytes]) -> None:
        for folder in (self.folder / "cur", self.folder / "new"):
            for file in folder.iterdir() if folder.is_dir() else ():
                if stat.S_ISREG(file.lstat().st_mode) and any(one in file.read_bytes() for one in message_ids):
                    file.unlink(missing_ok=True)

    def _new(self) -> list[Path]:
        folder = self.folder / "new"
        if not folder.is_dir():
            return []
        # A pipe or a link that somebody put there is no mail: reading it might never end.
        return sorted(file for file in folder.iterdir() if stat.S_ISREG(file.lstat().st_mode))[:AT_ONCE]

    def _read(self, file: Path) -> list[Report]:
        with file.open("rb") as opened:
            return reports_in(opened.read(LARGEST), self.clock)

    def _seen(self, file: Path) -> None:
        (self.folder / "cur").mkdir(exist_ok=True)
        try:
            file.replace(self.folder / "cur" / f"{file.name}:2,S")
        except FileNotFoundError:
            return  # another process has moved it


def reports_in(content: bytes, clock: Clock) -> list[Report]:
    """What a mail says about letters of ours; any other mail, however broken, says nothing."""
    try:
        return list(_reports(content, clock))
    except Exception as error:  # noqa: BLE001 - whatever a stranger's mail makes the parser do, the next mail is read
        log.warning("a mail cannot be understood", error=type(error).__name__)
        return []


def _reports(content: bytes, clock: Clock) -> Iterator[Report]:
    # By the older, plainer way of reading mail: the newer one takes headers apart, and can be kept at it for minutes.
    parts = list(message_from_bytes(content).walk())
    message_id = next(filter(None, map(_original, parts)), None)
    if message_id is None:
        return
    said: set[Delivery] = set()
    for block in _blocks(parts):
        report = _report(block, message_id, clock)
        if report and report.delivery not in said:
            said.add(report.delivery)
            yield report


def _blocks(parts: list[Message]) -> Iterator[Message]:
    for part in parts:
        payload = part.get_payload() if part.get_content_type() == "message/delivery-status" else None
        for block in payload if isinstance(payload, list) else ():
            if isinstance(block, Message):
                yield block


def _original(part: Message) -> str | None:
    """The Message-ID of the letter that the notification gives back, whole or as its headers."""
    kind = part.get_content_type()
    if kind == "message/rfc822" and part.is_multipart():
        said = str(part.get_payload(0).get("Message-ID", ""))  # type: ignore[union-attr]  # a message's payload
    elif kind == "text/rfc822-headers":
        content = part.get_payload(decode=True)
        said = str(message_from_bytes(content if isinstance(content, bytes) else b"").get("Message-ID", ""))
    else:
        return None
    found = MESSAGE_ID.search(said)
    return found.group() if found else None


def _report(block: Message, message_id: str, clock: Clock) -> Report | None:
    delivery = ACTIONS.get(str(block.get("Action", "")).strip().lower())
    if delivery is None:
        return None
    status = STATUS.search(str(block.get("Status", "")))
    return Report(message_id, delivery, clock.now(), status.group() if status else None)
