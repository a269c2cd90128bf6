"""What people type cannot become mail headers, and an address that cannot be written is said to be one."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from secor_notifier.channels.envelope import Addressed, BadAddressError, Contents, Postmark, seal

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
POSTMARK = Postmark("reminder-1", "welcome", NOW)
HEADERS = {"from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type"}
FORGED = [
    "=?utf-8?q?Morgan=0D=0ABcc:_victim@evil.example=0D=0AContent-Type:_text/html=0D=0A=0D=0A<h1>Forged</h1>?=",
    "=?utf-8?b?TQ0KQmNjOiB2aWN0aW1AZXZpbC5leGFtcGxl?=",
    "Morgan\r\nBcc: victim@evil.example",
    "=?utf-8?q?=22=3Cevil=40x=2Ecom=3E=2C?= x",
]


@pytest.mark.parametrize("typed", FORGED)
def test_a_name_adds_no_header_and_no_recipient(typed: str) -> None:
    contents = Contents(f"Welcome, {typed}", "Text.", "<p>Text.</p>")
    envelope = seal(POSTMARK, contents, Addressed("secor@example.org", "morgan@example.com", typed), NOW)
    read = message_from_bytes(envelope.message.as_bytes(), policy=default)

    assert {name.lower() for name in read.keys()} == HEADERS  # noqa: SIM118 (a message is no dictionary)
    assert [address.addr_spec for address in read["To"].addresses] == ["morgan@example.com"]
    assert read.get_content_type() == "multipart/alternative"
    assert "Forged" not in str(read.get_body(("plain",)))


@pytest.mark.parametrize("address", ["=?utf-8?q?x=40y?=.a@example.com", "a..b@example.com", "nobody"])
def test_an_address_that_cannot_be_written_is_a_bad_address(address: str) -> None:
    with pytest.raises(BadAddressError):
        seal(POSTMARK, Contents("Welcome", "Text.", "<p>Text.</p>"), Addressed("secor@example.org", address), NOW)
