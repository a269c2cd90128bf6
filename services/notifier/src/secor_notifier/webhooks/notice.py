"""Tells staff, once, that an endpoint was disabled: without it somebody's system waits for events that never come."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid5

from secor_notifier.channels import Channel
from secor_notifier.channels.envelope import Addressed, Contents, Postmark, seal
from secor_notifier.domain.letters import STOPPED, Desk, Stopped, UnwritableError, Written, write_stopped
from secor_notifier.logs import logger
from secor_notifier.webhooks.endpoints import Endpoints
from secor_notifier.webhooks.policy import WebhookPolicy
from secor_notifier.webhooks.rows import NAMESPACE, Because, Endpoint

log = logger(__name__)


@dataclass(frozen=True)
class StaffNotices:
    """Each is owed from the moment its endpoint is disabled until a mail server has taken it."""

    endpoints: Endpoints
    channel: Channel
    addressed: Addressed
    policy: WebhookPolicy
    desk: Desk

    async def tell(self, now: datetime) -> None:
        for endpoint in await self.endpoints.disabled_unnoticed():
            try:
                written = self.letter(endpoint)
            except UnwritableError as error:
                log.warning("notice cannot be written", endpoint_id=endpoint.endpoint_id, error=error.reason)
                return
            disabled_at = endpoint.disabled_at or now
            # The same id for the same disabling: should we not live to note that it was sent, it is the same letter
            # again.
            letter_id = str(uuid5(NAMESPACE, f"disabled/{endpoint.endpoint_id}/{disabled_at.isoformat()}"))
            contents = Contents(written.subject, written.text, written.html)
            envelope = seal(Postmark(letter_id, STOPPED, disabled_at), contents, self.addressed, now)
            refusal = await self.channel.send(envelope)
            if refusal:
                log.warning("notice not sent", endpoint_id=endpoint.endpoint_id, error=refusal.error)
                return
            await self.endpoints.staff_told(endpoint.endpoint_id, now)

    def letter(self, endpoint: Endpoint) -> Written:
        """Raises UnwritableError."""
        stopped = Stopped(
            endpoint_id=endpoint.endpoint_id,
            made_by=endpoint.owner,
            description=endpoint.description,
            gone=endpoint.disabled_because is Because.GONE,
            hours=self.policy.disable_after // timedelta(hours=1),
        )
        return write_stopped(stopped, self.desk)
