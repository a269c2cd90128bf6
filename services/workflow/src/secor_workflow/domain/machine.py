"""The state machine: every state, command, guard and event of a case; all else is read from this definition."""

from collections.abc import Callable
from typing import Any

from statemachine import State, StateMachine
from statemachine.transition_list import TransitionList

from secor_workflow.domain import decisions
from secor_workflow.domain.context import Role
from secor_workflow.domain.guards import (
    advice,
    always,
    audit,
    certificate,
    champion,
    deadline,
    documents,
    duties,
    employer,
    notice,
    privacy,
    review,
    sms,
)
from secor_workflow.domain.refusal import Guard, RoleGuard

EMPLOYER, STAFF, REVIEWER, INTEGRATION, ADMIN, CLOCK = (
    Role.EMPLOYER,
    Role.STAFF,
    Role.QA_REVIEWER,
    Role.INTEGRATION,
    Role.ADMIN,
    Role.CLOCK,
)


def command(roads: TransitionList, by: tuple[Role, ...], decide: Callable[..., Any], *guards: Guard) -> TransitionList:
    """A command: the roads it may take, who may, how it is decided, and what must hold."""
    for rule in (RoleGuard(*by), always.effective_date_holds, *guards):
        roads.validators(rule)
    roads.on(decide)
    return roads


def inside(*states: State) -> TransitionList:
    """Roads that leave the state as it is."""
    return TransitionList([road for state in states for road in state.to.itself(internal=True)])  # type: ignore[no-untyped-call]  # untyped in the library


