"""Registers an employer and names its champion over a network that fails: no request is done twice, none is lost."""

import json
import os
import sys
import time
from typing import Any

import httpx

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, TRIES = 0.1, 30.0, 10


def post(path: str, body: dict[str, Any], idempotency_key: str) -> httpx.Response:
    """The service's answer. The key makes it safe to ask again when nobody knows what became of the last request."""
    headers = {"Authorization": f"Bearer {os.environ['STAFF_KEY']}", "Idempotency-Key": idempotency_key}
    wait = FIRST_WAIT_SECONDS
    for _ in range(TRIES):
        try:
            answer = httpx.post(os.environ["WORKFLOW_URL"] + path, json=body, headers=headers, timeout=10)
        except httpx.TransportError:
            time.sleep(wait)
        else:
            if "Retry-After" not in answer.headers:  # 429, 503, and 409 while the first request is still running
                return answer
            time.sleep(float(answer.headers["Retry-After"]))
        wait = min(2 * wait, LONGEST_WAIT_SECONDS)
    raise SystemExit(f"No answer after {TRIES} tries. Run it again: the same keys go on where it stopped.")


def granted(answer: httpx.Response) -> dict[str, Any]:
    """The event and the case; or the service's own words on why not."""
    said: dict[str, Any] = answer.json()
    if answer.is_error:
        raise SystemExit(f"{said['code']}: {said['detail']}")
    return said


def main(account: str) -> None:
    # A key names the wish, not the attempt: it is made from what you know, so that a restarted program makes it again.
    employer = {
        "legal_name": "Blue Heron Inn Ltd.",
        "worksafebc_account": account,
        "classification_units": ["761056"],
        "headcount": 12,
    }
    contact = {"name": "Morgan Reed", "email": "morgan@example.com"}
    registration = {"employer": employer, "contact": contact, "terms_accepted": True}
    case = granted(post("/v1/cases", registration, f"register-{account}"))["case"]

    champion = {"person": {"name": "Robin Marsh", "email": "robin@example.com"}, "employment": "permanent"}
    path = f"/v1/cases/{case['case_id']}/commands/name-champion"
    answer = post(path, champion, f"champion-of-{account}")
    replayed = answer.headers.get("Idempotency-Replayed") == "true"
    case = granted(answer)["case"]
    sys.stdout.write(json.dumps({"case_id": case["case_id"], "state": case["state"], "replayed": replayed}))


if __name__ == "__main__":
    main(sys.argv[1])
