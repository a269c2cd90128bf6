"""What passes between go2HR and WorkSafeBC."""

from collections.abc import Iterator

from secor_workflow.domain import commands as c
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Context
from secor_workflow.domain.refusal import guard


@guard("already_forwarded")
def not_forwarded(case: Case) -> Iterator[str]:
    """A passed audit is forwarded once, until WorkSafeBC answers."""
    if case.forwarded_on:
        yield f"The audit was forwarded to WorkSafeBC on {case.forwarded_on}."


@guard("not_forwarded")
def forwarded(case: Case) -> Iterator[str]:
    """WorkSafeBC answers what was forwarded to it."""
    if case.forwarded_on is None:
        yield "The audit was not forwarded to WorkSafeBC yet."


@guard("certificate_dates_wrong")
def certificate_dates_hold(wish: c.RecordCertificate, ctx: Context) -> Iterator[tuple[str, str]]:
    """A certificate is issued by today and expires after its issue."""
    if wish.issued_on > ctx.today:
        yield f"A certificate cannot be issued in the future: today is {ctx.today}.", "/issued_on"
    if wish.expires_on and wish.expires_on <= wish.issued_on:
        yield f"A certificate expires after its issue on {wish.issued_on}.", "/expires_on"


@guard("standing_date_wrong")
def standing_not_in_future(wish: c.RecordStanding, ctx: Context) -> Iterator[tuple[str, str]]:
    """Standing is known as of a day that has come."""
    if wish.as_of > ctx.today:
        yield f"Standing cannot be known as of a future day: today is {ctx.today}.", "/as_of"
