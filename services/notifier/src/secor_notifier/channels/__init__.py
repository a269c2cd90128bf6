"""Ways out of the house for a letter: an SMTP server or a folder of .eml files, and for staff other places too."""

from secor_notifier.channels.channel import Channel, open_channel
from secor_notifier.channels.door import Door
from secor_notifier.channels.envelope import Envelope
from secor_notifier.channels.outcome import Refusal
from secor_notifier.channels.staff_targets import open_targets

__all__ = ["Channel", "Door", "Envelope", "Refusal", "open_channel", "open_targets"]
