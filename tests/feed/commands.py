"""Commands over HTTP that are always granted, so that the log grows by one event each."""

from itertools import count
from typing import Any
from uuid import uuid4

import httpx

from workflow.api.life import employer_of, somebody

_accounts = count(30_000_001)


class Employer:
    """One case: registered by its first command, its standing remarked on by all others."""

    def __init__(self, client: httpx.Client | None = None) -> None:
        self._client = client
        self.account = str(next(_accounts))
        self.path = "/v1/cases"

    def next(self) -> tuple[str, dict[str, Any], dict[str, str]]:
        """Path, body and headers of what comes next; with a key, so that it may be sent again."""
        key = {"Idempotency-Key": str(uuid4())}
        if self.path == "/v1/cases":
            registration = {"employer": employer_of(self.account), "contact": somebody(), "terms_accepted": True}
            return self.path, registration, key
        return f"{self.path}/commands/record-standing", {"good": True, "as_of": "2026-01-05"}, key

    def heard(self, answer: httpx.Response) -> int:
        """The position of the event that a command became."""
        assert answer.status_code in {200, 201}, answer.text
        told = answer.json()
        self.path = f"/v1/cases/{told['case']['case_id']}"
        return int(told["event"]["position"])

    def do_next(self) -> int:
        assert self._client is not None
        path, body, headers = self.next()
        return self.heard(self._client.post(path, json=body, headers=headers))


def cursor(client: httpx.Client) -> str:
    """Where the log ends now."""
    return str(client.get("/v1/events/head").json()["cursor"])
