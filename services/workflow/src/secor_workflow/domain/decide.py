"""Command in, event out: `decide` asks the machine's guards and names everything that refuses."""

import inspect
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from secor_workflow.domain.case import UNREGISTERED, Case
from secor_workflow.domain.commands import Wish
from secor_workflow.domain.context import Context, Role
from secor_workflow.domain.deadlines import deadlines_after
from secor_workflow.domain.events import Fact
from secor_workflow.domain.evolve import changed
from secor_workflow.domain.refusal import Guard, Refusal, Refused, RoleGuard
from secor_workflow.domain.roads import BY_WISH, COMMANDS, Command, Road
from secor_workflow.domain.values import Deadline


class Decision(NamedTuple):
    """What is to be written: the fact, and the case's state and deadlines after it."""

    command: str
    fact: Fact
    state: str
    deadlines: tuple[Deadline, ...]
    effective_on: date
    policy_version: str
    case: Case
    """As it stands after the fact, but for what only the event can say of itself."""


def decide(case: Case, wish: Wish, ctx: Context) -> Decision:
    """The fact that a wish becomes; raises `Refused` with every guard that refuses."""
    command = BY_WISH[type(wish)]
    if refusals := blockers(command, case, ctx, wish):
        raise Refused(refusals)
    known = {"case": case, "wish": wish, "ctx": ctx}
    road = next(road for road in command.roads_from(case.state) if _leads(road, known))
    fact = _call(road.decide, known)
    on = wish.effective_on or ctx.today
    after = changed(case, fact, actor=ctx.actor.id, on=on).but(state=road.target)
    deadlines = deadlines_after(case.deadlines, fact, after, on, ctx.policy)
    return Decision(
        command=command.name,
        fact=fact,
        state=road.target,
        deadlines=deadlines,
        effective_on=on,
        policy_version=ctx.policy.version,
        case=after.but(deadlines=deadlines),
    )


def blockers(command: Command, case: Case, ctx: Context, wish: Wish | None = None) -> list[Refusal]:
    """Everything that refuses the command now. Without a wish, all that can be said before its fields are known."""
    if not (roads := command.roads_from(case.state)):
        who = next(guard for guard in command.guards if isinstance(guard, RoleGuard))
        return [*who.refusals(ctx=ctx), _not_now(command, case)]
    guards = [guard for guard in roads[0].guards if wish is not None or not guard.needs_wish]
    return [refusal for guard in guards for refusal in guard.refusals(case=case, wish=wish, ctx=ctx)]


def allowed_commands(case: Case, ctx: Context) -> tuple[Command, ...]:
    """The commands that this actor may send now, as far as can be said before their fields are known."""
    allowed = []
    for command, guards in _open_to(ctx.actor.role, case.state):
        for guard in guards:
            if not guard.lets(case=case, ctx=ctx):
                break
        else:
            allowed.append(command)
    return tuple(allowed)


@cache
def _open_to(role: Role, state: str) -> tuple[tuple[Command, tuple[Guard, ...]], ...]:
    """A role's commands that have a road from a state, each with what else can be asked before a wish is known."""
    return tuple(
        (command, tuple(guard for guard in roads[0].guards if not (guard.needs_wish or isinstance(guard, RoleGuard))))
        for command in COMMANDS.values()
        if state != UNREGISTERED and (roads := command.roads_from(state)) and _may(role, roads[0])
    )


def _may(role: Role, road: Road) -> bool:
    return all(role in guard.roles for guard in road.guards if isinstance(guard, RoleGuard))


def _not_now(command: Command, case: Case) -> Refusal:
    if case.state == UNREGISTERED:
        return Refusal("not_now", "There is no case yet; register the employer first.")
    if command.sources == (UNREGISTERED,):
        return Refusal("not_now", "This employer is registered already.")
    *most, last = command.sources
    where = f"{', '.join(most)} or {last}" if most else last
    return Refusal("not_now", f"{command.slug} is possible in {where}; this case is {case.state}.")


def _leads(road: Road, known: dict[str, Any]) -> bool:
    return all(_call(condition, known) is expected for condition, expected in road.conditions)


def _call(function: Callable[..., Any], known: dict[str, Any]) -> Any:  # noqa: ANN401 (each decision has its own fact)
    return function(**{name: known[name] for name in _asked(function)})


@cache
def _asked(function: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)
