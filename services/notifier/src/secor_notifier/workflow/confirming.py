"""The one thing that the workflow is told: that somebody who was erased is forgotten here too."""

from dataclasses import dataclass
from urllib.parse import quote

from secor_notifier.workflow.client import WorkflowClient, WorkflowRefusalError

CONSUMER = "notifier"
OK = 200
NOT_FOUND = 404


@dataclass(frozen=True)
class Confirming:
    client: WorkflowClient

    async def forgotten(self, person_id: str) -> bool:
        """Whether the workflow knows of the erasure; safe to repeat."""
        path = f"/v1/people/{quote(person_id, safe='')}/erasure/confirmations"
        answer = await self.client.tell(path, {"consumer": CONSUMER})
        if answer.status_code not in {OK, NOT_FOUND}:
            raise WorkflowRefusalError(answer.status_code, path)
        return answer.status_code == OK
