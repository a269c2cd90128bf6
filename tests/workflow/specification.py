"""How a test of the domain reads: given what happened, when somebody wishes, then this fact, or a refusal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from uuid import NAMESPACE_URL, UUID, uuid5

from secor_workflow.domain.beside import Person, beside
from secor_workflow.domain.case import Case
from secor_workflow.domain.commands import Wish
from secor_workflow.domain.context import Actor, Context, Role
from secor_workflow.domain.decide import Decision, decide
from secor_workflow.domain.events import Event, Fact
from secor_workflow.domain.evolve import evolve
from secor_workflow.domain.policy import Policies
from secor_workflow.domain.refusal import Refusal, Refused
from secor_workflow.domain.roads import BY_WISH
from secor_workflow.domain.values import Deadline

TODAY = date(2026, 11, 22)
"""A Sunday, on which every story begins."""

ACCOUNT = "200100"
REVIEWER = "reviewer-1"
CASE_ID = uuid5(NAMESPACE_URL, "case")
POLICIES = Policies.load()

_ACTORS = {role: Actor(role.value, role) for role in Role} | {
    Role.EMPLOYER: Actor("employer", Role.EMPLOYER, ACCOUNT),
    Role.QA_REVIEWER: Actor(REVIEWER, Role.QA_REVIEWER),
}


def id_of(what: Person | str) -> UUID:
    """The id under which a person (by e-mail) or a text is kept beside the log."""
    return uuid5(NAMESPACE_URL, what.email if isinstance(what, Person) else what)


@dataclass(frozen=True, kw_only=True)
class Given:
    """A case with its history, a day, and who acts: unless said, the first whom the command is for."""

    case: Case = field(default_factory=lambda: Case(case_id=CASE_ID))
    events: tuple[Event, ...] = ()
    today: date = TODAY
    actor: Actor | None = None
    policies: Policies = POLICIES
    open_case: UUID | None = None
    without_the_role: frozenset[str] = frozenset({"nobody"})
    erased: frozenset[str] = frozenset()
    persons: tuple[frozenset[str], ...] = ()
    """The actor ids that one person has, for those who have several."""
    known_as: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset({"nobody"})

    def context(self, actor: Actor) -> Context:
        return Context(
            now=datetime.combine(self.today, time(19), UTC),  # noon in Vancouver
            today=self.today,
            actor=actor,
            policies=self.policies,
            open_case=self.open_case,
            erased=self.erased,
            has_role=lambda actor, _role: actor not in self.without_the_role,
            is_known=lambda actor: actor not in self.unknown,
            same_person=lambda actor: frozenset({actor}).union(*(ids for ids in self.persons if actor in ids)),
            known_as=self.known_as,
        )

    def when(self, wish: Wish) -> "When":
        return When(self, wish)

    def and_then(self, wish: Wish) -> "Given":
        """The case after one more wish, which must be granted."""
        return self.when(wish).granted()


Step = Callable[[Given], Given]
"""Something that happens besides wishes: time passes, somebody else acts, the policy changes."""


def given(*past: Given | Wish | Step) -> Given:
    """A case after all this happened, in order; each wish is really decided."""
    so_far = Given()
    for part in past:
        match part:
            case Given():
                so_far = part
            case Wish():
                so_far = so_far.and_then(part)
            case _:
                so_far = part(so_far)
    return so_far


def on(day: date) -> Step:
    return lambda so_far: replace(so_far, today=day)


def days_later(days: int) -> Step:
    return lambda so_far: replace(so_far, today=so_far.today + timedelta(days=days))


def as_(role: Role, name: str | None = None, *, account: str | None = None) -> Step:
    """From here on this actor wishes."""
    actor = _ACTORS[role]
    return lambda so_far: replace(so_far, actor=replace(actor, id=name or actor.id, account=account or actor.account))


def as_whoever_may(so_far: Given) -> Given:
    return replace(so_far, actor=None)


def under(policies: Policies) -> Step:
    return lambda so_far: replace(so_far, policies=policies)


def one_person(*actors: str) -> Step:
    """From here on these actor ids are known to be one person's."""
    return lambda so_far: replace(so_far, persons=(*so_far.persons, frozenset(actors)))


def known_to_be(person: Person, *actors: str) -> Step:
    """From here on somebody of the case is known to act under these ids."""
    return lambda so_far: replace(so_far, known_as={**so_far.known_as, str(id_of(person)): frozenset(actors)})


def another_case_is_open(so_far: Given) -> Given:
    return replace(so_far, open_case=uuid5(NAMESPACE_URL, "another case"))


class When:
    """A wish, and what becomes of it."""

    def __init__(self, before: Given, wish: Wish) -> None:
        for part in beside(wish):
            part.file_as(id_of(part if isinstance(part, Person) else part.root))
        self.before, self.wish = before, wish
        self.ctx = before.context(before.actor or _ACTORS[BY_WISH[type(wish)].roles[0]])
        self.outcome: Decision | list[Refusal]
        try:
            self.outcome = decide(before.case, wish, self.ctx)
        except Refused as refused:
            self.outcome = refused.refusals

    def then(self, event: Fact, *, state: str, deadlines: Mapping[str, str]) -> Self:
        """It becomes this fact; the case is in this state and has just these deadlines."""
        after = self.granted()
        assert after.events[-1].fact == event
        assert after.case.state == state
        assert {deadline.name: str(deadline.due_on) for deadline in after.case.deadlines} == deadlines
        return self

    def explains(self, name: str, *steps: str, anchor: str, owner: str) -> Self:
        """The deadline says whose it is and how it was counted."""
        deadline = self.deadline(name)
        assert (deadline.explanation, deadline.anchor, deadline.owner) == (steps, anchor, owner)
        return self

    def refused(self, code: str, *says: str, at: str | None = None) -> None:
        """It is refused for this one reason, in a sentence that says this, pointing at this field."""
        assert self.codes == [code]
        (refusal,) = self.refusals
        for words in says:
            assert words in refusal.detail
        assert refusal.pointer == at

    def refused_by(self, *codes: str) -> None:
        """Every one of these refuses, and no other."""
        assert sorted(self.codes) == sorted(codes)

    def granted(self) -> Given:
        """The case after it."""
        decision = self.outcome
        assert isinstance(decision, Decision), f"{self.wish!r} was refused: {decision}"
        version = self.before.case.version + 1
        event = Event(
            position=version,
            event_id=uuid5(self.before.case.case_id, f"event {version}"),
            case_id=self.before.case.case_id,
            version=version,
            fact=decision.fact,
            state=decision.state,
            deadlines=decision.deadlines,
            effective_on=decision.effective_on,
            recorded_at=self.ctx.now,
            actor=self.ctx.actor.id,
            actor_role=self.ctx.actor.role.value,
            command_id=uuid5(self.before.case.case_id, f"command {version}"),
            policy_version=decision.policy_version,
        )
        return replace(self.before, case=evolve(self.before.case, event), events=(*self.before.events, event))

    def deadline(self, name: str) -> Deadline:
        found = self.granted().case.deadline(name)
        assert found, f"the case has no deadline {name}"
        return found

    @property
    def case(self) -> Case:
        return self.granted().case

    @property
    def refusals(self) -> list[Refusal]:
        return [] if isinstance(self.outcome, Decision) else self.outcome

    @property
    def codes(self) -> list[str]:
        return [refusal.code for refusal in self.refusals]
