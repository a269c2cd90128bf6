"""What is owed, by when and by whom, after each fact."""

from dataclasses import replace
from datetime import date

from secor_workflow.domain import events as e
from secor_workflow.domain.calendar import Counted
from secor_workflow.domain.case import Case
from secor_workflow.domain.policy import Policy, Term
from secor_workflow.domain.values import Deadline


def deadlines_after(
    before: tuple[Deadline, ...], fact: e.Fact, case: Case, on: date, policy: Policy
) -> tuple[Deadline, ...]:
    """The deadlines as they stand after `fact`, earliest first. `case` is the case after it, in its new state.

    Each is set by some facts and lives as long as what it asks for is still to be done; policy counts only
    those set now, so a later policy never moves an older promise.
    """
    standing = {deadline.name: _touched(deadline, fact) for deadline in before}
    for name, term in policy.deadlines.items():
        if not _is_owed(name, case):
            standing.pop(name, None)
        elif (counted := _counted(name, term, fact, case, on, policy)) is not None:
            anchor, count = counted
            standing[name] = Deadline(
                name=name, due_on=count.day, owner=term.owner, anchor=anchor, explanation=count.steps
            )
    return tuple(sorted(standing.values(), key=lambda deadline: (deadline.due_on, deadline.name)))


def _touched(deadline: Deadline, fact: e.Fact) -> Deadline:
    match fact:
        case e.DeadlineMissed(deadline=deadline.name):
            return replace(deadline, missed=True)
        case e.DeadlineExtended(deadline=deadline.name, due_on=due_on):
            steps = (*deadline.explanation, f"extended from {deadline.due_on} to {due_on}")
            return replace(deadline, due_on=due_on, missed=False, explanation=steps)
        case _:
            return deadline


def _is_owed(name: str, case: Case) -> bool:  # noqa: PLR0911 (a table: one line for each deadline)
    """Whether what a deadline asks for is still to be done."""
    champion, notice, audit = case.champion, case.notice, case.audit
    if case.state == "Closed":
        return False
    match name:
        case "name_champion":
            return case.state == "Registered"
        case "training":
            return champion is not None and champion.trained_on is None
        case "student_audit":
            qualified = champion is not None and champion.qualified_until is not None
            return qualified and case.state in {"Trained", "SMSDeveloped", "NoticeFiled", "QAFailed"}
        case "sms":
            return case.state == "Trained"
        case "notice_answer":
            return case.state == "NoticeFiled" and notice is not None and not notice.accepted
        case "audit_start" | "audit_submission":
            return case.state == "NoticeFiled"
        case "qa_decision":
            return case.state == "AuditSubmitted" and audit is not None and not audit.returned
        case "corrections":
            return case.state == "AuditSubmitted" and audit is not None and audit.returned
        case "new_notice":
            return case.state == "QAFailed"
        case "forwarding":
            return case.state == "QAPassed" and case.forwarded_on is None
        case "certificate_expiry":
            return case.state == "Certified"
        case "idle":
            return True
        case _:
            raise ValueError(f"policy.toml names a deadline that nothing sets: {name}")


def _counted(name: str, term: Term, fact: e.Fact, case: Case, on: date, policy: Policy) -> tuple[str, Counted] | None:
    """The anchor and the count, if this fact sets the deadline."""
    match name, fact:
        case "name_champion", e.EmployerRegistered():
            anchor, label, day = "registered_on", "registered", on
        case "training", e.ChampionNamed() | e.ChampionReplaced():
            anchor, label, day = "named_on", "champion named", on
        case "training", e.TrainingLapsed():
            anchor, label, day = "lapsed_on", "training lapsed", on
        case "student_audit", e.TrainingCompleted(completed_on=day):
            anchor, label = "trained_on", "training completed"
        case "student_audit", (e.QAFailed() | e.AuditRejected()) if case.champion and case.champion.qualified_until:
            until = case.champion.qualified_until
            return "qualified_until", Counted(until, (f"champion qualified until {until}",))
        case "sms", e.TrainingCompleted():
            anchor, label, day = "trained_on", "training recorded", on
        case "notice_answer", e.NoticeAmended(lead_restarted=False):
            return None
        case "notice_answer", e.NoticeFiled(filed_on=day):
            anchor, label = "filed_on", "notice filed"
        case "audit_start", e.NoticeFiled(starts_on=day):
            anchor, label = "planned_start_on", "planned start"
        case "audit_submission", e.NoticeFiled(ends_on=day):
            anchor, label = "planned_end_on", "planned end"
        case "qa_decision", e.AuditSubmitted(submitted_on=day):
            anchor, label = "submitted_on", "audit submitted"
        case "corrections", e.AuditReturned():
            anchor, label, day = "returned_on", "audit returned", on
        case "new_notice", e.QAFailed():
            anchor, label, day = "decided_on", "review failed", on
        case "forwarding", e.QAPassed():
            anchor, label, day = "decided_on", "review passed", on
        case "certificate_expiry", e.CertificateIssued(expires_on=day):
            anchor, label = "expires_on", "certificate expires"
        case "idle", e.Fact() if not isinstance(fact, e.DeadlineMissed):
            anchor, label, day = "last_event_on", "last event", on
        case _:
            return None
    return anchor, term.count(label, day, policy.business_calendar)
