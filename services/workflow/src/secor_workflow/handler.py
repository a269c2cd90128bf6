"""One command, from wish to written event: read the case, decide, append; decide again if the case moved on."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from secor_workflow.asking import (
    OUTCOMES,
    Answer,
    Ask,
    CaseMovedOn,
    KeyReused,
    RefusedNow,
    StillRunning,
    UnknownCase,
    may_see,
)
from secor_workflow.circumstances import LOOKED_UP, Circumstances
from secor_workflow.domain.beside import Person, Text, beside, file_beside
from secor_workflow.domain.case import Case
from secor_workflow.domain.commands import ErasePerson, Wish
from secor_workflow.domain.context import Actor, Context, Role
from secor_workflow.domain.decide import Decision, decide
from secor_workflow.domain.events import Event
from secor_workflow.domain.evolve import fold, recorded
from secor_workflow.domain.refusal import Refused
from secor_workflow.log.append import Append, Appended, Conflict, Duplicate, Outcome
from secor_workflow.log.archives import ArchivedCaseError
from secor_workflow.log.envelope import placed, write
from secor_workflow.log.log import Log, Recorded
from secor_workflow.log.newest import Newest, Remembered, mark_of
from secor_workflow.log.read_model import case_row
from secor_workflow.logs import about
from secor_workflow.people import People
from secor_workflow.tallies import Commands

MOST_DECISIONS = 20
"""How often a command is decided again before its caller is asked to come back."""


class Handler:
    """Handles the commands of all cases."""

    def __init__(self, log: Log, people: People, circumstances: Circumstances, new_id: Callable[[], UUID]) -> None:
        self.log, self.people, self.circumstances, self._new_id = log, people, circumstances, new_id
        self._running: set[tuple[str, str]] = set()
        self._newest = Newest()
        self.tally = Commands()

    async def handle(self, case_id: UUID | None, ask: Ask) -> Answer:
        """Grant a wish, on a case or to open one.

        Raises UnknownCase, KeyReused, StillRunning, CaseMovedOn or RefusedNow; nothing was written then.
        """
        outcome = "failed"
        try:
            answer = await self._handle_once(case_id, ask)
            outcome = "replayed" if answer.replayed else "tried" if ask.dry_run else "accepted"
        except RefusedNow as refused:
            outcome = "refused"
            self.tally.refusals.update(refusal.code for refusal in refused.refusals)
            raise
        except (UnknownCase, KeyReused, StillRunning, CaseMovedOn) as no:
            outcome = OUTCOMES[type(no)]
            raise
        finally:
            self.tally.outcomes[type(ask.wish), outcome] += 1
        return answer

    async def _handle_once(self, case_id: UUID | None, ask: Ask) -> Answer:
        """However often it comes with the same key."""
        if ask.idempotency_key is None or ask.dry_run:
            return await self._handle(case_id, ask)
        running = (ask.actor.id, ask.idempotency_key)
        if running in self._running:
            raise StillRunning
        self._running.add(running)
        try:
            return await self._handle(case_id, ask)
        except (UnknownCase, RefusedNow, CaseMovedOn):  # perhaps because of this very wish, which was granted before
            before = await self.log.recorded(*running)
            if before is None:
                raise
            return await self._replay(before, case_id, ask)
        finally:
            self._running.discard(running)

    async def _handle(self, case_id: UUID | None, ask: Ask) -> Answer:
        """Decide on what is remembered; if that does not lead to an event, on what is read.

        The append finds out whether the case is still as it was remembered. A no is never said from memory.
        """
        ids = _Ids(case_id or self._new_id(), self._new_id(), self._new_id(), opens=case_id is None)
        remembered = _Seen(Case(case_id=ids.case_id), people={}) if case_id is None else self._remembered(case_id)
        if remembered is not None and not ask.dry_run:
            with suppress(UnknownCase, RefusedNow, CaseMovedOn):
                if answer := await self._once(remembered, ask, ids):
                    return answer
        for _ in range(MOST_DECISIONS):
            open_case = await self.circumstances.open_case(ask.actor, ask.wish)
            past = [] if case_id is None else await self._past(case_id, ask.actor)
            newest = past[-1].event_id if past else None
            read = _Seen(fold(ids.case_id, past), newest, past, open_case, None if past else {})
            if answer := await self._once(read, ask, ids):
                return answer
        raise StillRunning

    async def _past(self, case_id: UUID, actor: Actor) -> list[Event]:
        """Who may not see a case is not told that it was archived either."""
        try:
            return await self.log.events_of(case_id)
        except ArchivedCaseError:
            if actor.role is Role.EMPLOYER and await self.log.account_of(case_id) != actor.account:
                raise UnknownCase from None
            raise

    def _remembered(self, case_id: UUID) -> "_Seen | None":
        found = self._newest.find(case_id)
        return _Seen(found.case, found.event_id, people=found.people) if found else None

    async def _once(self, seen: "_Seen", ask: Ask, ids: "_Ids") -> Answer | None:
        """Decide and append; nothing if the case has moved on meanwhile."""
        case = seen.case
        if not ids.opens:
            _check(seen, ask)
        ctx = await self.circumstances.of(case, ask.actor, ask.wish, seen.open_case)
        parts = tuple(beside(ask.wish))
        people = await self._file(seen, parts)
        try:
            granted = self._decided(seen, ask, ids, ctx, parts, people)
        except Refused as refused:
            raise RefusedNow(refused, case, ctx) from refused
        if ask.dry_run:
            now = recorded(granted.after, granted.event, case.position)
            return Answer(text=placed(granted.append.text, None), case=now, asked_at=ctx.now)
        outcome = await self.log.append(granted.append)
        if isinstance(outcome, Appended):
            about.set(  # for the log and the trace from here on
                {"case_id": str(ids.case_id), "position": outcome.position, "event_id": str(ids.event_id)}
            )
            return self._answered(granted, outcome)
        if isinstance(outcome, Duplicate) and ask.idempotency_key:
            before = await self.log.recorded(ask.actor.id, ask.idempotency_key)
            if before is not None:
                return await self._replay(before, None if ids.opens else ids.case_id, ask)
        assert isinstance(outcome, Conflict)  # noqa: S101 (the three outcomes of an append)
        return None

    def _decided(  # noqa: PLR0913 (all that a decision is made of)
        self,
        seen: "_Seen",
        ask: Ask,
        ids: "_Ids",
        ctx: Context,
        parts: Sequence[Person | Text],
        people: Mapping[bytes, UUID] | None,
    ) -> "Granted":
        """What is to be written. Raises Refused."""
        decision = decide(seen.case, ask.wish, ctx)
        event = _event(seen.case, decision, ctx, ids)
        append = self._append(event, write(event), decision.case, ask, parts, seen.newest)
        return Granted(ask, event, decision.case, people, ctx, append)

    def _answered(self, granted: "Granted", done: Appended) -> Answer:
        """The answer to what stands in the log now; the case as it is after it is remembered."""
        ask, ctx = granted.ask, granted.ctx
        now = recorded(granted.after, granted.event, done.position)
        people = None if isinstance(ask.wish, ErasePerson) else granted.people
        self._newest.keep(Remembered(now, granted.event.event_id, people))
        plain = None if ctx.erased or ctx.known_as else ctx
        return Answer(text=done.text, case=now, asked_at=ctx.now, ctx=plain)

    # --- many at once -----------------------------------------------------------------------------------------------

    def granted_at_once(self, case_id: UUID | None, ask: Ask, ctx: Context) -> "Granted | None":
        """What `handle` would write, if that can be said from memory alone; else nothing, and `handle` is to be asked.

        `ctx` is what may be known without looking anything up.
        """
        if ask.dry_run or isinstance(ask.wish, LOOKED_UP) or (ask.actor.id, ask.idempotency_key) in self._running:
            return None
        ids = _Ids(case_id or self._new_id(), self._new_id(), self._new_id(), opens=case_id is None)
        seen = _Seen(Case(case_id=ids.case_id), people={}) if case_id is None else self._remembered(case_id)
        parts = tuple(beside(ask.wish))
        if seen is None or (seen.people is None and _anybody(parts)):
            return None
        try:
            if not ids.opens:
                _check(seen, ask)
            return self._decided(seen, ask, ids, ctx, parts, self._filed(seen.people, parts))
        except (Refused, UnknownCase, CaseMovedOn):
            return None

    async def write_all(self, granted: Sequence["Granted"]) -> list[Answer | Exception | None]:
        """Write what was granted at once, of different cases and keys: each one's answer, or why it failed.

        Nothing for those that are to be handled, since somebody else has used the key or changed the case.
        """
        keys = {(one.ask.actor.id, one.ask.idempotency_key) for one in granted if one.ask.idempotency_key}
        ours = keys - self._running
        self._running |= ours
        try:
            outcomes = await self.log.append_all([one.append for one in granted])
        finally:
            self._running -= ours
        return [self._told(one, outcome) for one, outcome in zip(granted, outcomes, strict=True)]

    def _told(self, granted: "Granted", outcome: Outcome | Exception) -> Answer | Exception | None:
        kind = type(granted.ask.wish)
        if isinstance(outcome, Appended):
            self.tally.outcomes[kind, "accepted"] += 1
            return self._answered(granted, outcome)
        if isinstance(outcome, Exception):
            self.tally.outcomes[kind, "failed"] += 1
            return outcome
        return None

    async def _replay(self, before: Recorded, case_id: UUID | None, ask: Ask) -> Answer:
        """The answer as it was given, from the log alone."""
        event = before.event
        same_request = ask.was(before.request_digest) and case_id in {None, event.case_id}
        if not same_request or event.actor_role != ask.actor.role.value:
            raise KeyReused
        past = await self.log.events_of(event.case_id)
        case = fold(event.case_id, past[: event.version])
        if not may_see(ask.actor, case):
            raise UnknownCase
        return Answer(text=before.text, case=case, asked_at=event.recorded_at, replayed=True)

    async def _file(self, seen: "_Seen", parts: Sequence[Person | Text]) -> Mapping[bytes, UUID] | None:
        """Give people and texts their ids; who is then known in the case, if that was asked or need not be."""
        known = seen.people
        if known is None and _anybody(parts):
            asked = await self.people.known_in(seen.case.case_id)
            known = {mark_of(email): person_id for email, person_id in asked.items()}
        return self._filed(known, parts)

    def _filed(self, known: Mapping[bytes, UUID] | None, parts: Sequence[Person | Text]) -> Mapping[bytes, UUID] | None:
        if not parts:
            return known
        marks: list[bytes] = []

        def known_by(email: str) -> UUID | None:
            marks.append(mark_of(email))
            return (known or {}).get(marks[-1])

        file_beside(parts, known_by, self._new_id)
        if known is None or not marks:
            return known
        named = [part.id for part in parts if isinstance(part, Person)]
        return {**known, **dict(zip(marks, named, strict=True))}

    def _append(  # noqa: PLR0913 (all that makes it one)
        self, event: Event, text: str, after: Case, ask: Ask, parts: Sequence[Person | Text], follows: UUID | None
    ) -> Append:
        return Append(
            case_id=event.case_id,
            version=event.version,
            event_id=event.event_id,
            follows=follows,
            type=event.type,
            actor=event.actor,
            text=text,
            row=case_row(after, self.circumstances.policies),
            idempotency_key=ask.idempotency_key,
            request_digest=ask.digest if ask.idempotency_key else None,
            beside=(*self.people.keep(event.case_id, parts), *self._erasing(event, ask.wish)),
        )

    def _erasing(self, event: Event, wish: Wish) -> tuple[sa.Executable, ...]:
        """A person's values go with the event that tells of it: nobody can come in between, nor the one without it."""
        if not isinstance(wish, ErasePerson):
            return ()
        statement = self.people.erasing(wish.person_id, by=event.actor, reason=wish.requested_by, now=event.recorded_at)
        return (statement,)


