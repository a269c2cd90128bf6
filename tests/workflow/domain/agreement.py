"""The state machine asked by itself, to be held against what is decided."""

from statemachine.exceptions import TransitionNotAllowed

from secor_workflow.domain.decide import Decision
from secor_workflow.domain.machine import CaseMachine
from secor_workflow.domain.refusal import Refused
from secor_workflow.domain.roads import BY_WISH
from workflow.specification import When


def ask_the_machine(when: When) -> tuple[object, str] | type[Exception]:
    """The fact and the state that the machine itself comes to, or how it refuses."""
    machine = CaseMachine(start_value=when.before.case.state)
    name = BY_WISH[type(when.wish)].name
    try:
        fact = machine.send(name, case=when.before.case, wish=when.wish, ctx=when.ctx)
    except (Refused, TransitionNotAllowed) as refused:
        return type(refused)
    (state,) = machine.configuration
    return fact, state.id


def agrees(when: When) -> bool:
    """Whether the machine comes to the same fact and state, or refuses for the same reason."""
    if isinstance(when.outcome, Decision):
        return ask_the_machine(when) == (when.outcome.fact, when.outcome.state)
    return ask_the_machine(when) is (TransitionNotAllowed if "not_now" in when.codes else Refused)
