"""The table of access, docs/access.md: every route of both services, each role, its own case and another's."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from fastapi import FastAPI

import secor_notifier.api.permissions as notifier
import secor_workflow.api.permissions as workflow
from pages import GENERATED

ROLES = ("employer", "staff", "qa_reviewer", "integration", "reader", "notifier", "admin")

PAGE = """\
# Who may do what

{generated}
Each route declares who may use it, and that declaration is what lets a caller in; a service with a route that declares
nothing does not start. The tests ask for every cell of these tables over HTTP, with real keys.

| in a cell | what happens |
|---|---|
| yes | let in; what the case's state or a guard says to it is another question (409, 422, a 403 that names the rule) |
| 403 | refused, and told why: this role may not do that |
| 404 | as if it did not exist, and told in the same words |
| own | let in, and shown its own alone: what is another's is left out, whatever is filtered by |
| yes / 404 | its own / another's: an employer's case, or what a caller made itself |

Without a credential, or with one that opens nothing, every route that is not public answers 401 before anything is
read. A token of an OpenID provider opens what a key of the same role opens.

## Workflow

{workflow}

## Notifier

A letter, a calendar or a webhook is its case's or its maker's: *another's* means of another case, or made by another.

{notifier}

## Public

{public}
"""


class Permission(Protocol):
    @property
    def public(self) -> str: ...


class Access(Protocol):
    """A line, as each service tells it of itself."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def cells(self) -> dict[str, tuple[str, str]]: ...
    @property
    def permission(self) -> Permission: ...


def access_page(workflow_app: FastAPI, notifier_app: FastAPI) -> str:
    """Both services' tables as one page."""
    of_workflow, of_notifier = list(workflow.access(workflow_app)), list(notifier.access(notifier_app))
    return PAGE.format(
        generated=GENERATED,
        workflow="\n".join(_table(of_workflow)),
        notifier="\n".join(_table(of_notifier)),
        public="\n".join([*_public("workflow", of_workflow), *_public("notifier", of_notifier)]),
    )


def _table(lines: Iterable[Access]) -> Iterator[str]:
    yield f"| | {' | '.join(ROLES)} |"
    yield f"|---|{'---|' * len(ROLES)}"
    for line in lines:
        if not line.permission.public:
            cells = (_written(*line.cells[role]) for role in ROLES)
            yield f"| `{line.method} {line.path}` | {' | '.join(cells)} |"


def _written(own: str, others: str) -> str:
    if own == others:
        return own
    return others if others == "own" else f"{own} / {others}"


def _public(service: str, lines: Iterable[Access]) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for line in lines:
        if line.permission.public:
            by_reason.setdefault(line.permission.public, []).append(f"`{line.method} {line.path}`")
    for reason, routes in by_reason.items():
        yield f"- {service}: {', '.join(routes)}. {reason}"
