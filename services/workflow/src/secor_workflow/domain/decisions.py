"""Each wish that was granted, as the fact it becomes. The return annotation says which fact, for machine and docs."""

from datetime import date

from secor_workflow.domain import commands as c
from secor_workflow.domain import events as e
from secor_workflow.domain.calendar import count_months
from secor_workflow.domain.case import Case, Champion, Notice
from secor_workflow.domain.context import Context
from secor_workflow.domain.guards.notice import lead_restarts
from secor_workflow.domain.guards.review import failed_elements, scores_pass
from secor_workflow.domain.values import Assessed, Document, Employer, PinnedDocument, total


def register_employer(wish: c.RegisterEmployer) -> e.EmployerRegistered:
    return e.EmployerRegistered(employer=wish.employer, contact_id=wish.contact.id, terms_accepted=wish.terms_accepted)


def update_employer(case: Case, wish: c.UpdateEmployer, ctx: Context) -> e.EmployerUpdated:
    employer = wish.employer or _employer(case)
    contact_id = wish.contact.id if wish.contact else case.contact_id
    assert contact_id is not None  # noqa: S101 (registration named a contact)
    return e.EmployerUpdated(
        employer=employer,
        contact_id=contact_id,
        over_size_limit=employer.headcount > ctx.policy.numbers.max_headcount.value,
    )


def name_champion(wish: c.NameChampion) -> e.ChampionNamed:
    return e.ChampionNamed(person_id=wish.person.id, employment=wish.employment)


def replace_champion(case: Case, wish: c.ReplaceChampion) -> e.ChampionReplaced:
    return e.ChampionReplaced(
        person_id=wish.person.id,
        employment=wish.employment,
        previous_person_id=_champion(case).person_id,
        reason_id=wish.reason.id,
        notice_voided=case.state == "NoticeFiled",
    )


def enrol_in_training(case: Case, wish: c.EnrolInTraining) -> e.TrainingBooked:
    return e.TrainingBooked(person_id=_champion(case).person_id, course=wish.course, starts_on=wish.starts_on)


def record_training(case: Case, wish: c.RecordTraining, ctx: Context) -> e.TrainingCompleted:
    window = ctx.policy.deadlines["student_audit"]
    return e.TrainingCompleted(
        person_id=_champion(case).person_id,
        course=wish.course,
        completed_on=wish.completed_on,
        certificate_number=wish.certificate_number,
        qualified_until=window.count("training completed", wish.completed_on, ctx.policy.business_calendar).day,
    )


def lapse_training(case: Case) -> e.TrainingLapsed:
    champion = _champion(case)
    assert champion.qualified_until is not None  # noqa: S101 (only a trained champion reaches these states)
    return e.TrainingLapsed(person_id=champion.person_id, qualified_until=champion.qualified_until)


def record_self_assessment(case: Case, wish: c.RecordSelfAssessment, ctx: Context) -> e.SelfAssessmentRecorded:
    said = {assessed.code: assessed for assessed in (*case.assessment, *wish.elements)}
    elements: tuple[Assessed, ...] = tuple(said[code] for code in ctx.policy.element_titles if code in said)
    return e.SelfAssessmentRecorded(
        elements=elements,
        gaps=tuple(assessed.code for assessed in elements if assessed.status == "gap"),
        assessed=len(elements),
        total=len(ctx.policy.elements),
    )


def declare_sms(case: Case) -> e.SMSDeveloped:
    return e.SMSDeveloped(elements=case.assessment)


def file_notice(case: Case, wish: c.FileNotice, ctx: Context) -> e.NoticeFiled:
    return e.NoticeFiled(
        audit_kind=wish.audit_kind,
        starts_on=wish.starts_on,
        ends_on=wish.ends_on,
        sites=wish.sites,
        scope=wish.scope,
        filed_on=ctx.today,
        auditor_id=_champion(case).person_id,
        tool_version=ctx.policy.audit_tool_version.value,
        policy_version=ctx.policy.version,
        lead_days=ctx.policy.numbers.notice_lead_days.value,
    )


