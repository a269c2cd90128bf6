"""A real SMTP server on loopback, which keeps what it takes."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Inbox:
    """Everything that was taken, as (recipient, Message-ID), in order of arrival."""

    url: str
    received: list[tuple[str, str]] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        content = envelope.original_content or b""
        message_id = str(message_from_bytes(content)["Message-ID"])
        self.received += [(recipient, message_id) for recipient in envelope.rcpt_tos]
        return "250 taken"


@contextmanager
def post_office() -> Iterator[Inbox]:
    """The server, as long as it is needed."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    inbox = Inbox(f"smtp://127.0.0.1:{port}")
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()
