"""A letter in its envelope: a complete RFC 5322 message, the same one however often it is sent."""

from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

# Pure ASCII on the way, for any server; and lines long enough for an address on the web.
PLAIN = SMTP.clone(cte_type="7bit", max_line_length=200)


class BadAddressError(ValueError):
    """No mail can be sent to what stands where an address should be."""


@dataclass(frozen=True)
class Attachment:
    """A document that goes with a letter."""

    filename: str
    content: bytes
    media_type: str = "application/json"


@dataclass(frozen=True)
class Envelope:
    """What a channel needs to know; `name` is the same for each attempt, and sorts by the time it was owed."""

    name: str
    sender: str
    to: str
    message: EmailMessage


@dataclass(frozen=True)
class Postmark:
    """What identifies one letter through all its attempts."""

    reminder_id: str
    letter: str
    due_at: datetime
    thread: str | None = None
    """The case, if it is about one: its letters stand together in the reader's mail program."""
    unsubscribe: str | None = None
    """Where to say that one wants no more of these, if one may."""

    @property
    def name(self) -> str:
        return f"{self.due_at:%Y%m%dT%H%M%S.%fZ}-{self.letter}-{self.reminder_id}"


@dataclass(frozen=True)
class Contents:
    """The letter itself."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Addressed:
    """From whom, to whom."""

    sender: str
    to: str
    name: str | None = None


def seal(postmark: Postmark, contents: Contents, addressed: Addressed, now: datetime) -> Envelope:
    """The finished message, with a Message-ID that a repeat will carry again."""
    message = EmailMessage(policy=PLAIN)
    message["From"] = _address(addressed.sender, "go2HR SECOR")
    message["To"] = _address(addressed.to, addressed.name)
    message["Subject"] = _one_line(contents.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(postmark.reminder_id, addressed.sender)
    message["Auto-Submitted"] = "auto-generated"
    if postmark.thread:
        # A letter that never was, from which all letters about the case descend: each person gets others of them.
        message["In-Reply-To"] = message["References"] = message_id(f"case.{postmark.thread}", addressed.sender)
    if postmark.unsubscribe:
        message["List-Unsubscribe"] = f"<{postmark.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(contents.text)
    message.add_alternative(contents.html, subtype="html")
    for attachment in contents.attachments:
        kind, *parameters = attachment.media_type.split("; ")
        maintype, _, subtype = kind.partition("/")
        message.add_attachment(
            attachment.content,
            maintype=maintype,
            subtype=subtype,
            filename=attachment.filename,
            params=dict(parameter.split("=") for parameter in parameters),
        )
    return Envelope(postmark.name, addressed.sender, addressed.to, message)


def message_id(reminder_id: str, sender: str) -> str:
    return f"<{reminder_id}@{sender.rpartition('@')[2]}>"


def _address(email: str, name: str | None) -> Address:
    try:
        return Address(display_name=_one_line(name or ""), addr_spec=email)
    except (ValueError, IndexError, MessageError) as error:
        raise BadAddressError from error


def _one_line(text: str) -> str:
    """On one line, and nothing in it that `email` would decode: an encoded word may hold line ends and more headers."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split()).replace("=?", "= ?")
