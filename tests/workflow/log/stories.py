"""Cases told by a test: each next event as an append, decided by the machine itself."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from secor_workflow.database.rows import Row
from secor_workflow.domain.beside import Person, beside, file_beside
from secor_workflow.domain.case import Case
from secor_workflow.domain.commands import NameChampion, RecordStanding, RegisterEmployer, Wish
from secor_workflow.domain.context import Actor, Context, Role
from secor_workflow.domain.decide import decide
from secor_workflow.domain.events import Event
from secor_workflow.domain.evolve import evolve
from secor_workflow.domain.policy import Policies
from secor_workflow.domain.values import Employer
from secor_workflow.log.append import Append
from secor_workflow.log.envelope import write
from secor_workflow.log.read_model import case_row

POLICIES = Policies.load()
STAFF = Actor("staff-1", Role.STAFF)
NOON = datetime(2026, 3, 2, 20, tzinfo=UTC)
UNIT = POLICIES.editions[-1].classification_units.units[0].code
COURSE = POLICIES.editions[-1].courses[0].code


def new_account() -> str:
    return f"{secrets.randbelow(10**10):010}"


def someone(name: str = "Robin Vale", email: str = "robin@heron.example") -> Person:
    return Person(name=name, email=email)


def registration(account: str | None = None, contact: Person | None = None) -> RegisterEmployer:
    employer = Employer(
        legal_name="Blue Heron Inn Ltd.",
        worksafebc_account=account or new_account(),
        classification_units=(UNIT,),
        headcount=7.5,
    )
    return RegisterEmployer(employer=employer, contact=contact or someone(), terms_accepted=True)


def naming(person: Person | None = None) -> NameChampion:
    return NameChampion(person=person or someone("Kim Ash", "kim@heron.example"), employment="permanent")


def standing(*, good: bool = True) -> RecordStanding:
    """A wish that is granted in every open state."""
    return RecordStanding(good=good, as_of=date(2026, 3, 1))


class Story:
    """One case as its teller knows it; what stands in the log may differ."""

    def __init__(self, account: str | None = None, now: datetime = NOON) -> None:
        self._now = now
        self.account = account or new_account()
        self.case = Case(case_id=uuid7())
        self.newest: UUID | None = None

    def next(
        self,
        wish: Wish | None = None,
        *,
        by: Actor = STAFF,
        key: str | None = None,
        beside_it: Sequence[Row | sa.Executable] = (),
    ) -> Append:
        """The append of what comes next; without a wish a registration first, then remarks on the standing."""
        append, self.case = self._decided(wish or self._usual(), by, key, beside_it)
        self.newest = append.event_id
        return append

    def rival(self, *, by: Actor = STAFF, key: str | None = None) -> Append:
        """The same step told by somebody else, who has not heard of it yet."""
        return self._decided(self._usual(), by, key, ())[0]

    def _usual(self) -> Wish:
        return standing() if self.case.version else registration(self.account)

    def _decided(
        self, wish: Wish, by: Actor, key: str | None, beside_it: Sequence[Row | sa.Executable]
    ) -> tuple[Append, Case]:
        file_beside(wish, lambda _email: None, uuid7)
        ctx = Context(now=self._now, today=self._now.date(), actor=by, policies=POLICIES)
        decision = decide(self.case, wish, ctx)
        event = Event(
            position=0,
            event_id=uuid7(),
            case_id=self.case.case_id,
            version=self.case.version + 1,
            fact=decision.fact,
            state=decision.state,
            deadlines=decision.deadlines,
            effective_on=decision.effective_on,
            recorded_at=ctx.now,
            actor=by.id,
            actor_role=by.role.value,
            command_id=uuid7(),
            policy_version=decision.policy_version,
        )
        after = evolve(self.case, event)
        append = Append(
            case_id=event.case_id,
            version=event.version,
            event_id=event.event_id,
            follows=self.newest,
            type=event.type,
            actor=event.actor,
            text=write(event),
            row=case_row(after, POLICIES),
            idempotency_key=key,
            request_digest="digest" if key else None,
            beside=beside_it,
        )
        return append, after


def people_of(wish: Wish) -> tuple[UUID, ...]:
    return tuple(part.id for part in beside(wish) if isinstance(part, Person))


def poisoned(append: Append) -> Append:
    """The same append with a text which no database stores: a lone surrogate has no bytes."""
    return replace(append, text=append.text[:-1] + ',"note":"\ud800"}')
