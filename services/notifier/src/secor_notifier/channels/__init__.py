"""Ways out of the house for a letter: an SMTP server, or a folder of .eml files."""

from secor_notifier.channels.channel import Channel, open_channel
from secor_notifier.channels.envelope import Envelope
from secor_notifier.channels.outcome import Refusal

__all__ = ["Channel", "Envelope", "Refusal", "open_channel"]
