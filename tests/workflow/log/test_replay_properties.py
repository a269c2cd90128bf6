"""Whatever was wished through the handler, alone or at once: the log replays to what was, by steps and as a whole."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from secor_workflow.api.rooms import Rooms
from secor_workflow.api.views import case_view
from secor_workflow.asking import Answer, Ask, CaseMovedOn, RefusedNow, StillRunning
from secor_workflow.domain.case import Case
from secor_workflow.domain.commands import ErasePerson, Wish
from secor_workflow.domain.context import Actor, Role
from secor_workflow.domain.events import Event
from secor_workflow.domain.evolve import fold
from secor_workflow.domain.roads import BY_WISH
from secor_workflow.log.upkeep import rebuild, verify
from secor_workflow.sweep import sweep
from thorough import PATIENT, walk
from workflow.domain.examples import BY_STATE, CAFE, CONTACT, register_employer
from workflow.domain.lives import wishes
from workflow.domain.table import TABLE
from workflow.log.services import a_service
from workflow.log.shelf import Shelf
from workflow.specification import ACCOUNT, TODAY, days_later, given, id_of, on

ACCOUNTS = (ACCOUNT, "200101", "200102")
NO = (RefusedNow, StillRunning, CaseMovedOn)
REVIEWER = Actor("reviewer-1", Role.QA_REVIEWER)
WHO = {
    **{role: Actor(f"{role}-1", role) for role in Role},
    Role.EMPLOYER: Actor("employer-1", Role.EMPLOYER, ACCOUNT),
    Role.QA_REVIEWER: REVIEWER,
}


class HandlerWalk(RuleBasedStateMachine):
    """A service in process, its clock set by the walk. `was` remembers each case as each answer told it."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self.shelf, self.url = shelf, shelf.new()
        self.runner = asyncio.Runner()
        self.today = TODAY
        self.was: dict[UUID, dict[int, Case]] = {}

    def open(self) -> None:
        self.service = a_service(self.url)
        self.rooms: Rooms = self.runner.run(self.service.__aenter__())
        self.runner.run(self._set_clock())

    @initialize(account=st.sampled_from(ACCOUNTS))
    def begin(self, account: str) -> None:
        self.open()
        self.runner.run(self._employ_a_reviewer())
        self.register(account)

    async def _employ_a_reviewer(self) -> None:
        await self.rooms.keys.create(
            actor_id=REVIEWER.id, role=REVIEWER.role, name="tests", account=None, by="tests", now=self._noon
        )

    async def _set_clock(self) -> None:
        await self.rooms.clock.set(self.rooms.log.engine, self._noon)

    @property
    def _noon(self) -> datetime:
        return datetime.combine(self.today, time(19), UTC)

    def close(self) -> None:
        self.runner.run(self.service.__aexit__(None, None, None))

    # --- what happens -----------------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 14, 30, 90, 400, -1]))
    def days_pass(self, days: int) -> None:
        """Or the clock is set back; time itself acts on the cases whose day has come."""
        self.today = days_later(days)(given(on(self.today))).today
        self.runner.run(self._set_clock())

    @rule()
    def restart(self) -> None:
        self.close()
        self.open()

    @rule(account=st.sampled_from(ACCOUNTS))
    def register(self, account: str) -> None:
        """An employer, who may have an open case already."""
        self._ask(None, [register_employer(replace(CAFE, worksafebc_account=account))] * 2)

    @rule(data=st.data())
    def somebody_wishes(self, data: st.DataObject) -> None:
        self._wished(data, 1)

    @rule(data=st.data())
    def one_after_the_other_wishes(self, data: st.DataObject) -> None:
        for _ in range(5):
            self._wished(data, 1)

    @rule(data=st.data())
    def several_wish_at_once(self, data: st.DataObject) -> None:
        self._wished(data, 3)

    def _wished(self, data: st.DataObject, wished: int) -> None:
        case = data.draw(st.sampled_from([*self.was.values()]))
        newest = case[max(case)]
        now = replace(BY_STATE[newest.state], case=newest, today=self.today)
        self._ask(newest.case_id, [_own(data.draw(wishes(now), "wish"), newest) for _ in range(wished)])

    @rule()
    def time_itself_acts(self) -> None:
        self.runner.run(sweep(self.rooms.handler))
        for case_id, was in self.was.items():
            case = self.runner.run(self.rooms.log.case(case_id))
            past = self.runner.run(self.rooms.log.events_of(case_id))
            assert all(event.actor_role == Role.CLOCK for event in past[max(was) :])
            was |= {number: fold(case_id, past[:number]) for number in range(max(was) + 1, case.version + 1)}

    def _ask(self, case_id: UUID | None, asked: list[Wish]) -> None:
        before = max(self.was[case_id]) if case_id else 0
        answers = [answer for answer in self.runner.run(self._answered(case_id, asked)) if answer]
        new = {answer.case.version: answer.case for answer in answers}
        assert sorted(new) == list(range(before + 1, before + 1 + len(answers)))
        for answer in answers:
            self.was.setdefault(answer.case.case_id, {})[answer.case.version] = answer.case

    async def _answered(self, case_id: UUID | None, asked: list[Wish]) -> list[Answer | None]:
        async def one(wish: Wish) -> Answer | None:
            try:
                own = wish.model_copy(deep=True)  # nothing of it is shared with another one
                return await self.rooms.handler.handle(case_id, Ask(actor=self._whoever_may(case_id, wish), wish=own))
            except NO:
                return None

        return await asyncio.gather(*map(one, asked))

    def _whoever_may(self, case_id: UUID | None, wish: Wish) -> Actor:
        """Staff if it is theirs; else the first role, an employer being that of the case."""
        roles = TABLE[BY_WISH[type(wish)].slug].roles
        who = WHO[Role("staff" if "staff" in roles else roles[0])]
        of_the_case = self.was[case_id][1].employer if case_id else None
        return replace(who, account=of_the_case.worksafebc_account) if of_the_case and who.account else who

    # --- what holds in the end --------------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            if hasattr(self, "rooms"):
                self.runner.run(self._all_is_well())
                self.close()
        finally:
            self.runner.close()
            self.shelf.drop(self.url)

    async def _all_is_well(self) -> None:
        log = self.rooms.log
        assert await log.head() == sum(map(len, self.was.values()))
        for case_id, was in self.was.items():
            past = await log.events_of(case_id)
            assert [fold(case_id, past[:number]) for number in sorted(was)] == [was[number] for number in sorted(was)]
            ctx = self.rooms.circumstances.context(WHO[Role.STAFF])
            for event in past:
                then = fold(case_id, takewhile(partial(_was_there, event.recorded_at), past))
                if then.version:  # the clock may have been set back to before the case's beginning
                    assert case_view(then, ctx, past=True) == case_view(was[then.version], ctx, past=True)
        policies = self.rooms.policies
        before = await _rows(self.rooms)
        assert await verify(log, policies, lambda _done, _of: None) == []
        assert await rebuild(log, policies, lambda _done, _of: None) == len(self.was)
        assert await _rows(self.rooms) == before


def _own(wish: Wish, case: Case) -> Wish:
    """Who is to be erased is mostly somebody of the case."""
    if isinstance(wish, ErasePerson) and case.contact_id and wish.person_id == id_of(CONTACT):
        return wish.model_copy(update={"person_id": case.contact_id})
    return wish


def _was_there(at: datetime, event: Event) -> bool:
    return event.recorded_at <= at


async def _rows(rooms: Rooms) -> list[dict[str, Any]]:
    return [dict(row) for row in await rooms.log.rows(limit=10_000)]


@PATIENT
def test_the_log_replays_to_what_was(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, None)
    walk(lambda: HandlerWalk(shelf), walks=8, steps=30)
