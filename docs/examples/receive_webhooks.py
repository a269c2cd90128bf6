"""Receives webhooks at the port it is given and prints each event once; a post with no signature of ours is refused."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from verify_webhook import by_hand

SECRETS = Path(os.environ.get("SECRETS_FILE", "webhook.secrets"))
"""One a line: while a secret is being changed there are two."""
LARGEST = 1_000_000
done: set[str] = set()
"""Your part: keep the ids beside what you did, since the same event may come again."""


class Receiver(BaseHTTPRequestHandler):
    """Answers at once; what takes longer is done afterwards, or the sender stops waiting and sends again."""

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", LARGEST + 1))
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length) if length <= LARGEST else b""
        if not by_hand(SECRETS.read_text("utf-8").split(), headers, body):
            self._answer(401)
            return
        event = json.loads(body)
        seen = "again" if headers["webhook-id"] in done else "new"
        done.add(headers["webhook-id"])
        sys.stdout.write(f"{seen} {event['type']} {event['subject']}\n")
        sys.stdout.flush()
        self._answer(204)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name it has there)
        """Say nothing: standard output is for events."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
