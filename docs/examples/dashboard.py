"""A dashboard: how many cases stand in each state. Keeps its place in a file and proves that it missed nothing."""

import json
import os
import sys
import time
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx

FILE = Path(os.environ.get("DASHBOARD_FILE", "dashboard.json"))
TRY_AGAIN_SECONDS = 2.0


def take(seen: dict[str, Any], events: list[dict[str, Any]], cursor: str) -> None:
    """Positions are 1, 2, 3 …: the next one proves that nothing lies between, and an old one is a repetition."""
    for event in events:
        if event["position"] > seen["position"] + 1:
            raise SystemExit(f"Gap: {event['position']} came after {seen['position']}. Delete {FILE} to read all anew.")
        if event["position"] == seen["position"] + 1:
            seen["position"] = event["position"]
            seen["states"][event["subject"]] = event["data"]["state"]
    seen["cursor"] = cursor


def follow(client: httpx.Client, *, once: bool) -> None:
    empty: dict[str, Any] = {"cursor": "", "position": 0, "states": {}}
    seen = json.loads(FILE.read_text("utf-8")) if FILE.exists() else deepcopy(empty)
    while True:
        asked = {"after": seen["cursor"], "limit": 1000, "wait": 0 if once else 25}
        try:
            answer = client.get("/v1/events", params=asked)
        except httpx.TransportError:
            answer = httpx.Response(503)
        if answer.status_code in {429, 502, 503, 504}:
            time.sleep(float(answer.headers.get("Retry-After", TRY_AGAIN_SECONDS)))
        elif answer.status_code == httpx.codes.GONE:  # the log was restored: what we counted may never have happened
            seen = deepcopy(empty)
        else:
            events = answer.raise_for_status().json()
            take(seen, events, answer.headers["Next-Cursor"])
            FILE.with_suffix(".new").write_text(json.dumps(seen), "utf-8")
            FILE.with_suffix(".new").replace(FILE)  # counts and cursor move together, or not at all
            sys.stdout.write(json.dumps(Counter(seen["states"].values())) + "\n")
            if once and not events:
                return


if __name__ == "__main__":
    url, bearer = os.environ["WORKFLOW_URL"], {"Authorization": f"Bearer {os.environ['READER_KEY']}"}
    with httpx.Client(base_url=url, headers=bearer, timeout=40) as reader:
        follow(reader, once="--once" in sys.argv)
