"""Documents over HTTP: hand in, list, read, download in whole or in part, erase for good."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from secor_workflow.api.access import Admin, DocumentReader, Known, bearer, still_opens, the_machine_lets
from secor_workflow.api.answers import as_problem
from secor_workflow.api.approvals import NEEDS_TWO, waits_for_another
from secor_workflow.api.commands import NOES, UPLOAD, as_operation, path_of
from secor_workflow.api.downloads import download
from secor_workflow.api.erase_requests import EraseRequest
from secor_workflow.api.people_reads import shown
from secor_workflow.api.requests import Id, idempotency_key, if_match, not_found, parse, uuid_of
from secor_workflow.api.rooms import InRooms, Rooms
from secor_workflow.api.uploads import UploadParameters, handed
from secor_workflow.asking import may_see
from secor_workflow.documents.condition import Condition
from secor_workflow.domain.case import Case, CaseDocument
from secor_workflow.domain.context import Actor
from secor_workflow.people import KnownText

router = APIRouter(tags=["documents"], dependencies=[Depends(bearer)])

PERSONAL = {"Cache-Control": "no-store"}
CONTENT = "/v1/cases/{case_id}/documents/{document_id}/content"


HOW = """

Send a form (`multipart/form-data`) with the parts `kind` and `file`; or the bytes alone, as `application/octet-stream`
or as the media type that they are, with `?kind=…&filename=…` and `Content-Digest`. Either way the file streams: nothing
is kept of one that breaks off. The same bytes as the same kind are the same document, however often they are sent."""


class CaseDocumentView(BaseModel):
    """A document that was handed in: what it is, and what became of it."""

    document_id: UUID
    case_id: UUID
    kind: str
    sha256: str = Field(description="The digest of its bytes, in hex.")
    size: int
    media_type: str = Field(description="What it is, as its bytes say.")
    filename: str | None = Field(description="What it was called, made safe; null once the name was erased.")
    added_on: date
    added_by: str
    submitted: bool = Field(description="Whether an audit named it; then it stays.")
    withdrawn: bool
    erased_at: datetime | None = Field(description="When its bytes were erased for good, if they were.")
    content: str = Field(description="Where its bytes are.")


class DocumentPage(BaseModel):
    items: list[CaseDocumentView]
    next: None = Field(default=None, description="All documents of a case stand on one page.")


class ErasedDocumentView(BaseModel):
    """What was erased: the bytes, for every document of the case that has them, and the names of these."""

    case_id: UUID
    sha256: str
    erased_at: datetime
    documents: list[UUID]


@router.post(
    "/v1/cases/{case_id}/documents", status_code=201, response_model=CaseDocumentView, **as_operation(UPLOAD, HOW)
)
async def add_document(
    request: Request,
    case_id: Id,
    actor: Annotated[Actor, Depends(the_machine_lets(*UPLOAD.roles))],
    rooms: InRooms,
    told: Annotated[UploadParameters, Query()],
) -> Response:
    """See the command."""
    key, version, case = idempotency_key(request), if_match(request), uuid_of(case_id)
    policy = rooms.circumstances.context(actor).policy
    try:
        await rooms.intake.may_begin(case, actor, key)
        most, types = policy.documents.max_bytes.value, {media_type.code for media_type in policy.media_types}
        async with handed(request, told, most=most, types=types) as document:
            taken = await rooms.intake.take(case, actor, document, idempotency_key=key, if_match=version)
    except NOES as error:
        raise as_problem(error) from error
    (view,) = await _views(case, [taken.document], rooms)
    headers = PERSONAL | {"Location": f"{path_of(UPLOAD, case)}/{view.document_id}"}
    if taken.replayed:
        headers["Idempotency-Replayed"] = "true"
    status = 201 if taken.new else 200
    return Response(view.model_dump_json(), status_code=status, media_type="application/json", headers=headers)


@router.get(
    "/v1/cases/{case_id}/documents",
    operation_id="list_documents",
    summary="List a case's documents",
    response_model=DocumentPage,
)
@router.head("/v1/cases/{case_id}/documents", include_in_schema=False)
async def list_documents(request: Request, case_id: Id, actor: DocumentReader, rooms: InRooms) -> Response:
    """Every document that was handed in, oldest first, withdrawn and erased ones too."""
    case = await _case(case_id, actor, rooms)
    await _names_shown(request, actor, rooms, case, case.documents)
    page = DocumentPage(items=await _views(case.case_id, case.documents, rooms))
    return Response(page.model_dump_json(), media_type="application/json", headers=PERSONAL)


@router.get(
    "/v1/cases/{case_id}/documents/{document_id:kept}",
    operation_id="read_document",
    summary="Read what a document is",
    response_model=CaseDocumentView,
)
@router.head("/v1/cases/{case_id}/documents/{document_id:kept}", include_in_schema=False)
async def read_document(
    request: Request, case_id: Id, document_id: Id, actor: DocumentReader, rooms: InRooms
) -> Response:
    """What it is and what became of it; its bytes are at `content`."""
    case, document = await _document(case_id, document_id, actor, rooms)
    await _names_shown(request, actor, rooms, case, [document])
    (view,) = await _views(case.case_id, [document], rooms)
    return Response(view.model_dump_json(), media_type="application/json", headers=PERSONAL)


@router.get(CONTENT, operation_id="read_document_content", summary="Download a document", response_class=Response)
@router.head(CONTENT, include_in_schema=False)
async def read_content(  # noqa: PLR0913 (the framework gives them)
    request: Request, case_id: Id, document_id: Id, actor: DocumentReader, rooms: InRooms, credential: Known
) -> Response:
    """Its bytes, whole or in part (`Range`); always as an attachment, since nobody vouches for what is in it."""
    case, document = await _document(case_id, document_id, actor, rooms)
    await _names_shown(request, actor, rooms, case, [document])
    return await download(request, case, document, rooms, partial(still_opens, credential, rooms))


@router.post(
    "/v1/cases/{case_id}/documents/{document_id}:erase",
    operation_id="erase_document",
    summary="Erase a document's bytes for good",
    response_model=ErasedDocumentView,
    responses=NEEDS_TWO,
)
async def erase_document(request: Request, case_id: Id, document_id: Id, actor: Admin, rooms: InRooms) -> Response:
    """The log keeps kind, digest and size; bytes and file name are gone. Safe to repeat.

    Every document of the case with the same bytes goes with it.
    """
    body, _ = await parse(request, EraseRequest)
    case, document = await _document(case_id, document_id, actor, rooms)
    erased_before = (await rooms.condition.of(case.case_id, document.sha256)).erased_at is not None
    about = {"case_id": str(case.case_id), "kind": document.kind}
    if not erased_before and (
        waiting := await waits_for_another(request, actor, rooms, switch="erasure", body=body, **about)
    ):
        return waiting
    now, same = rooms.clock.now(), [other for other in case.documents if other.sha256 == document.sha256]
    # In this order nobody is given bytes of which the record says that they are gone.
    await rooms.condition.note_erasure(case.case_id, document.sha256, by=actor.id, reason=body.reason, now=now)
    await rooms.blobs.delete(case.case_id, document.sha256)
    for other in same:
        await rooms.people.erase_text(other.filename_id, by=actor.id, reason=body.reason, now=now)
    condition = await rooms.condition.of(case.case_id, document.sha256)
    assert condition.erased_at is not None  # noqa: S101 (it was noted a moment ago)
    view = ErasedDocumentView(
        case_id=case.case_id,
        sha256=document.sha256,
        erased_at=condition.erased_at,
        documents=[other.document_id for other in same],
    )
    return Response(view.model_dump_json(), media_type="application/json", headers=PERSONAL)


async def _case(case_id: str, actor: Actor, rooms: Rooms) -> Case:
    case = await rooms.log.case(uuid_of(case_id))
    if not may_see(actor, case):
        raise not_found()
    return case


async def _document(case_id: str, document_id: str, actor: Actor, rooms: Rooms) -> tuple[Case, CaseDocument]:
    case = await _case(case_id, actor, rooms)
    document = case.document(uuid_of(document_id))
    if document is None:
        raise not_found("document of this case")
    return case, document


async def _names_shown(
    request: Request, actor: Actor, rooms: Rooms, case: Case, documents: Sequence[CaseDocument]
) -> None:
    """File names are texts in which people may be named: who is shown them is on record, as with other texts."""
    names = await rooms.people.words_of(document.filename_id for document in documents)
    texts = (KnownText(text_id, case.case_id, name, erased_at=None) for text_id, name in names.items())
    await shown(request, actor, rooms, *texts)


async def _views(case_id: UUID, documents: Sequence[CaseDocument], rooms: Rooms) -> list[CaseDocumentView]:
    names = await rooms.people.words_of(document.filename_id for document in documents)
    conditions = await rooms.condition.of_case(case_id)
    return [
        CaseDocumentView(
            document_id=document.document_id,
            case_id=case_id,
            kind=document.kind,
            sha256=document.sha256,
            size=document.size,
            media_type=document.media_type,
            filename=names.get(document.filename_id),
            added_on=document.added_on,
            added_by=document.added_by,
            submitted=document.submitted,
            withdrawn=document.withdrawn,
            erased_at=conditions.get(document.sha256, Condition()).erased_at,
            content=CONTENT.format(case_id=case_id, document_id=document.document_id),
        )
        for document in documents
    ]
