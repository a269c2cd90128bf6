"""One command, from wish to written event: read the case, decide, append; decide again if the case moved on."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from secor_workflow.clock import Clock
from secor_workflow.documents.condition import Conditions
from secor_workflow.domain.beside import Person, beside, file_beside
from secor_workflow.domain.case import Case, evolve, fold
from secor_workflow.domain.commands import AddDocument, RegisterEmployer, SubmitAudit, Wish
from secor_workflow.domain.context import Actor, Context, Role
from secor_workflow.domain.decide import Decision, decide
from secor_workflow.domain.events import Event
from secor_workflow.domain.policy import Policies
from secor_workflow.domain.refusal import Refused
from secor_workflow.domain.roads import BY_WISH
from secor_workflow.keys import Keys
from secor_workflow.log.append import Append, Appended, Conflict, Duplicate
from secor_workflow.log.envelope import placed, write
from secor_workflow.log.log import Log, Recorded
from secor_workflow.log.read_model import case_row
from secor_workflow.people import People

MOST_DECISIONS = 20
"""How often a command is decided again before its caller is asked to come back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A wish and all that came with it."""

    actor: Actor
    wish: Wish
    body: bytes = b""
    """The request's own bytes, to tell a retry from another wish."""
    idempotency_key: str | None = None
    if_match: int | None = None
    dry_run: bool = False

    @property
    def digest(self) -> str:
        return hashlib.sha256(BY_WISH[type(self.wish)].slug.encode() + b"\n" + self.body).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The event as its text stands in the log, and the case after it."""

    text: str
    case: Case
    asked_at: datetime
    replayed: bool = False


class UnknownCase(Exception):  # noqa: N818 (an answer, not a fault)
    """There is no such case, or not for this caller."""


class KeyReused(Exception):  # noqa: N818 (an answer, not a fault)
    """The idempotency key was used for another command or body."""


class StillRunning(Exception):  # noqa: N818 (an answer, not a fault)
    """A request with the same idempotency key is being worked on, or the case is too busy."""


class CaseMovedOn(Exception):  # noqa: N818 (an answer, not a fault)
    """The case is not at the version that the caller expects."""

    def __init__(self, version: int, since: list[Event]) -> None:
        super().__init__(f"the case is at version {version}")
        self.version, self.since = version, since


class RefusedNow(Exception):  # noqa: N818 (an answer, not a fault)
    """Guards refuse; the case as it stands tells the rest."""

    def __init__(self, refused: Refused, case: Case, ctx: Context) -> None:
        super().__init__(str(refused))
        self.refusals, self.case, self.ctx = refused.refusals, case, ctx


class Handler:
    """Handles the commands of all cases."""

    def __init__(  # noqa: PLR0913 (the rooms it joins)
        self,
        log: Log,
        people: People,
        keys: Keys,
        conditions: Conditions,
        policies: Policies,
        clock: Clock,
        new_id: Callable[[], UUID],
    ) -> None:
        self.log, self.people, self.keys, self.policies, self.clock = log, people, keys, policies, clock
        self._conditions, self._new_id = conditions, new_id
        self._running: set[tuple[str, str]] = set()

    def context(
        self,
        actor: Actor,
        now: datetime | None = None,
        open_case: UUID | None = None,
        erased: frozenset[str] = frozenset(),
    ) -> Context:
        """What a decision of this actor may know."""
        now = now or self.clock.now()
        return Context(
            now=now,
            today=self.clock.local_day(now),
            actor=actor,
            policies=self.policies,
            open_case=open_case,
            erased=erased,
            has_role=self.keys.has_role,
        )

    async def handle(self, case_id: UUID | None, ask: Ask) -> Answer:
        """Grant a wish, on a case or to open one.

        Raises UnknownCase, KeyReused, StillRunning, CaseMovedOn or RefusedNow; nothing was written then.
        """
        if ask.idempotency_key is None or ask.dry_run:
            return await self._handle(case_id, ask)
        running = (ask.actor.id, ask.idempotency_key)
        if running in self._running:
            raise StillRunning
        self._running.add(running)
        try:
            recorded = await self.log.recorded(*running)
            if recorded is None:
                try:
                    return await self._handle(case_id, ask)
                except (RefusedNow, CaseMovedOn):  # perhaps by this very wish, which another process granted meanwhile
                    recorded = await self.log.recorded(*running)
                    if recorded is None:
                        raise
            return await self._replay(recorded, case_id, ask)
        finally:
            self._running.discard(running)

    async def _handle(self, case_id: UUID | None, ask: Ask) -> Answer:
        opening = case_id is None
        case_id = case_id or self._new_id()
        command_id, event_id = self._new_id(), self._new_id()
        for _ in range(MOST_DECISIONS):
            past = [] if opening else await self.log.events_of(case_id)
            case = fold(case_id, past)
            _check(case, past, ask, opening=opening)
            ctx = self.context(
                ask.actor, open_case=await self._open_case(ask), erased=await self._erased(case_id, ask.wish)
            )
            await self._file(case_id, ask.wish)
            try:
                decision = decide(case, ask.wish, ctx)
            except Refused as refused:
                raise RefusedNow(refused, case, ctx) from refused
            event = _event(case, decision, ctx, event_id, command_id)
            text = write(event)
            after = evolve(case, event)
            if ask.dry_run:
                return Answer(text=placed(text, None), case=after, asked_at=ctx.now)
            outcome = await self.log.append(self._append(event, text, after, ask))
            if isinstance(outcome, Appended):
                placed_case = evolve(case, replace(event, position=outcome.position))
                return Answer(text=placed(text, outcome.position), case=placed_case, asked_at=ctx.now)
            if isinstance(outcome, Duplicate) and ask.idempotency_key:
                recorded = await self.log.recorded(ask.actor.id, ask.idempotency_key)
                if recorded is not None:
                    return await self._replay(recorded, None if opening else case_id, ask)
            assert isinstance(outcome, Conflict)  # noqa: S101 (the three outcomes of an append)
        raise StillRunning

    async def _replay(self, recorded: Recorded, case_id: UUID | None, ask: Ask) -> Answer:
        """The answer as it was given, from the log alone."""
        event = recorded.event
        same_request = recorded.request_digest == ask.digest and case_id in {None, event.case_id}
        if not same_request or event.actor_role != ask.actor.role.value:
            raise KeyReused
        past = await self.log.events_of(event.case_id)
        case = fold(event.case_id, past[: event.version])
        if not may_see(ask.actor, case):
            raise UnknownCase
        return Answer(text=recorded.text, case=case, asked_at=event.recorded_at, replayed=True)

    async def _open_case(self, ask: Ask) -> UUID | None:
        """Another open case of the account, for those who may see it."""
        if not isinstance(ask.wish, RegisterEmployer):
            return None
        account = ask.wish.employer.worksafebc_account
        if ask.actor.role is Role.EMPLOYER and ask.actor.account != account:
            return None
        return await self.log.open_case_of(account)

    async def _erased(self, case_id: UUID, wish: Wish) -> frozenset[str]:
        """Digests of the case's documents that were erased, for the wishes that speak of documents."""
        if not isinstance(wish, AddDocument | SubmitAudit):
            return frozenset()
        conditions = await self._conditions.of_case(case_id)
        return frozenset(sha256 for sha256, condition in conditions.items() if condition.erased_at)

    async def _file(self, case_id: UUID, wish: Wish) -> None:
        names_people = any(isinstance(part, Person) for part in beside(wish))
        file_beside(wish, await self.people.known_in(case_id) if names_people else {}, self._new_id)

    def _append(self, event: Event, text: str, after: Case, ask: Ask) -> Append:
        return Append(
            case_id=event.case_id,
            version=event.version,
            event_id=event.event_id,
            type=event.type,
            actor=event.actor,
            text=text,
            row=case_row(after, self.policies),
            idempotency_key=ask.idempotency_key,
            request_digest=ask.digest if ask.idempotency_key else None,
            beside=self.people.keep(event.case_id, beside(ask.wish)),
            persons=frozenset(part.id for part in beside(ask.wish) if isinstance(part, Person)),
        )


def may_see(actor: Actor, case: Case) -> bool:
    """An employer sees the cases of its own WorkSafeBC account; everybody else sees all."""
    if case.employer is None:
        return False
    return actor.role is not Role.EMPLOYER or case.employer.worksafebc_account == actor.account


def _check(case: Case, past: list[Event], ask: Ask, *, opening: bool) -> None:
    if opening:
        return
    if ask.actor.role is not Role.CLOCK and not may_see(ask.actor, case):
        raise UnknownCase
    if ask.if_match is not None and ask.if_match != case.version:
        raise CaseMovedOn(case.version, past[ask.if_match :])


def _event(case: Case, decision: Decision, ctx: Context, event_id: UUID, command_id: UUID) -> Event:
    return Event(
        position=case.position,
        event_id=event_id,
        case_id=case.case_id,
        version=case.version + 1,
        fact=decision.fact,
        state=decision.state,
        deadlines=decision.deadlines,
        effective_on=decision.effective_on,
        recorded_at=ctx.now,
        actor=ctx.actor.id,
        actor_role=ctx.actor.role.value,
        command_id=command_id,
        policy_version=decision.policy_version,
    )
