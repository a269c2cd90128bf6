"""What an audit must hold to when it is submitted, and again when it is corrected."""

from collections.abc import Iterator

from secor_workflow.domain import commands as c
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Context
from secor_workflow.domain.refusal import guard, listed, repeated
from secor_workflow.domain.values import Score, total


@guard("audit_period_wrong")
def audit_period_holds(case: Case, wish: c.SubmitAudit, ctx: Context) -> Iterator[tuple[str, str]]:
    """The audit began no earlier than noticed and is over."""
    if case.notice and wish.started_on < case.notice.starts_on:
        yield f"The notice names {case.notice.starts_on} as the start; an audit cannot begin before it.", "/started_on"
    if wish.ended_on < wish.started_on:
        yield f"The audit cannot have ended before it started on {wish.started_on}.", "/ended_on"
    if wish.ended_on > ctx.today:
        yield f"An audit is submitted after it ended: today is {ctx.today}.", "/ended_on"


@guard("scorecard_wrong")
def scorecard_complete(case: Case, wish: c.SubmitAudit | c.DecideQa, ctx: Context) -> Iterator[tuple[str, str]]:
    """Every element of the pinned audit tool is scored once, with 0 ≤ earned ≤ available."""
    card: tuple[Score, ...] | None = wish.scorecard
    if card is None:
        return
    titles = ctx.policy_of(case).element_titles
    codes = [score.code for score in card]
    yield from repeated(codes, "/scorecard/{}/code")
    for i, score in enumerate(card):
        if score.code not in titles:
            yield f"There is no element {score.code}; they are {listed(titles)}.", f"/scorecard/{i}/code"
        if score.earned > score.available:
            yield (
                f"{score.code}: {score.earned} of {score.available} points cannot be; correct one of the two.",
                f"/scorecard/{i}/earned",
            )
    if missing := [code for code in titles if code not in codes]:
        yield f"Not scored: {listed(missing)}.", "/scorecard"
    if total(card).available == 0:
        yield "A scorecard needs at least one point available.", "/scorecard"


@guard("document_missing")
def documents_present(case: Case, wish: c.SubmitAudit, ctx: Context) -> Iterator[tuple[str, str]]:
    """The completed audit tool, the scorecard and the other required documents come with the audit (SECOR step 6)."""
    given = {document.kind for document in wish.documents}
    if missing := [
        kind.code for kind in ctx.policy_of(case).document_kinds if kind.required and kind.code not in given
    ]:
        yield f"Required documents are missing: {listed(missing)}.", "/documents"


@guard("unknown_document_kind")
def document_kinds_known(case: Case, wish: c.SubmitAudit, ctx: Context) -> Iterator[tuple[str, str]]:
    """Each document is of a kind that the programme knows."""
    known = [kind.code for kind in ctx.policy_of(case).document_kinds]
    for i, document in enumerate(wish.documents):
        if document.kind not in known:
            yield f"There is no document kind {document.kind}; they are {listed(known)}.", f"/documents/{i}/kind"


@guard("corrections_not_asked_for")
def returned(case: Case) -> Iterator[str]:
    """Only an audit that was returned is resubmitted."""
    if case.audit and not case.audit.returned:
        yield "The audit was not returned for corrections; it is being reviewed."


@guard("notes_not_answered")
def every_note_answered(case: Case, wish: c.ResubmitAudit) -> Iterator[tuple[str, str]]:
    """Each open note gets one answer."""
    open_notes = [note.note_id for note in case.audit.notes if not note.answered] if case.audit else []
    answered = [answer.note_id for answer in wish.answers]
    for i, note_id in enumerate(answered):
        if note_id not in open_notes:
            yield f"There is no open note {note_id}.", f"/answers/{i}/note_id"
        elif note_id in answered[:i]:
            yield f"Note {note_id} is answered twice.", f"/answers/{i}/note_id"
    for note_id in open_notes:
        if note_id not in answered:
            yield f"Note {note_id} has no answer.", "/answers"
