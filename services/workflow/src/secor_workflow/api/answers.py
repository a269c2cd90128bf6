"""Answers that carry a case: event and case spliced together from their own texts."""

from typing import Any

from fastapi.responses import Response
from pydantic_core import from_json

from secor_workflow.api.archived import case_archived
from secor_workflow.api.newer_events import of_newer_version
from secor_workflow.api.problems import BlockerView, Problem
from secor_workflow.api.requests import not_found
from secor_workflow.api.views import case_text
from secor_workflow.asking import Answer, CaseMovedOn, KeyReused, RefusedNow, StillRunning, UnknownCase
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Context
from secor_workflow.domain.decide import allowed_commands
from secor_workflow.log.archives import ArchivedCaseError
from secor_workflow.log.envelope import placed, write
from secor_workflow.log.upcasting import NewerEventError


class Told(Response):
    """An answer whose headers are as they are sent already."""

    def __init__(self, body: bytes, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.body, self.status_code, self.background = body, status, None
        self.raw_headers = [*headers, (b"content-length", b"%d" % len(body)), _JSON]


_JSON, _FRESH = (b"content-type", b"application/json"), (b"cache-control", b"no-store")
_AGAIN = (b"idempotency-replayed", b"true")


def command_answer(answer: Answer, ctx: Context, status: int) -> Response:
    """`{"event": …, "case": …}`: the event verbatim as it stands in the log."""
    headers = [(b"etag", etag(answer.case).encode()), _FRESH]
    if answer.replayed:
        headers.append(_AGAIN)
    if status == 201:  # noqa: PLR2004 (Created)
        headers.append((b"location", f"/v1/cases/{answer.case.case_id}".encode()))
    return Told(b'{"event":%b,"case":%b}' % (answer.text.encode(), case_text(answer.case, ctx)), status, headers)


def etag(case: Case) -> str:
    return f'"{case.version}"'


def as_problem(error: Exception) -> Problem:  # noqa: PLR0911 (one for each no)
    """What the handler says no to, as the problem that the caller gets."""
    match error:
        case UnknownCase():
            return not_found()
        case ArchivedCaseError():
            return case_archived(error)
        case NewerEventError():
            return of_newer_version()
        case KeyReused():
            return Problem("idempotency_key_reused", "This idempotency key was used for another request.")
        case StillRunning():
            return Problem(
                "request_in_progress",
                "The same request is being worked on, or the case is busy; try again with the same key.",
                headers={"Retry-After": "1"},
            )
        case CaseMovedOn():
            since = [from_json(placed(write(event), event.position)) for event in error.since]
            return Problem(
                "stale_version",
                f'The case is at version {error.version}, not at "{error.expected}".',
                headers={"ETag": f'"{error.version}"'},
                extra={"version": error.version, "since": since},
            )
        case RefusedNow():
            return _refused(error)
        case _:
            raise error


def _refused(error: RefusedNow) -> Problem:
    """All that refuses; what is about the caller comes first, since nothing else helps before it does."""
    refusals = sorted(error.refusals, key=lambda refusal: not refusal.forbidden)
    blockers = [BlockerView.model_validate(r, from_attributes=True).model_dump(exclude_none=True) for r in refusals]
    extra: dict[str, Any] = {"blockers": blockers}
    if error.case.version:
        extra["state"] = error.case.state
        extra["version"] = error.case.version
        extra["allowed_commands"] = [command.slug for command in allowed_commands(error.case, error.ctx)]
    if error.ctx.open_case:
        extra["existing"] = f"/v1/cases/{error.ctx.open_case}"
    return Problem(
        refusals[0].code,
        " ".join(refusal.detail for refusal in refusals),
        errors=[{"pointer": r.pointer, "detail": r.detail} for r in refusals if r.pointer],
        extra=extra,
    )
