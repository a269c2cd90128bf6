"""What is owed, by when and by whom, after each fact."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from secor_workflow.domain import events as e
from secor_workflow.domain.calendar import Counted
from secor_workflow.domain.case import Case
from secor_workflow.domain.policy import Policy, Term
from secor_workflow.domain.values import Deadline


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A fact that sets a deadline, and the date from which its term counts; no date, and it does not set it after all.

    `until` says that the date is the deadline itself, with no term to count.
    """

    fact: type[e.Fact]
    name: str
    label: str
    day: Callable[[Any, Case, date], date | None] = lambda _fact, _case, on: on
    until: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    """When what a deadline asks for is still to be done, and which facts set it."""

    owed: Callable[[Case], bool]
    anchors: tuple[_Anchor, ...]


def _rule(owed: Callable[[Case], bool], *anchors: _Anchor) -> _Rule:
    return _Rule(owed, anchors)


def _in(*states: str) -> Callable[[Case], bool]:
    return lambda case: case.state in states


def _untrained(case: Case) -> bool:
    return case.champion is not None and case.champion.trained_on is None


def _student_audit_open(case: Case) -> bool:
    trained = case.champion is not None and case.champion.qualified_until is not None
    return trained and case.state in {"Trained", "SMSDeveloped", "NoticeFiled", "QAFailed"}


def _qualified_until(_fact: e.Fact, case: Case, _on: date) -> date | None:
    return case.champion.qualified_until if case.champion else None


def _with_employer(case: Case) -> bool:
    return case.state == "AuditSubmitted" and case.audit is not None and case.audit.returned


def _with_reviewer(case: Case) -> bool:
    return case.state == "AuditSubmitted" and case.audit is not None and not case.audit.returned


def _unanswered(case: Case) -> bool:
    return case.state == "NoticeFiled" and case.notice is not None and not case.notice.accepted


def _filed_anew(fact: e.NoticeFiled, _case: Case, _on: date) -> date | None:
    return fact.filed_on if not isinstance(fact, e.NoticeAmended) or fact.lead_restarted else None


def _activity(fact: e.Fact, _case: Case, on: date) -> date | None:
    """A miss recorded by the clock and an erasure are no activity; more time for this very deadline counts once."""
    match fact:
        case e.DeadlineMissed() | e.PersonErased() | e.DeadlineExtended(deadline="idle"):
            return None
        case _:
            return on


RULES: dict[str, _Rule] = {
    "name_champion": _rule(_in("Registered"), _Anchor(e.EmployerRegistered, "registered_on", "registered")),
    "training": _rule(
        _untrained,
        _Anchor(e.ChampionNamed, "named_on", "champion named"),
        _Anchor(e.ChampionReplaced, "named_on", "champion named"),
        _Anchor(e.TrainingLapsed, "lapsed_on", "training lapsed"),
    ),
    "student_audit": _rule(
        _student_audit_open,
        _Anchor(e.TrainingCompleted, "trained_on", "training completed", lambda fact, _case, _on: fact.completed_on),
        _Anchor(e.QAFailed, "qualified_until", "champion qualified until", _qualified_until, until=True),
        _Anchor(e.AuditRejected, "qualified_until", "champion qualified until", _qualified_until, until=True),
    ),
    "sms": _rule(_in("Trained"), _Anchor(e.TrainingCompleted, "trained_on", "training recorded")),
    "notice_answer": _rule(_unanswered, _Anchor(e.NoticeFiled, "filed_on", "notice filed", _filed_anew)),
    "audit_start": _rule(
        _in("NoticeFiled"),
        _Anchor(e.NoticeFiled, "planned_start_on", "planned start", lambda fact, _case, _on: fact.starts_on),
    ),
    "audit_submission": _rule(
        _in("NoticeFiled"),
        _Anchor(e.NoticeFiled, "planned_end_on", "planned end", lambda fact, _case, _on: fact.ends_on),
    ),
    "qa_decision": _rule(
        _with_reviewer,
        _Anchor(e.AuditSubmitted, "submitted_on", "audit submitted", lambda fact, _case, _on: fact.submitted_on),
    ),
    "corrections": _rule(_with_employer, _Anchor(e.AuditReturned, "returned_on", "audit returned")),
    "new_notice": _rule(_in("QAFailed"), _Anchor(e.QAFailed, "decided_on", "review failed")),
    "forwarding": _rule(
        lambda case: case.state == "QAPassed" and case.forwarded_on is None,
        _Anchor(e.QAPassed, "decided_on", "review passed"),
    ),
    "certificate_expiry": _rule(
        _in("Certified"),
        _Anchor(e.CertificateIssued, "expires_on", "certificate expires", lambda fact, _case, _on: fact.expires_on),
    ),
    "idle": _rule(lambda _case: True, _Anchor(e.Fact, "last_event_on", "last event", _activity)),
}


@cache
def _set_by(name_of_fact: str) -> tuple[tuple[str, _Rule, tuple[_Anchor, ...]], ...]:
    """Every rule, with those of its anchors that such a fact sets."""
    kind = e.FACTS[name_of_fact]
    return tuple(
        (name, rule, tuple(anchor for anchor in rule.anchors if issubclass(kind, anchor.fact)))
        for name, rule in RULES.items()
    )


def deadlines_after(
    before: tuple[Deadline, ...], fact: e.Fact, case: Case, on: date, policy: Policy
) -> tuple[Deadline, ...]:
    """The deadlines as they stand after `fact`, earliest first. `case` is the case after it, in its new state.

    Each is set by some facts and lives as long as what it asks for is still to be done; policy counts only
    those set now, so a later policy never moves an older promise.
    """
    if case.state == "Closed":
        return ()
    standing = {deadline.name: _touched(deadline, fact) for deadline in before}
    for name, rule, anchors in _set_by(type(fact).__name__):
        if not anchors and name not in standing:
            continue
        if not rule.owed(case):
            standing.pop(name, None)
            continue
        for anchor in anchors:
            if (day := anchor.day(fact, case, on)) is not None:
                standing[name] = _set(name, anchor, day, policy)
    return tuple(sorted(standing.values(), key=lambda deadline: (deadline.due_on, deadline.name)))


def _set(name: str, anchor: _Anchor, day: date, policy: Policy) -> Deadline:
    term: Term = policy.deadlines[name]
    if anchor.until:
        counted = Counted(day, (f"{anchor.label} {day}",))
    else:
        counted = term.count(anchor.label, day, policy.business_calendar)
    return Deadline(name=name, due_on=counted.day, owner=term.owner, anchor=anchor.name, explanation=counted.steps)


def _touched(deadline: Deadline, fact: e.Fact) -> Deadline:
    match fact:
        case e.DeadlineMissed(deadline=deadline.name):
            return replace(deadline, missed=True)
        case e.DeadlineExtended(deadline=deadline.name, due_on=due_on):
            steps = (*deadline.explanation, f"extended from {deadline.due_on} to {due_on}")
            return replace(deadline, due_on=due_on, missed=False, explanation=steps)
        case _:
            return deadline
