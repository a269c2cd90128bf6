"""Who may register, and what an update may change."""

from collections.abc import Iterator

from secor_workflow.domain import commands as c
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Context, Role
from secor_workflow.domain.refusal import guard


@guard("account_not_yours", forbids=True)
def account_is_own(wish: c.RegisterEmployer, ctx: Context) -> Iterator[tuple[str, str]]:
    """An employer registers its own WorkSafeBC account only."""
    if ctx.actor.role is Role.EMPLOYER and wish.employer.worksafebc_account != ctx.actor.account:
        yield "You may register your own WorkSafeBC account only.", "/employer/worksafebc_account"


@guard("employer_too_large")
def headcount_within_limit(wish: c.RegisterEmployer, ctx: Context) -> Iterator[tuple[str, str]]:
    """SECOR is for employers with fewer than 20 full-time equivalents (go2HR)."""
    most = ctx.policy.numbers.max_headcount.value
    if wish.employer.headcount > most:
        given = f"{wish.employer.headcount:.10g}"
        yield f"SECOR takes at most {most} full-time equivalents, not {given}; see COR.", "/employer/headcount"


@guard("unknown_classification_unit")
def units_are_partners(wish: c.RegisterEmployer | c.UpdateEmployer, ctx: Context) -> Iterator[tuple[str, str]]:
    """The classification unit is in the certifying partner's list (WorkSafeBC)."""
    known = ctx.policy.classification_units.codes
    for i, unit in enumerate(wish.employer.classification_units if wish.employer else ()):
        if unit not in known:
            yield (
                f"Classification unit {unit} is not one of go2HR's; GET /v1/policy lists them.",
                f"/employer/classification_units/{i}",
            )


@guard("terms_not_accepted")
def terms_accepted(wish: c.RegisterEmployer) -> Iterator[tuple[str, str]]:
    """The terms of participation are accepted at registration."""
    if not wish.terms_accepted:
        yield "The terms of participation must be accepted to register.", "/terms_accepted"


@guard("case_exists")
def no_other_open_case(ctx: Context) -> Iterator[tuple[str, str]]:
    """One open case for each WorkSafeBC account."""
    if ctx.open_case:
        yield "This WorkSafeBC account already has an open case.", "/employer/worksafebc_account"


@guard("nothing_to_update")
def something_changes(wish: c.UpdateEmployer) -> Iterator[str]:
    """An update names the employer, the contact, or both."""
    if wish.employer is None and wish.contact is None:
        yield "Give `employer`, `contact`, or both."


@guard("account_changed")
def account_unchanged(case: Case, wish: c.UpdateEmployer) -> Iterator[tuple[str, str]]:
    """A case belongs to one WorkSafeBC account; another account is another case."""
    if wish.employer and case.employer and wish.employer.worksafebc_account != case.employer.worksafebc_account:
        ours = case.employer.worksafebc_account
        yield f"A case keeps its WorkSafeBC account, {ours}; register the other one.", "/employer/worksafebc_account"
