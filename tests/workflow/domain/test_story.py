"""What is generated for people names every state, command, role, check and event of the machine."""

import pytest

from secor_workflow.domain import story
from secor_workflow.domain.context import Role
from secor_workflow.domain.events import FACTS
from secor_workflow.domain.roads import BY_SLUG, COMMANDS, Command
from workflow.domain.examples import BY_STATE
from workflow.domain.readiness import wish_of
from workflow.domain.table import OPEN, ROLES, STATES, TABLE
from workflow.specification import as_, given

ROWS = {line.split("`")[1]: [cell.strip() for cell in line.split("|")[1:-1]] for line in story.table().splitlines()[2:]}


@pytest.mark.parametrize("command", TABLE)
def test_the_table_has_each_command_with_its_states_roles_and_events(command: str) -> None:
    _, roads, who, _, events = ROWS[command]
    row = TABLE[command]
    assert set(who.split(", ")) == set(row.roles)
    assert {event.strip("`") for event in events.split(" or ")} == set(row.events)
    sources = set(row.roads) - {"Unregistered"}
    named = sources - set(OPEN) if sources >= set(OPEN) else sources
    assert ("any open" in roads) is (named != sources)
    assert all(source in roads for source in named)
    across = {target for source, targets in row.roads.items() for target in targets if target != source}
    assert all(f"→ {target}" in roads for target in across)
    assert ("inside" in roads) is any(targets == (source,) for source, targets in row.roads.items())


def test_the_table_has_no_other_command() -> None:
    assert list(ROWS) == list(BY_SLUG)
    assert set(ROWS) == set(TABLE)


def test_the_diagram_shows_every_road_between_two_states() -> None:
    lines = {line.strip() for line in story.diagram().splitlines()}
    for command, row in TABLE.items():
        for source, targets in row.roads.items():
            for target in set(targets) - {source, "Closed"}:
                assert f"{'[*]' if source == 'Unregistered' else source} --> {target}: {command}" in lines


def test_the_diagram_names_every_state_and_what_closes_a_case() -> None:
    assert all(state in story.diagram() for state in STATES)
    assert "by withdraw or close" in story.diagram()


@pytest.mark.parametrize("command", COMMANDS.values(), ids=list(COMMANDS))
def test_every_check_is_explained(command: Command) -> None:
    explained = dict(line.strip("| ").split(" | ", 1) for line in story.guards_table().splitlines()[2:])
    for guard in command.guards[1:]:
        assert explained[f"`{guard.code}`"].endswith((".", ")"))


def test_every_command_says_in_a_sentence_what_it_is() -> None:
    assert all(command.summary.endswith(".") for command in COMMANDS.values())


def test_every_fact_is_some_command_s() -> None:
    assert {fact.__name__ for command in COMMANDS.values() for fact in command.facts} == set(FACTS)
    assert all(fact.__doc__ for fact in FACTS.values())


def test_every_refusal_is_a_sentence() -> None:
    for case in BY_STATE.values():
        for command in TABLE:
            for role in ROLES:
                for refusal in given(case, as_(Role(role))).when(wish_of(command)).refusals:
                    assert refusal.detail.endswith(".")
                    assert len(refusal.detail.split()) > 3
