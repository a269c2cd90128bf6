"""What the notifier of a place has sent, and how far it has read."""

from dataclasses import dataclass

import httpx

from feed.processes import eventually
from local import Place
from loopback import NO_TLS


@dataclass
class Letters:
    """Of one place, whose letters go to its mailbox."""

    at: Place
    key: str

    def sent(self) -> set[str]:
        return {path.name for path in self.at.mailbox.glob("*.eml")}

    def cursor(self) -> str:
        headers = {"Authorization": f"Bearer {self.key}"}
        return str(httpx.get(f"{self.at.notifier_url}/v1/cursor", headers=headers, verify=NO_TLS).json()["cursor"])

    def of_all_up_to(self, cursor: str, cases: int) -> set[str]:
        """Once it has read so far, and written to the contact of each case."""
        eventually(lambda: self.cursor() == cursor and len(self.sent()) == cases)
        return self.sent()