def accept_notice(case: Case) -> e.NoticeAccepted:
    return e.NoticeAccepted(starts_on=_notice(case).starts_on)


def refuse_notice(wish: c.RefuseNotice) -> e.NoticeRefused:
    return e.NoticeRefused(reason_id=wish.reason.id)


def amend_notice(case: Case, wish: c.AmendNotice, ctx: Context) -> e.NoticeAmended:
    notice, restarted = _notice(case), lead_restarts(case, wish)
    pinned = ctx.policy if restarted else ctx.policy_of(case)
    return e.NoticeAmended(
        audit_kind=wish.audit_kind,
        starts_on=wish.starts_on,
        ends_on=wish.ends_on,
        sites=wish.sites,
        scope=wish.scope,
        filed_on=ctx.today if restarted else notice.filed_on,
        auditor_id=_champion(case).person_id,
        tool_version=pinned.audit_tool_version.value,
        policy_version=pinned.version,
        lead_days=pinned.numbers.notice_lead_days.value,
        lead_restarted=restarted,
    )


def cancel_notice(wish: c.CancelNotice) -> e.NoticeCancelled:
    return e.NoticeCancelled(reason_id=wish.reason.id)


def add_document(wish: c.AddDocument) -> e.DocumentAdded:
    return e.DocumentAdded(
        document_id=wish.document_id,
        kind=wish.kind,
        sha256=wish.sha256,
        size=wish.size,
        media_type=wish.media_type,
        filename_id=wish.filename.id,
    )


def withdraw_document(wish: c.WithdrawDocument) -> e.DocumentWithdrawn:
    return e.DocumentWithdrawn(document_id=wish.document_id)


def submit_audit(case: Case, wish: c.SubmitAudit, ctx: Context) -> e.AuditSubmitted:
    return e.AuditSubmitted(
        round=1,
        started_on=wish.started_on,
        ended_on=wish.ended_on,
        submitted_on=ctx.today,
        scorecard=wish.scorecard,
        documents=_pinned(case, wish.documents),
        auditor_id=_champion(case).person_id,
        tool_version=_notice(case).tool_version,
        late=_over(case, "audit_submission", ctx.today),
    )


def assign_reviewer(wish: c.AssignReviewer) -> e.ReviewerAssigned:
    return e.ReviewerAssigned(reviewer=wish.reviewer)


def return_audit(case: Case, wish: c.ReturnAudit) -> e.AuditReturned:
    notes = tuple(e.ReviewNote(note_id=note.text.id, element=note.element) for note in wish.notes)
    return e.AuditReturned(round=case.audit.round if case.audit else 1, notes=notes)


def resubmit_audit(case: Case, wish: c.ResubmitAudit, ctx: Context) -> e.AuditResubmitted:
    return e.AuditResubmitted(
        round=case.audit.round + 1 if case.audit else 1,
        started_on=wish.started_on,
        ended_on=wish.ended_on,
        submitted_on=ctx.today,
        scorecard=wish.scorecard,
        documents=_pinned(case, wish.documents),
        auditor_id=case.audit.auditor_id if case.audit else _champion(case).person_id,
        tool_version=_notice(case).tool_version,
        late=_over(case, "corrections", ctx.today),
        answers=tuple(e.NoteAnswered(note_id=answer.note_id, answer_id=answer.text.id) for answer in wish.answers),
    )


def reject_audit(wish: c.RejectAudit) -> e.AuditRejected:
    return e.AuditRejected(reason_id=wish.reason.id)


def decide_qa(case: Case, wish: c.DecideQa, ctx: Context) -> e.QAPassed | e.QAFailed:
    card = wish.scorecard or (case.audit.scorecard if case.audit else ())
    numbers = ctx.policy_of(case).numbers
    outcome = e.QAPassed if scores_pass(case, wish, ctx) else e.QAFailed
    return outcome(
        reviewer=ctx.actor.id,
        scorecard=card,
        overall=total(card),
        failed_elements=failed_elements(card, numbers.element_pass_percent.value),
        overall_pass_percent=numbers.overall_pass_percent.value,
        element_pass_percent=numbers.element_pass_percent.value,
    )


