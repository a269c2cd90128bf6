"""Which documents may be handed in, which may be withdrawn, and which an audit may name."""

from collections.abc import Iterator
from uuid import UUID

from secor_workflow.domain import commands as c
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Context
from secor_workflow.domain.refusal import guard, listed
from secor_workflow.domain.values import Document


@guard("unknown_document_kind")
def kind_known(case: Case, wish: c.AddDocument, ctx: Context) -> Iterator[tuple[str, str]]:
    """Each document is of a kind that the programme knows."""
    known = [kind.code for kind in ctx.policy_of(case).document_kinds]
    if wish.kind not in known:
        yield f"There is no document kind {wish.kind}; they are {listed(known)}.", "/kind"


@guard("media_type_not_allowed")
def media_type_allowed(wish: c.AddDocument, ctx: Context) -> Iterator[tuple[str, str]]:
    """A document is of a type on the programme's list, as its bytes say."""
    known = [media_type.code for media_type in ctx.policy.media_types]
    if wish.media_type not in known:
        yield f"Documents of the type {wish.media_type} are not taken; these are: {listed(known)}.", "/file"


@guard("document_too_large")
def size_within_limit(wish: c.AddDocument, ctx: Context) -> Iterator[tuple[str, str]]:
    """A document has at most so many bytes."""
    most = ctx.policy.documents.max_bytes.value
    if wish.size > most:
        yield f"A document may have {most} bytes at most; this one has {wish.size}.", "/file"


@guard("too_many_documents")
def count_within_limit(case: Case, ctx: Context) -> Iterator[str]:
    """A case holds at most so many documents, withdrawn ones not counted."""
    most = ctx.policy.documents.max_count.value
    if sum(not document.withdrawn for document in case.documents) >= most:
        yield f"The case holds {most} documents, the most there may be; withdraw one that is not needed."


@guard("erased")
def bytes_not_erased(wish: c.AddDocument, ctx: Context) -> Iterator[tuple[str, str]]:
    """What was erased for good is not handed in again."""
    if wish.sha256 in ctx.erased:
        yield "This very file was erased for good; hand in one without what had to be erased.", "/file"


@guard("document_exists")
def not_there_yet(case: Case, wish: c.AddDocument, ctx: Context) -> Iterator[tuple[str, str]]:
    """The same bytes are handed in once as each kind."""
    if (there := case.document_of(wish.kind, wish.sha256)) and wish.sha256 not in ctx.erased:
        yield f"These bytes are there already, as document {there.document_id}.", "/file"


@guard("unknown_document")
def document_there(case: Case, wish: c.WithdrawDocument) -> Iterator[tuple[str, str]]:
    """A document was handed in to this case and not withdrawn, and its bytes were not erased."""
    document = case.document(wish.document_id)
    if document is None:
        yield _not_here(case, wish.document_id), "/document_id"
    elif document.withdrawn:
        yield f"Document {wish.document_id} was withdrawn already.", "/document_id"


@guard("document_submitted")
def never_submitted(case: Case, wish: c.WithdrawDocument) -> Iterator[tuple[str, str]]:
    """What was submitted with an audit stays, whatever becomes of the audit."""
    document = case.document(wish.document_id)
    if document and document.submitted:
        yield "This document was submitted with an audit, so it stays; submit another in its place.", "/document_id"


@guard("unknown_document")
def documents_handed_in(case: Case, wish: c.SubmitAudit, ctx: Context) -> Iterator[tuple[str, str]]:
    """A document was handed in to this case and not withdrawn, and its bytes were not erased."""
    for i, named in enumerate(wish.documents):
        at = f"/documents/{i}/document_id"
        if named.document_id in {before.document_id for before in wish.documents[:i]}:
            yield f"Document {named.document_id} is named twice.", at
        elif why := _unfit(case, named, ctx):
            yield why, at


def _unfit(case: Case, named: Document, ctx: Context) -> str | None:
    """Why a document cannot be submitted."""
    document = case.document(named.document_id)
    if document is None:
        return _not_here(case, named.document_id)
    if document.withdrawn:
        return f"Document {named.document_id} was withdrawn; hand it in again."
    if document.sha256 in ctx.erased:
        return f"The bytes of document {named.document_id} were erased for good; hand in another."
    if document.kind != named.kind:
        return f"Document {named.document_id} was handed in as {document.kind}, not as {named.kind}."
    return None


def _not_here(case: Case, document_id: UUID) -> str:
    hand_in = f"POST /v1/cases/{case.case_id}/documents"
    return f"There is no document {document_id} in this case; hand it in first: {hand_in}."
