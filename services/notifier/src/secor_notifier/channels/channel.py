"""The one interface of all channels, and which of them a mail URL means."""

from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from secor_notifier.channels.envelope import Envelope
from secor_notifier.channels.mailbox import Mailbox
from secor_notifier.channels.outcome import Refusal
from secor_notifier.channels.smtp import Smtp


class UnknownMailUrlError(ValueError):
    """The mail URL is of no kind we know."""


class Channel(Protocol):
    """Takes an envelope, or says why not."""

    async def send(self, envelope: Envelope) -> Refusal | None: ...


def open_channel(url: str) -> Mailbox | Smtp:
    """A channel for `smtp://…`, `smtps://…` or `file:/path`; connects when it sends."""
    scheme = urlsplit(url).scheme
    if scheme == "file":
        return Mailbox.at(url2pathname(url.removeprefix("file:").removeprefix("//")))
    if scheme in {"smtp", "smtps"}:
        return Smtp.at(url)
    raise UnknownMailUrlError("NOTIFIER_MAIL_URL must be smtp://…, smtps://… or file:/path.")
