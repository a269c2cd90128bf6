"""Letters by SMTP: one connection and one message for each recipient."""

from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib

from secor_notifier.channels.envelope import Envelope
from secor_notifier.channels.outcome import Refusal

TIMEOUT = 10.0
PERMANENT = 500


@dataclass(frozen=True)
class Smtp:
    """A mail server; with `starttls` the letter and the password never go in the clear."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool
    starttls: bool

    @classmethod
    def at(cls, url: str) -> Self:
        """`smtp://user:password@host:port?starttls=1`, or `smtps://…` for TLS from the first byte."""
        parsed = urlsplit(url)
        tls = parsed.scheme == "smtps"
        return cls(
            host=parsed.hostname or "127.0.0.1",
            port=parsed.port or (465 if tls else 587 if parsed.username else 25),
            user=unquote(parsed.username) if parsed.username else None,
            password=unquote(parsed.password) if parsed.password else None,
            tls=tls,
            starttls=parse_qs(parsed.query).get("starttls") == ["1"],
        )

    async def knock(self) -> None:
        """Greet and go, as far as a letter would come before it is said. Raises what the library or the line raises."""
        async with self._client():
            pass

    def _client(self) -> "_Client":
        return _Client(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.tls,
            start_tls=self.starttls,
            timeout=TIMEOUT,
        )

    async def send(self, envelope: Envelope) -> Refusal | None:
        client = self._client()
        try:
            async with client:
                await client.send_message(envelope.message, sender=envelope.sender, recipients=[envelope.to])
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            if client.said and not isinstance(error, aiosmtplib.SMTPResponseException):
                return Refusal(
                    f"The mail server was lost when it had the letter ({type(error).__name__}).", unknown=True
                )
            return _refusal(error)
        return None


class _Client(aiosmtplib.SMTP):
    """Remembers whether the letter itself was said: a line that breaks after that leaves open whether it was taken."""

    said = False

    async def data(self, *args: Any, **more: Any) -> aiosmtplib.SMTPResponse:  # noqa: ANN401 (the library's own)
        self.said = True
        return await super().data(*args, **more)


def _refusal(error: Exception) -> Refusal:
    """Codes and classes only: a server's own words often repeat the address."""
    name = type(error).__name__
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        code = max(refused.code for refused in error.recipients)
        return Refusal(f"SMTP {code}: the recipient was refused ({name}).", for_good=code >= PERMANENT)
    if isinstance(error, aiosmtplib.SMTPDataError):
        return Refusal(f"SMTP {error.code}: the letter was refused ({name}).", for_good=error.code >= PERMANENT)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return Refusal(f"SMTP {error.code} ({name}).")
    return Refusal(f"The mail server cannot be reached ({name}).", nobody_there=True)
