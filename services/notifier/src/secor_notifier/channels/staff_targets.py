"""Where staff are told besides mail: Teams, Slack and whatever else Apprise knows, each by one URL that is a secret."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from secor_notifier.channels.envelope import Envelope
from secor_notifier.channels.outcome import Refusal

if TYPE_CHECKING:
    from apprise import Apprise


class UnknownTargetError(ValueError):
    """One of the URLs is of no kind that Apprise knows."""


@dataclass(frozen=True)
class StaffTarget:
    """One target: taken or not, without a word of why, since the library's own words may hold the secret."""

    name: str
    ways: "Apprise"

    async def send(self, envelope: Envelope) -> Refusal | None:
        """The letter's subject and plain text."""
        body = envelope.message.get_body(("plain",))
        text = str(body.get_content()) if body else ""
        title = str(envelope.message["Subject"])
        taken = await self.ways.async_notify(body=text, title=title, body_format="text")
        return None if taken else Refusal(f"The staff target {self.name} did not take it.")


def open_targets(urls: Sequence[str]) -> dict[str, StaffTarget]:
    """A channel for each URL, under a name that stays the same and tells nothing."""
    if not urls:
        return {}
    # Most installations have no such target, and need not hold all that Apprise knows.
    from apprise import Apprise, AppriseAsset, PersistentStoreMode  # noqa: PLC0415 (see above)

    # The library writes addresses into its log, and they hold keys.
    logging.getLogger("apprise").disabled = True
    asset = AppriseAsset(storage_mode=PersistentStoreMode.MEMORY, secure_logging=True)
    found: dict[str, StaffTarget] = {}
    for number, url in enumerate(urls, 1):
        ways = Apprise(asset=asset)
        if not ways.add(url):
            raise UnknownTargetError(f"NOTIFIER_STAFF_TARGETS: URL number {number} is of no kind that Apprise knows.")
        name = f"target-{sha256(url.encode()).hexdigest()[:8]}"
        found[name] = StaffTarget(name, ways)
    return found
