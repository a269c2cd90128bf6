"""The machine as a table, made once: for each command, who may, from where to where, and what is checked on the way."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from types import UnionType
from typing import Any, get_args, get_type_hints

from statemachine.callbacks import CallbackGroup

from secor_workflow.domain import commands, events
from secor_workflow.domain.case import UNREGISTERED
from secor_workflow.domain.commands import Wish
from secor_workflow.domain.context import Role
from secor_workflow.domain.machine import CaseMachine
from secor_workflow.domain.refusal import Guard, RoleGuard


@dataclass(frozen=True)
class Road:
    """One transition. `conditions` choose between two roads from the same state."""

    source: str
    target: str
    guards: tuple[Guard, ...]
    conditions: tuple[tuple[Callable[..., bool], bool], ...]
    decide: Callable[..., events.Fact]

    @property
    def inside(self) -> bool:
        return self.source == self.target


@dataclass(frozen=True)
class Command:
    """A command of the machine: its name in code (`file_notice`), in URLs (`file-notice`) and as a wish."""

    name: str
    roads: tuple[Road, ...]

    @cached_property
    def slug(self) -> str:
        return self.name.replace("_", "-")

    @cached_property
    def wish(self) -> type[Wish]:
        wish: type[Wish] = getattr(commands, "".join(part.capitalize() for part in self.name.split("_")))
        return wish

    @cached_property
    def summary(self) -> str:
        return inspect.getdoc(self.wish) or ""

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        return next(guard.roles for guard in self.guards if isinstance(guard, RoleGuard))

    @cached_property
    def guards(self) -> tuple[Guard, ...]:
        """The guards of all its roads, each once."""
        return tuple(dict.fromkeys(guard for road in self.roads for guard in road.guards))

    @cached_property
    def facts(self) -> tuple[type[events.Fact], ...]:
        """The facts it can become: what its decision says that it returns."""
        returned = get_type_hints(self.roads[0].decide)["return"]
        return get_args(returned) if isinstance(returned, UnionType) else (returned,)

    def roads_from(self, state: str) -> tuple[Road, ...]:
        return self._from.get(state, ())

    @cached_property
    def _from(self) -> dict[str, tuple[Road, ...]]:
        return {road.source: tuple(r for r in self.roads if r.source == road.source) for road in self.roads}

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(self._from)


def _read(machine: type[CaseMachine]) -> dict[str, Command]:
    roads: dict[str, list[Road]] = {event.id: [] for event in machine().events}
    for state in machine.states:
        for transition in state.transitions:
            roads[str(transition.event)].append(_road(transition))
    return {name: Command(name, tuple(found)) for name, found in roads.items()}


def _road(transition: Any) -> Road:  # noqa: ANN401 (the library's own transition)
    def callbacks(group: CallbackGroup) -> list[Any]:
        return [spec for spec in transition._specs if spec.group is group and callable(spec.func)]  # noqa: SLF001 (the library has no public list of them)

    return Road(
        source=transition.source.id,
        target=transition.target.id,
        guards=tuple(spec.func for spec in callbacks(CallbackGroup.VALIDATOR)),
        conditions=tuple((spec.func, bool(spec.expected_value)) for spec in callbacks(CallbackGroup.COND)),
        decide=callbacks(CallbackGroup.ON)[0].func,
    )


COMMANDS: dict[str, Command] = _read(CaseMachine)
"""Every command by its name in code, in the order of the machine."""

BY_SLUG: dict[str, Command] = {command.slug: command for command in COMMANDS.values()}

BY_WISH: dict[type[Wish], Command] = {command.wish: command for command in COMMANDS.values()}

STATES: tuple[str, ...] = tuple(state.id for state in CaseMachine.states if state.id != UNREGISTERED)
"""Every state a case can be seen in."""
