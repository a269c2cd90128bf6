"""Who may be champion, and when training counts."""

from collections.abc import Iterator

from secor_workflow.domain import commands as c
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Context
from secor_workflow.domain.refusal import guard, listed


@guard("champion_not_permanent")
def permanent_or_owner(wish: c.NameChampion | c.ReplaceChampion) -> Iterator[tuple[str, str]]:
    """The champion, as internal auditor, is a permanent employee (go2HR) or the owner."""
    if wish.employment == "other":
        yield "The champion must be a permanent employee or the owner.", "/employment"


@guard("same_champion")
def different_person(case: Case, wish: c.ReplaceChampion) -> Iterator[tuple[str, str]]:
    """A replacement is someone else; the same e-mail address is the same person."""
    if case.champion and case.champion.person_id == wish.person.id:
        yield "This person already is the champion: the e-mail address is the same.", "/person/email"


@guard("champion_already_trained")
def champion_untrained(case: Case, ctx: Context) -> Iterator[str]:
    """Training is for a champion who is not, or no longer, qualified."""
    if case.champion and case.champion.qualified_on(ctx.today):
        yield f"The champion is trained and qualified until {case.champion.qualified_until}."


@guard("unknown_course")
def course_in_policy(wish: c.EnrolInTraining | c.RecordTraining, ctx: Context) -> Iterator[tuple[str, str]]:
    """The course is one of the programme's."""
    known = [course.code for course in ctx.policy.courses]
    if wish.course not in known:
        yield f"There is no course {wish.course}; the programme's are {listed(known)}.", "/course"


@guard("training_date_wrong")
def training_date_holds(wish: c.RecordTraining, ctx: Context) -> Iterator[tuple[str, str]]:
    """Training was completed neither in the future nor before the programme."""
    began = ctx.policy.numbers.programme_started_on.value
    if wish.completed_on > ctx.today:
        yield f"Training cannot be completed in the future: today is {ctx.today}.", "/completed_on"
    if wish.completed_on < began:
        yield f"The programme began on {began}.", "/completed_on"


@guard("training_has_not_lapsed")
def student_audit_over(case: Case, ctx: Context) -> Iterator[str]:
    """Training lapses once the time for the student audit is over (go2HR: 12 months)."""
    if case.champion and case.champion.qualified_on(ctx.today):
        yield f"The student audit is due on {case.champion.qualified_until}."


def replaced_and_untrained(case: Case) -> bool:
    """Whether the champion was replaced during the audit and is untrained, so that the case has to go further back."""
    return case.champion is not None and case.champion.trained_on is None
