"""What a Notice of Audit Activity must hold to."""

from collections.abc import Iterator
from datetime import date, timedelta

from secor_workflow.domain import commands as c
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Context
from secor_workflow.domain.policy import Policy
from secor_workflow.domain.refusal import guard


@guard("notice_too_late")
def filed_in_time(wish: c.FileNotice, ctx: Context) -> Iterator[tuple[str, str]]:
    """A notice is filed at least two weeks before the audit starts (go2HR, SECOR step 5)."""
    yield from _lead_time(wish, ctx.today, ctx.policy)


@guard("notice_too_late")
def amended_in_time(case: Case, wish: c.AmendNotice, ctx: Context) -> Iterator[tuple[str, str]]:
    """A later start keeps the first filing date; an earlier start or another scope counts as filed today."""
    if case.notice and lead_restarts(case, wish):
        yield from _lead_time(wish, ctx.today, ctx.policy)
    elif case.notice:
        yield from _lead_time(wish, case.notice.filed_on, ctx.policy_of(case))


def lead_restarts(case: Case, wish: c.AmendNotice) -> bool:
    """Whether an amendment counts as a notice filed anew."""
    notice = case.notice
    return notice is not None and (
        wish.starts_on < notice.starts_on
        or (wish.audit_kind, wish.scope, set(wish.sites)) != (notice.audit_kind, notice.scope, set(notice.sites))
    )


@guard("audit_dates_wrong")
def audit_dates_hold(wish: c.FileNotice, ctx: Context) -> Iterator[tuple[str, str]]:
    """The audit ends on or after its start, within the longest time an audit may take."""
    most = ctx.policy.numbers.audit_max_days.value
    last = wish.starts_on + timedelta(days=most)
    if wish.ends_on < wish.starts_on:
        yield f"The audit cannot end before it starts on {wish.starts_on}.", "/ends_on"
    if wish.ends_on > last:
        yield f"The audit may end on {last} at the latest: at most {most} days after its start.", "/ends_on"


@guard("champion_not_trained")
def champion_trained(case: Case) -> Iterator[str]:
    """The audit is done by the champion, as trained internal auditor."""
    if case.champion is None or case.champion.trained_on is None:
        yield "The champion has not completed the training."


@guard("outside_student_audit_window")
def start_within_window(case: Case, wish: c.FileNotice) -> Iterator[tuple[str, str]]:
    """The student audit, which is the certification audit, starts within 12 months of the training (go2HR)."""
    until = case.champion.qualified_until if case.champion else None
    if until and wish.starts_on > until:
        yield f"The champion's time for the student audit ends on {until}; start by then.", "/starts_on"


@guard("case_on_hold")
def not_on_hold(case: Case) -> Iterator[str]:
    """A notice is not taken while the case is on hold."""
    if case.hold:
        yield f"The case is on hold since {case.hold.since}; go2HR's staff can release it."


@guard("standing_lost")
def standing_not_lost(case: Case) -> Iterator[str]:
    """Lost good standing with WorkSafeBC blocks a notice and forwarding."""
    if case.standing and not case.standing.good:
        yield f"The employer was not in good standing with WorkSafeBC as of {case.standing.as_of}."


@guard("notice_already_answered")
def notice_unanswered(case: Case) -> Iterator[str]:
    """A notice is answered once."""
    if case.notice and case.notice.accepted:
        yield "The notice was already accepted."


@guard("audit_already_begun")
def audit_not_begun(case: Case, ctx: Context) -> Iterator[str]:
    """A notice is amended before its audit starts."""
    if case.notice and ctx.today >= case.notice.starts_on:
        yield f"The audit began on {case.notice.starts_on}; cancel the notice and file another."


def _lead_time(wish: c.FileNotice, filed_on: date, policy: Policy) -> Iterator[tuple[str, str]]:
    days = policy.numbers.notice_lead_days.value
    earliest = filed_on + timedelta(days=days)
    if wish.starts_on < earliest:
        yield f"The audit may start on {earliest} at the earliest: a notice is due {days} days before.", "/starts_on"
