"""Tells staff, once, that an endpoint was disabled: without it somebody's system waits for events that never come."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from uuid import uuid5

from secor_notifier.channels import Channel
from secor_notifier.channels.envelope import Addressed, Contents, Envelope, Postmark, seal
from secor_notifier.webhooks.endpoints import Endpoints
from secor_notifier.webhooks.policy import WebhookPolicy
from secor_notifier.webhooks.rows import NAMESPACE, Because, Endpoint

LETTER = "webhook_disabled"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StaffNotices:
    """Each is owed from the moment its endpoint is disabled until a mail server has taken it."""

    endpoints: Endpoints
    channel: Channel
    addressed: Addressed
    policy: WebhookPolicy

    async def tell(self, now: datetime) -> None:
        for endpoint in await self.endpoints.disabled_unnoticed():
            refusal = await self.channel.send(_sealed(endpoint, self.policy.disable_after, self.addressed, now))
            if refusal:
                log.warning("notice not sent endpoint=%s error=%s", endpoint.endpoint_id, refusal.error)
                return
            await self.endpoints.staff_told(endpoint.endpoint_id, now)


def _sealed(endpoint: Endpoint, disable_after: timedelta, addressed: Addressed, now: datetime) -> Envelope:
    disabled_at = endpoint.disabled_at or now
    paragraphs = _paragraphs(endpoint, disable_after)
    text = "\n\n".join(paragraphs) + "\n"
    html = "<!doctype html>\n" + "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs) + "\n"
    # The same id for the same disabling: should we not live to note that it was sent, it is the same letter again.
    letter_id = str(uuid5(NAMESPACE, f"disabled/{endpoint.endpoint_id}/{disabled_at.isoformat()}"))
    subject = "A webhook endpoint was disabled"
    return seal(Postmark(letter_id, LETTER, disabled_at), Contents(subject, text, html), addressed, now)


def _paragraphs(endpoint: Endpoint, disable_after: timedelta) -> list[str]:
    described = f" ({endpoint.description})" if endpoint.description else ""
    why = {
        Because.GONE: "It answered 410 (Gone), which means that nobody is there any more.",
        Because.FAILING: f"It has taken nothing for {disable_after // timedelta(hours=1)} hours.",
    }
    url = f"/v1/webhooks/{endpoint.endpoint_id}"
    happened = f"The webhook endpoint {endpoint.endpoint_id}{described} was disabled."
    kept = f"It belongs to {endpoint.owner}. What it has not been told is kept, so that nothing is lost."
    step = f"Once its owner has mended it, test it with POST {url}:ping and go on with POST {url}:enable."
    return ["Hello colleagues,", f"{happened} {why[endpoint.disabled_because or Because.FAILING]}", f"{kept} {step}"]