class CaseMachine(StateMachine):
    """One certification case, from registration to its end."""

    allow_event_without_transition = False
    catch_errors_as_events = False

    Unregistered = State(initial=True)
    Registered = State()
    ChampionNamed = State()
    Trained = State()
    SMSDeveloped = State()
    NoticeFiled = State()
    AuditSubmitted = State()
    QAPassed = State()
    QAFailed = State()
    Certified = State()
    Closed = State()

    _open = (
        Registered, ChampionNamed, Trained, SMSDeveloped, NoticeFiled, AuditSubmitted, QAPassed, QAFailed, Certified
    )  # fmt: skip

    # --- separation of duties: the same rules for whoever is assigned, and for whoever then reviews ---
    _independent_assigned = (
        duties.assigned_is_no_champion,
        duties.assigned_did_not_submit,
        duties.assigned_handed_nothing_in,
        duties.assigned_did_not_advise,
    )
    _independent = (
        duties.reviewer_is_no_champion,
        duties.reviewer_did_not_submit,
        duties.reviewer_handed_nothing_in,
        duties.reviewer_did_not_advise,
    )

    # --- the employer ---
    register_employer = command(
        Unregistered.to(Registered),
        (EMPLOYER, STAFF, INTEGRATION),
        decisions.register_employer,
        employer.account_is_own,
        employer.headcount_within_limit,
        employer.units_are_partners,
        employer.terms_accepted,
        employer.no_other_open_case,
    )
    update_employer = command(
        inside(*_open),
        (EMPLOYER, STAFF),
        decisions.update_employer,
        employer.something_changes,
        employer.account_unchanged,
        employer.units_are_partners,
    )

    # --- the champion ---
    name_champion = command(
        Registered.to(ChampionNamed), (EMPLOYER, STAFF), decisions.name_champion, champion.permanent_or_owner
    )
    replace_champion = command(
        inside(ChampionNamed, AuditSubmitted, QAPassed, QAFailed, Certified)
        | ChampionNamed.from_(Trained, SMSDeveloped, NoticeFiled),
        (EMPLOYER, STAFF),
        decisions.replace_champion,
        champion.permanent_or_owner,
        champion.different_person,
    )
    enrol_in_training = command(
        inside(ChampionNamed, AuditSubmitted, QAPassed, QAFailed, Certified),
        (EMPLOYER, STAFF, INTEGRATION),
        decisions.enrol_in_training,
        champion.champion_untrained,
        champion.course_in_policy,
    )
    record_training = command(
        ChampionNamed.to(Trained) | inside(AuditSubmitted, QAPassed, QAFailed, Certified),
        (STAFF, INTEGRATION),
        decisions.record_training,
        champion.champion_untrained,
        champion.course_in_policy,
        champion.training_date_holds,
    )
    lapse_training = command(
        ChampionNamed.from_(Trained, SMSDeveloped), (CLOCK,), decisions.lapse_training, champion.student_audit_over
    )

    # --- the safety management system ---
    record_self_assessment = command(
        inside(ChampionNamed, Trained, SMSDeveloped, QAFailed),
        (EMPLOYER, STAFF),
        decisions.record_self_assessment,
        sms.elements_in_policy,
        sms.elements_named_once,
    )
    declare_sms = command(
        Trained.to(SMSDeveloped),
        (EMPLOYER, STAFF),
        decisions.declare_sms,
        sms.every_element_assessed,
        sms.no_open_gap,
    )

    # --- the notice ---
    file_notice = command(
        NoticeFiled.from_(SMSDeveloped, QAFailed),
        (EMPLOYER, STAFF),
        decisions.file_notice,
        notice.filed_in_time,
        notice.audit_dates_hold,
        notice.champion_trained,
        notice.start_within_window,
        notice.not_on_hold,
        notice.standing_not_lost,
    )
    accept_notice = command(inside(NoticeFiled), (STAFF,), decisions.accept_notice, notice.notice_unanswered)
    refuse_notice = command(NoticeFiled.to(SMSDeveloped), (STAFF,), decisions.refuse_notice, notice.notice_unanswered)
    amend_notice = command(
        inside(NoticeFiled),
        (EMPLOYER, STAFF),
        decisions.amend_notice,
        notice.audit_not_begun,
        notice.amended_in_time,
        notice.audit_dates_hold,
        notice.champion_trained,
        notice.start_within_window,
        notice.not_on_hold,
        notice.standing_not_lost,
    )
    cancel_notice = command(NoticeFiled.to(SMSDeveloped), (EMPLOYER, STAFF), decisions.cancel_notice)

    # --- documents ---
    add_document = command(
        inside(*_open),
        (EMPLOYER, STAFF),
        decisions.add_document,
        documents.kind_known,
        documents.media_type_allowed,
        documents.size_within_limit,
        documents.count_within_limit,
        documents.bytes_not_erased,
        documents.not_there_yet,
    )
    withdraw_document = command(
        inside(*_open),
        (EMPLOYER, STAFF),
        decisions.withdraw_document,
        documents.document_there,
        documents.never_submitted,
    )

    # --- the audit ---
    submit_audit = command(
        NoticeFiled.to(AuditSubmitted),
        (EMPLOYER, STAFF),
        decisions.submit_audit,
        audit.audit_period_holds,
        audit.scorecard_complete,
        audit.documents_present,
        audit.document_kinds_known,
        documents.documents_handed_in,
    )
    resubmit_audit = command(
        inside(AuditSubmitted),
        (EMPLOYER, STAFF),
        decisions.resubmit_audit,
        audit.returned,
        audit.every_note_answered,
        audit.audit_period_holds,
        audit.scorecard_complete,
        audit.documents_present,
        audit.document_kinds_known,
        documents.documents_handed_in,
    )

    # --- the review ---
    record_advice = command(
        inside(*_open),
        (STAFF, REVIEWER),
        decisions.record_advice,
        advice.adviser_known,
        advice.advice_date_holds,
        advice.advice_names_elements,
    )
    assign_reviewer = command(
        inside(AuditSubmitted),
        (STAFF,),
        decisions.assign_reviewer,
        review.reviewer_has_role,
        *_independent_assigned,
    )
    return_audit = command(
        inside(AuditSubmitted),
        (REVIEWER,),
        decisions.return_audit,
        review.by_assigned_reviewer,
        *_independent,
        review.not_returned,
        review.rounds_left,
        review.notes_name_elements,
    )
    reject_audit = command(
        AuditSubmitted.to(SMSDeveloped, unless=champion.replaced_and_untrained)
        | AuditSubmitted.to(ChampionNamed, cond=champion.replaced_and_untrained),
        (REVIEWER,),
        decisions.reject_audit,
        review.by_assigned_reviewer,
        *_independent,
    )
    decide_qa = command(
        AuditSubmitted.to(QAPassed, cond=review.scores_pass) | AuditSubmitted.to(QAFailed, unless=review.scores_pass),
        (REVIEWER,),
        decisions.decide_qa,
        review.by_assigned_reviewer,
        *_independent,
        review.not_returned,
        audit.scorecard_complete,
    )

    # --- WorkSafeBC ---
    forward_to_worksafebc = command(
        inside(QAPassed),
        (STAFF, INTEGRATION),
        decisions.forward_to_worksafebc,
        certificate.not_forwarded,
        notice.standing_not_lost,
    )
    record_certificate = command(
        QAPassed.to(Certified),
        (STAFF, INTEGRATION),
        decisions.record_certificate,
        certificate.forwarded,
        certificate.certificate_dates_hold,
    )
    record_worksafebc_refusal = command(
        inside(QAPassed), (STAFF, INTEGRATION), decisions.record_worksafebc_refusal, certificate.forwarded
    )
    record_standing = command(
        inside(*_open),
        (STAFF, INTEGRATION),
        decisions.record_standing,
        certificate.standing_not_in_future,
    )

    # --- holds and deadlines ---
    place_hold = command(
        inside(*_open),
        (STAFF,),
        decisions.place_hold,
        deadline.no_hold_open,
    )
    release_hold = command(
        inside(*_open),
        (STAFF,),
        decisions.release_hold,
        deadline.hold_open,
    )
    extend_deadline = command(
        inside(*_open),
        (STAFF,),
        decisions.extend_deadline,
        deadline.deadline_open,
        deadline.new_date_later,
    )
    miss_deadline = command(
        inside(*_open),
        (CLOCK,),
        decisions.miss_deadline,
        deadline.deadline_open,
        deadline.deadline_over,
        deadline.miss_not_recorded,
    )

    # --- privacy ---
    erase_person = command(inside(*_open, Closed), (ADMIN,), decisions.erase_person, privacy.not_erased_yet)

    # --- the end: nothing leads out of Closed; `final` would forbid an erasure in it, too ---
    withdraw = command(
        Closed.from_(*_open),
        (EMPLOYER,),
        decisions.withdraw,
    )
    close = command(
        Closed.from_(*_open),
        (STAFF,),
        decisions.close,
    )
