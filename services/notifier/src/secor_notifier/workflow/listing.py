"""All cases as the workflow lists them, page by page."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

from pydantic import TypeAdapter, ValidationError

from secor_notifier.workflow.client import WorkflowAwayError, WorkflowClient, WorkflowRefusalError

OK = 200


@dataclass(frozen=True)
class Listed:
    """One case, in short."""

    case_id: str
    state: str
    position: int
    earliest_due_on: date | None = None


@dataclass(frozen=True)
class _Page:
    items: tuple[Listed, ...]
    next: str | None = None


PAGE = TypeAdapter(_Page)


@dataclass(frozen=True)
class Listing:
    client: WorkflowClient

    async def pages(self, size: int) -> AsyncIterator[tuple[Listed, ...]]:
        cursor: str | None = None
        while True:
            params: dict[str, str | int] = {"limit": size, **({"cursor": cursor} if cursor else {})}
            answer = await self.client.ask_ours("/v1/cases", params=params)
            if answer.status_code != OK:
                raise WorkflowRefusalError(answer.status_code, "/v1/cases")
            try:
                page = PAGE.validate_json(answer.content)
            except ValidationError:
                raise WorkflowAwayError("The workflow's list of cases is not in the contract.") from None
            yield page.items
            cursor = page.next
            if cursor is None:
                return
