"""Every state and every command: the machine, the table written by hand and what is decided say the same."""

import pytest

from secor_workflow.domain.context import Role
from secor_workflow.domain.decide import allowed_commands, blockers
from secor_workflow.domain.roads import BY_SLUG
from secor_workflow.domain.roads import STATES as STATES_SEEN
from workflow.domain.agreement import agrees
from workflow.domain.examples import BY_STATE
from workflow.domain.readiness import FAILING, ready, wish_of
from workflow.domain.table import ROLES, STATES, TABLE
from workflow.specification import as_, given

EVERYWHERE = {"Unregistered", *STATES}
EACH_COMMAND = pytest.mark.parametrize("command", TABLE)


def test_there_is_an_example_of_every_state() -> None:
    assert set(BY_STATE) == EVERYWHERE


def test_the_machine_has_the_states_and_commands_of_the_table_and_no_other() -> None:
    assert set(STATES_SEEN) == set(STATES)
    assert set(BY_SLUG) == set(TABLE)


@EACH_COMMAND
def test_the_roles_and_facts_of_a_command_are_those_of_the_table(command: str) -> None:
    assert set(BY_SLUG[command].roles) == set(TABLE[command].roles)
    assert {fact.__name__ for fact in BY_SLUG[command].facts} == set(TABLE[command].events)


@EACH_COMMAND
def test_a_command_is_not_for_now_exactly_where_there_is_no_road(command: str) -> None:
    roads = set(TABLE[command].roads)
    asked = {state: case.when(wish_of(command)) for state, case in BY_STATE.items()}
    for wish in (None, wish_of(command)):
        refusals = {
            state: blockers(BY_SLUG[command], when.before.case, when.ctx, wish and when.wish)
            for state, when in asked.items()
        }
        not_now = {state for state, found in refusals.items() if "not_now" in [refusal.code for refusal in found]}
        assert not_now == EVERYWHERE - roads


@EACH_COMMAND
def test_every_road_leads_where_the_table_says(command: str) -> None:
    for state, targets in TABLE[command].roads.items():
        case, wish = ready(command, state)
        after = case.when(wish).granted()
        assert (state, after.case.state) in {(state, target) for target in targets}
        assert after.events[-1].type in TABLE[command].events


def test_the_two_ends_of_a_review_are_both_reached() -> None:
    case, passing = ready("decide-qa", "AuditSubmitted")
    assert case.when(passing).case.state == "QAPassed"
    assert case.when(FAILING).case.state == "QAFailed"


@EACH_COMMAND
def test_where_there_is_no_road_the_refusal_says_where_there_is_one(command: str) -> None:
    for state in EVERYWHERE - set(TABLE[command].roads):
        (refusal,) = BY_STATE[state].when(wish_of(command)).refusals
        sources = set(TABLE[command].roads) - {"Unregistered"}
        if state == "Unregistered":
            assert "register the employer first" in refusal.detail
        elif sources:
            assert all(source in refusal.detail for source in (*sources, command))
            assert refusal.detail.endswith(f"this case is {state}.")
        else:
            assert "registered already" in refusal.detail


@EACH_COMMAND
def test_only_the_roles_of_the_table_may(command: str) -> None:
    for state in TABLE[command].roads:
        case, wish = ready(command, state)
        asked = {role: given(case, as_(Role(role))).when(wish) for role in ROLES}
        assert {role for role, when in asked.items() if not when.refusals} == set(TABLE[command].roles)
        for role in set(ROLES) - set(TABLE[command].roles):
            refusal = next(refusal for refusal in asked[role].refusals if refusal.code == "role_not_allowed")
            assert refusal.forbidden
            assert all(may in refusal.detail for may in TABLE[command].roles)


@EACH_COMMAND
def test_who_may_not_is_told_so_even_where_there_is_no_road(command: str) -> None:
    for state in EVERYWHERE - set(TABLE[command].roads):
        given(BY_STATE[state], as_(Role.READER)).when(wish_of(command)).refused_by("role_not_allowed", "not_now")


@pytest.mark.parametrize("state", STATES)
def test_what_a_role_may_do_now_lies_within_the_table(state: str) -> None:
    for role in ROLES:
        case = given(BY_STATE[state], as_(Role(role)))
        assert case.actor is not None
        allowed = {command.slug for command in allowed_commands(case.case, case.context(case.actor))}
        assert allowed <= {slug for slug, row in TABLE.items() if state in row.roads and role in row.roles}


@EACH_COMMAND
def test_what_is_ready_is_shown_as_allowed(command: str) -> None:
    for state in set(TABLE[command].roads) - {"Unregistered"}:
        case, wish = ready(command, state)
        shown = allowed_commands(case.case, case.when(wish).ctx)
        assert command in {other.slug for other in shown}


@EACH_COMMAND
def test_the_state_machine_itself_and_the_decision_agree_on_every_road(command: str) -> None:
    for state in TABLE[command].roads:
        case, wish = ready(command, state)
        asked = [case.when(wish), given(case, as_(Role.READER)).when(wish)]
        if case is not BY_STATE[state]:
            asked.append(BY_STATE[state].when(wish))
        if command == "decide-qa":
            asked.append(case.when(FAILING))
        assert all(agrees(when) for when in asked)


@EACH_COMMAND
def test_they_agree_that_elsewhere_there_is_no_road(command: str) -> None:
    elsewhere = EVERYWHERE - set(TABLE[command].roads)
    assert {state for state in elsewhere if agrees(BY_STATE[state].when(wish_of(command)))} == elsewhere


def test_of_a_case_that_ended_nothing_more_is_to_be_had_but_that_people_are_erased() -> None:
    not_now = {command for command in TABLE if BY_STATE["Closed"].when(wish_of(command)).codes == ["not_now"]}
    assert not_now == set(TABLE) - {"erase-person"}
