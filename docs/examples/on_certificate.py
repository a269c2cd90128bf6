"""Does something for each certificate that is issued, whenever it comes: follows one type of event."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

FILE = Path(os.environ.get("CURSOR_FILE", "on_certificate.cursor"))
TRY_AGAIN_SECONDS = 2.0


def pages(client: httpx.Client) -> Iterator[tuple[list[dict[str, Any]], str]]:
    """Each page with the cursor that leads past it; the cursor moves on through years without a certificate, too."""
    cursor = FILE.read_text("utf-8") if FILE.exists() else ""
    while True:
        try:
            answer = client.get("/v1/events", params={"type": "CertificateIssued", "after": cursor, "wait": 25})
        except httpx.TransportError:
            time.sleep(TRY_AGAIN_SECONDS)
            continue
        if answer.status_code in {429, 503}:
            time.sleep(float(answer.headers["Retry-After"]))
            continue
        if answer.status_code == httpx.codes.GONE:  # the log was restored: go on from where both agree
            cursor = answer.json()["last_common"]
            continue
        events: list[dict[str, Any]] = answer.raise_for_status().json()
        cursor = answer.headers["Next-Cursor"]
        yield events, cursor


def congratulate(event: dict[str, Any]) -> None:
    """Your part. After a crash it may be called again for the same event: let the event's `id` tell."""
    fact = event["data"]["fact"]
    sys.stdout.write(f"{event['id']} {event['subject']} {fact['certificate_number']}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    bearer = {"Authorization": f"Bearer {os.environ['READER_KEY']}"}
    with httpx.Client(base_url=os.environ["WORKFLOW_URL"], headers=bearer, timeout=40) as reader:
        for found, following in pages(reader):
            for one in found:
                congratulate(one)
            FILE.write_text(following, "utf-8")  # only after the work is done