class Granted(NamedTuple):
    """A wish that nothing refuses, with what is to be written for it."""

    ask: Ask
    event: Event
    after: Case
    people: Mapping[bytes, UUID] | None
    """See `Remembered`."""
    ctx: Context
    append: Append


class _Ids(NamedTuple):
    """What is made once for a wish, however often it is decided."""

    case_id: UUID
    command_id: UUID
    event_id: UUID
    opens: bool


class _Seen(NamedTuple):
    """A case as a decision takes it, with its newest event; what is read, and not remembered, also tells the past."""

    case: Case
    newest: UUID | None = None
    past: Sequence[Event] = ()
    open_case: UUID | None = None
    people: Mapping[bytes, UUID] | None = None
    """See `Remembered`."""


def _anybody(parts: Sequence[Person | Text]) -> bool:
    return any(isinstance(part, Person) for part in parts)


def _check(seen: _Seen, ask: Ask) -> None:
    case = seen.case
    if ask.actor.role is not Role.CLOCK and not may_see(ask.actor, case):
        raise UnknownCase
    if ask.if_match is not None and ask.if_match != case.version:
        raise CaseMovedOn(case.version, ask.if_match, list(seen.past[ask.if_match :]))


def _event(case: Case, decision: Decision, ctx: Context, ids: _Ids) -> Event:
    return Event(
        position=case.position,
        event_id=ids.event_id,
        case_id=case.case_id,
        version=case.version + 1,
        fact=decision.fact,
        state=decision.state,
        deadlines=decision.deadlines,
        effective_on=decision.effective_on,
        recorded_at=ctx.now,
        actor=ctx.actor.id,
        actor_role=ctx.actor.role.value,
        command_id=ids.command_id,
        policy_version=decision.policy_version,
    )