def forward_to_worksafebc(ctx: Context) -> e.ForwardedToWorkSafeBC:
    return e.ForwardedToWorkSafeBC(forwarded_on=ctx.today)


def record_certificate(wish: c.RecordCertificate, ctx: Context) -> e.CertificateIssued:
    months = ctx.policy.numbers.certificate_months.value
    return e.CertificateIssued(
        certificate_number=wish.certificate_number,
        issued_on=wish.issued_on,
        expires_on=wish.expires_on or count_months("issued", wish.issued_on, months).day,
    )


def record_worksafebc_refusal(wish: c.RecordWorksafebcRefusal) -> e.WorkSafeBCRefused:
    return e.WorkSafeBCRefused(reason_id=wish.reason.id)


def record_standing(wish: c.RecordStanding) -> e.StandingRecorded:
    return e.StandingRecorded(good=wish.good, as_of=wish.as_of)


def record_advice(wish: c.RecordAdvice, ctx: Context) -> e.AdviceRecorded:
    return e.AdviceRecorded(
        adviser=wish.adviser or ctx.actor.id,
        advised_on=wish.advised_on or wish.effective_on or ctx.today,
        elements=wish.elements,
        words_id=wish.words.id if wish.words else None,
    )


def place_hold(wish: c.PlaceHold) -> e.CaseHeld:
    return e.CaseHeld(reason_id=wish.reason.id, review_on=wish.review_on)


def release_hold() -> e.CaseReleased:
    return e.CaseReleased()


def extend_deadline(case: Case, wish: c.ExtendDeadline) -> e.DeadlineExtended:
    deadline = case.deadline(wish.deadline)
    assert deadline is not None  # noqa: S101 (guard deadline_open)
    return e.DeadlineExtended(
        deadline=wish.deadline, previous_due_on=deadline.due_on, due_on=wish.due_on, reason_id=wish.reason.id
    )


def miss_deadline(case: Case, wish: c.MissDeadline) -> e.DeadlineMissed:
    deadline = case.deadline(wish.deadline)
    assert deadline is not None  # noqa: S101 (guard deadline_open)
    return e.DeadlineMissed(deadline=wish.deadline, due_on=deadline.due_on, owner=deadline.owner)


def erase_person(wish: c.ErasePerson) -> e.PersonErased:
    return e.PersonErased(person_id=wish.person_id, requested_by=wish.requested_by, reason_id=wish.reason.id)


def withdraw(wish: c.Withdraw) -> e.CaseWithdrawn:
    return e.CaseWithdrawn(reason_id=wish.reason.id)


def close(wish: c.Close) -> e.CaseClosed:
    return e.CaseClosed(reason=wish.reason)


# Facts that the machine's order guarantees; their absence would be a fault of ours, not a refusal.


def _employer(case: Case) -> Employer:
    assert case.employer is not None  # noqa: S101 (every case begins with one)
    return case.employer


def _champion(case: Case) -> Champion:
    assert case.champion is not None  # noqa: S101 (no command without a champion reaches here)
    return case.champion


def _notice(case: Case) -> Notice:
    assert case.notice is not None  # noqa: S101 (state NoticeFiled, or an audit under one)
    return case.notice


def _pinned(case: Case, named: tuple[Document, ...]) -> tuple[PinnedDocument, ...]:
    """The named documents with their bytes' digests, so that nobody can ever take another file for one of them."""
    added = {document.document_id: document for document in case.documents}  # guard unknown_document: all are there
    return tuple(
        PinnedDocument(
            kind=document.kind,
            document_id=document.document_id,
            sha256=added[document.document_id].sha256,
            size=added[document.document_id].size,
            media_type=added[document.document_id].media_type,
        )
        for document in named
    )


def _over(case: Case, deadline: str, today: date) -> bool:
    due = case.deadline(deadline)
    return due is not None and today > due.due_on
