"""Somebody is erased in any state of the case, once, and the case goes on as it was."""

import pytest

from secor_workflow.domain import events as e
from secor_workflow.domain.context import Role
from workflow.domain.examples import ANNA, BY_STATE, CONTACT, champion_named, closed, erase_person, registered
from workflow.specification import Given, as_, days_later, given, id_of

EVERY_CASE = pytest.mark.parametrize(
    "case", [example for state, example in BY_STATE.items() if state != "Unregistered"],
    ids=lambda case: case.case.state,
)  # fmt: skip


@EVERY_CASE
def test_an_erasure_leaves_state_and_deadlines_as_they_were(case: Given) -> None:
    later = given(case, days_later(10))
    later.when(erase_person(requested_by="authority")).then(
        e.PersonErased(person_id=id_of(CONTACT), requested_by="authority", reason_id=id_of("They asked for it.")),
        state=case.case.state,
        deadlines={deadline.name: str(deadline.due_on) for deadline in case.case.deadlines},
    )


@EVERY_CASE
def test_somebody_is_erased_once(case: Given) -> None:
    erased = given(case, erase_person())
    erased.when(erase_person()).refused("already_erased", "erased before", at="/person_id")
    assert given(erased, erase_person(ANNA)).case.erased == {id_of(CONTACT), id_of(ANNA)}


def test_only_an_admin_erases() -> None:
    for role in set(Role) - {Role.ADMIN}:
        given(closed, as_(role)).when(erase_person()).refused("role_not_allowed", "Only admin")


def test_who_was_erased_is_still_what_they_were_until_somebody_else_is_named() -> None:
    erased = given(champion_named, erase_person(), erase_person(ANNA)).case
    assert erased.roles_of(id_of(CONTACT)) == ("contact",)
    assert erased.roles_of(id_of(ANNA)) == ("champion",)
    assert registered.case.roles_of(id_of(ANNA)) == ()
