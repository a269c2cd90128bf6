"""Any walk of any wishes of anybody on any day: one event for each wish that is granted, none for any other."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from secor_workflow.api.catalogue import CATALOGUE
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Role
from secor_workflow.domain.decide import allowed_commands, blockers
from secor_workflow.domain.evolve import fold
from secor_workflow.domain.roads import BY_SLUG, BY_WISH
from secor_workflow.log.envelope import placed, read, write
from thorough import PATIENT, walk
from workflow.domain.examples import BY_STATE
from workflow.domain.lives import EDITIONS, SHAPES, STAGES, wishes
from workflow.domain.table import TABLE
from workflow.specification import Given, When, as_, as_whoever_may, days_later, under

DAYS = st.sampled_from([0, 1, 14, 30, 90, 400, -1])


class CaseWalk(RuleBasedStateMachine):
    """One case, from any stage of a life on; `was` remembers what it was after each of its events."""

    def __init__(self) -> None:
        super().__init__()
        self.now: Given = BY_STATE["Unregistered"]
        self.was: list[Case] = []

    @initialize(begun=st.sampled_from([*BY_STATE.values(), *STAGES]))
    def begin(self, begun: Given) -> None:
        self.now = under(EDITIONS)(begun)
        self.was = [fold(begun.case.case_id, begun.events[:number]) for number in range(len(begun.events) + 1)]

    @rule(days=DAYS)
    def days_pass(self, days: int) -> None:
        """Or a clock is set back."""
        self.now = days_later(days)(self.now)

    @rule(data=st.data())
    def somebody_wishes_what_is_sensible(self, data: st.DataObject) -> None:
        self._asked(as_whoever_may(self.now).when(data.draw(wishes(self.now), "wish")))

    @rule(role=st.sampled_from(Role), data=st.data())
    def anybody_wishes_what_is_sensible(self, role: Role, data: st.DataObject) -> None:
        self._asked(as_(role)(self.now).when(data.draw(wishes(self.now), "wish")))

    @rule(role=st.sampled_from(Role), command=st.sampled_from([*SHAPES]), data=st.data())
    def anybody_wishes_anything(self, role: Role, command: str, data: st.DataObject) -> None:
        self._asked(as_(role)(self.now).when(data.draw(SHAPES[command](self.now), "wish")))

    def _asked(self, when: When) -> None:
        command = BY_WISH[type(when.wish)]
        said_before = {refusal.code for refusal in blockers(command, when.before.case, when.ctx)}
        if when.refusals:
            assert {refusal.code for refusal in when.refusals} <= CATALOGUE.keys()
            assert all(refusal.detail.strip() for refusal in when.refusals)
            assert said_before <= set(when.codes)
            return
        assert not said_before
        after = when.granted()
        (event,) = after.events[len(self.now.events) :]
        row = TABLE[command.slug]
        assert event.type in row.events
        assert event.actor_role in row.roles
        assert after.case.state in row.roads[self.now.case.state]
        assert self.now.case.version == 0 or command in allowed_commands(self.now.case, when.ctx)
        self.now = after
        self.was.append(after.case)

    @invariant()
    def the_case_is_as_its_newest_event_says(self) -> None:
        case, events = self.now.case, self.now.events
        assert case.version == len(events)
        if events:
            assert (case.state, case.deadlines) == (events[-1].state, events[-1].deadlines)
            assert (case.position, case.recorded_at) == (events[-1].position, events[-1].recorded_at)

    def teardown(self) -> None:
        """Every beginning of the history, read from its text, is the case as it then was."""
        told = [read(event.type, placed(write(event), event.position)) for event in self.now.events]
        case_id = self.now.case.case_id
        assert [fold(case_id, told[:number]) for number in range(len(told) + 1)] == self.was


@PATIENT
def test_a_granted_wish_is_one_event_and_a_refused_one_is_none() -> None:
    assert set(SHAPES) == set(BY_SLUG)
    walk(CaseWalk, walks=25, steps=30)
