"""What an endpoint gets when somebody asks to test it: an event of its own type about no case."""

import json
from datetime import UTC, datetime

from secor_notifier.webhooks.rows import PING


def ping_body(ping_id: str, endpoint_id: str, now: datetime) -> str:
    event = {
        "specversion": "1.0",
        "id": ping_id,
        "source": "/secor/notifier",
        "type": f"ca.go2hr.secor.{PING}.v1",
        "subject": endpoint_id,
        "time": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z",
        "datacontenttype": "application/json",
        "data": {"endpoint_id": endpoint_id},
    }
    return json.dumps(event, separators=(",", ":"))
