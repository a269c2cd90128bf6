"""Delivery status notifications (RFC 3464) from a maildir: mails of mail servers about letters of ours."""

import asyncio
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import Path

from secor_notifier.clock import Clock
from secor_notifier.ledger import Delivery
from secor_notifier.ledger.deliveries import DeliveryReports, Report

AT_ONCE = 100
LARGEST = 1024 * 1024
ACTIONS = {
    "failed": Delivery.FAILED,
    "delayed": Delivery.DELAYED,
    "delivered": Delivery.DELIVERED,
    "relayed": Delivery.DELIVERED,
    "expanded": Delivery.DELIVERED,
}
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
MESSAGE_ID = re.compile(r"<[^<>\s]{1,200}>")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Maildir:
    """Reads `new`, and moves what it has read to `cur`, whatever it was: a mail is read once."""

    folder: Path
    reports: DeliveryReports
    clock: Clock

    async def work(self) -> None:
        for file in await asyncio.to_thread(self._new):
            for report in await asyncio.to_thread(self._read, file):
                found = await self.reports.take(report)
                log.info("delivery report %s for %d reminders", report.delivery, len(found))
            await asyncio.to_thread(self._seen, file)

    def _new(self) -> list[Path]:
        folder = self.folder / "new"
        return sorted(folder.iterdir())[:AT_ONCE] if folder.is_dir() else []

    def _read(self, file: Path) -> list[Report]:
        with file.open("rb") as opened:
            return list(reports_in(opened.read(LARGEST), self.clock))

    def _seen(self, file: Path) -> None:
        (self.folder / "cur").mkdir(exist_ok=True)
        file.replace(self.folder / "cur" / f"{file.name}:2,S")


def reports_in(content: bytes, clock: Clock) -> Iterator[Report]:
    """What a mail says about letters of ours; any other mail, however broken, says nothing."""
    mail = message_from_bytes(content, EmailMessage, policy=default)
    parts = list(mail.walk())
    message_id = next(filter(None, map(_original, parts)), None)
    if message_id is None:
        return
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            for block in part.get_payload() if part.is_multipart() else ():
                if isinstance(block, Message) and (report := _report(block, message_id, clock)):
                    yield report


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
