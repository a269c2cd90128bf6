"""The scorecard as a file: a template to fill in, and what a filled-in one says, cell by cell."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from subprocess import TimeoutExpired
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from secor_workflow.api.access import AnyCaller, ScorecardReader, bearer
from secor_workflow.api.forms import parts_of_form
from secor_workflow.api.problems import Problem
from secor_workflow.api.requests import Id, Parameters, body_of, not_found, not_modified, uuid_of
from secor_workflow.api.rooms import InRooms
from secor_workflow.api.uploads import BYTES, FORM
from secor_workflow.asking import may_see
from secor_workflow.documents.inspect import media_type_of
from secor_workflow.domain.policy import Policy
from secor_workflow.domain.values import Day, Score, Total, total
from secor_workflow.scorecards.layout import COLUMNS, SHEET
from secor_workflow.scorecards.reading import MOST_ROWS, CellProblem, Draft, read_draft
from secor_workflow.scorecards.sheet import Sheet, UnreadableWorkbook, read_sheet

router = APIRouter(tags=["scorecards"], dependencies=[Depends(bearer)])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_FILE = {"type": "string", "format": "binary", "description": "The workbook."}

READERS = ThreadPoolExecutor(2, "scorecard")
"""So many are read at once; the others wait."""
READING_SECONDS = 10.0
PATIENCE_SECONDS = 20.0


class TemplateParameters(Parameters):
    on: Day | None = Field(
        default=None,
        description="By the edition of the policy in force on this date, such as a notice's `policy_version`; "
        "today if not given.",
    )


class ElementResult(BaseModel):
    code: str
    title: str
    earned: int
    available: int
    reaches: bool = Field(description="Whether it reaches the mark that each element needs.")


class ScorecardDraft(BaseModel):
    """What a spreadsheet says. `scorecard` is as `submit-audit` takes it; nothing was handed in by this."""

    case_id: UUID
    tool_version: str
    policy_version: str
    ready: bool = Field(description="Whether every cell was understood, so that the scorecard is whole.")
    scorecard: list[Score] = Field(description="Every element that could be read, in the policy's order.")
    total: Total
    passes: bool | None = Field(description="Whether these scores would pass; null as long as it is not ready.")
    elements: list[ElementResult]
    problems: list[CellProblem] = Field(description="Each names the sheet and the cell that needs another look.")


@router.get(
    "/v1/scorecard-template.xlsx",
    operation_id="read_scorecard_template",
    summary="An empty scorecard to fill in",
    response_class=Response,
    responses={200: {"content": {XLSX: {"schema": _FILE}}}},
)
async def read_template(
    request: Request, _actor: AnyCaller, rooms: InRooms, ask: Annotated[TemplateParameters, Query()]
) -> Response:
    """A spreadsheet with the policy's elements, points and pass marks; its totals work themselves out."""
    policy = rooms.policies.on(ask.on or rooms.clock.local_day(rooms.clock.now()))
    workbook = await asyncio.to_thread(_template, policy)
    headers = {"ETag": f'"{hashlib.sha256(workbook).hexdigest()}"', "Cache-Control": "private, no-cache"}
    if not_modified(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="secor-scorecard-{policy.version}.xlsx"'
    return Response(workbook, media_type=XLSX, headers=headers)


def _template(policy: Policy) -> bytes:
    from secor_workflow.scorecards.template import template  # noqa: PLC0415 (what writes spreadsheets is large)

    return template(policy)


@router.post(
    "/v1/cases/{case_id}/scorecard:parse",
    operation_id="parse_scorecard",
    summary="Read a filled-in scorecard",
    response_model=ScorecardDraft,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                XLSX: {"schema": _FILE},
                BYTES: {"schema": _FILE},
                FORM: {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": _FILE},
                        "additionalProperties": False,
                    }
                },
            },
        }
    },
)
async def parse_scorecard(request: Request, case_id: Id, actor: ScorecardReader, rooms: InRooms) -> Response:
    """The scores as a draft, and every cell that needs another look. Nothing is written, nothing is kept.

    Send the template of the case's policy, filled in: the bytes alone, or a form with the part `file`.
    """
    case = await rooms.log.case(uuid_of(case_id))
    if not may_see(actor, case):
        raise not_found()
    policy = rooms.circumstances.context(actor).policy_of(case)
    workbook = await _workbook(request, rooms.settings.max_scorecard_bytes)
    draft = read_draft(await _sheet(workbook, policy), policy)
    view = _view(case.case_id, draft, policy)
    return Response(view.model_dump_json(), media_type="application/json", headers={"Cache-Control": "no-store"})


async def _workbook(request: Request, most: int) -> bytes:
    """The file's bytes, however they are sent."""
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type not in {XLSX, BYTES, FORM}:
        raise Problem(
            "unsupported_media_type", f"Send the bytes alone as `{XLSX}`, or a form as `{FORM}` with the part `file`."
        )
    body = await body_of(request, most)
    return body if media_type != FORM else await _file_in(request, body)


async def _file_in(request: Request, body: bytes) -> bytes:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    async with parts_of_form(request, stream()) as parts:
        match parts:
            case [("file", UploadFile() as file)]:
                return await file.read()
            case _:
                said = "The form needs one part, `file`, with a filename, and no other."
                raise Problem("invalid_request", said, errors=[{"pointer": "/file", "detail": said}])


async def _sheet(workbook: bytes, policy: Policy) -> Sheet:
    """The sheet, read where nobody waits for it; UnfitFile goes on to whoever answers for documents."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await asyncio.get_running_loop().run_in_executor(READERS, _look_and_read, workbook, policy)
    except UnreadableWorkbook as error:
        raise Problem(
            "unreadable_workbook",
            "This cannot be read as a scorecard. Fill in the template, /v1/scorecard-template.xlsx, save it as .xlsx "
            "and send that.",
        ) from error
    except (TimeoutError, TimeoutExpired) as error:
        raise Problem("unavailable", "Reading the scorecard took too long just now; try again.") from error


def _look_and_read(workbook: bytes, policy: Policy) -> Sheet:
    """As a document would be looked at before it is taken in, then read."""
    if media_type_of(BytesIO(workbook), "", policy) != XLSX:
        raise UnreadableWorkbook
    return read_sheet(workbook, SHEET, rows=MOST_ROWS, columns=len(COLUMNS), seconds=READING_SECONDS)


def _view(case_id: UUID, draft: Draft, policy: Policy) -> ScorecardDraft:
    numbers = policy.numbers
    elements = [
        ElementResult(
            code=score.code,
            title=policy.element_titles[score.code],
            earned=score.earned,
            available=score.available,
            reaches=total((score,)).reaches(numbers.element_pass_percent.value),
        )
        for score in draft.scorecard
    ]
    together = total(draft.scorecard)
    passes = together.reaches(numbers.overall_pass_percent.value) and all(element.reaches for element in elements)
    return ScorecardDraft(
        case_id=case_id,
        tool_version=policy.audit_tool_version.value,
        policy_version=policy.version,
        ready=not draft.problems,
        scorecard=list(draft.scorecard),
        total=together,
        passes=None if draft.problems else passes,
        elements=elements,
        problems=list(draft.problems),
    )
