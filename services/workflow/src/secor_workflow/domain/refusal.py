"""Saying no: what a refusal says, and how a rule becomes a guard of the machine."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import update_wrapper
from typing import Any

from secor_workflow.domain.context import Context, Role
from secor_workflow.domain.involvement import EventRef


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: a code for programs, a sentence for people, and the field or the event it is about, if there is one."""

    code: str
    detail: str
    pointer: str | None = None
    event: EventRef | None = None
    forbidden: bool = field(default=False, compare=False)
    """It is about who asks, not about the case."""


class Refused(Exception):  # noqa: N818 (an answer, not a fault)
    """At least one guard refuses, or the machine has no such road."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__("; ".join(refusal.detail for refusal in refusals))
        self.refusals = refusals


Rule = Callable[..., Iterator[tuple[str, str | None, EventRef] | tuple[str, str] | str]]
"""Yields for everything that refuses a sentence, alone or with the field and the event it is about."""


class Guard:
    """One rule. Calling it raises `Refused`, as the state machine's validators do."""

    def __init__(self, rule: Rule, code: str, *, forbids: bool = False) -> None:
        self.rule, self.code, self.forbids = rule, code, forbids
        # The state machine tells callbacks apart by these, as it would a plain function's.
        update_wrapper(self, rule)
        self.__name__, self.__code__ = rule.__name__, rule.__code__
        self.asks = tuple(inspect.signature(rule).parameters)
        self.needs_wish = "wish" in self.asks
        """Whether it can only be asked once the wish is known."""

    def refusals(self, **known: Any) -> list[Refusal]:  # noqa: ANN401 (case, wish and ctx, as the rule asks for them)
        return [self._refusal(said) for said in self.rule(*[known[name] for name in self.asks])]

    def lets(self, **known: Any) -> bool:  # noqa: ANN401 (see refusals)
        """Whether it refuses nothing, for whom the reasons do not matter."""
        return next(self.rule(*[known[name] for name in self.asks]), None) is None

    def _refusal(self, said: tuple[str, str | None, EventRef] | tuple[str, str] | str) -> Refusal:
        detail, at, event = (said, None, None) if isinstance(said, str) else (*said, None)[:3]
        return Refusal(self.code, detail, at, event, forbidden=self.forbids)

    def __call__(self, *placed: Any, **known: Any) -> None:  # noqa: ANN401 (see refusals)
        """As the state machine calls it: what the rule asks for, by place or by name."""
        known |= zip(self.asks, placed, strict=False)
        if refusals := self.refusals(**known):
            raise Refused(refusals)


def guard(code: str, *, forbids: bool = False) -> Callable[[Rule], Guard]:
    return lambda rule: Guard(rule, code, forbids=forbids)


class RoleGuard(Guard):
    """Only these roles may."""

    def __init__(self, *roles: Role) -> None:
        self.roles = roles

        def only_these_roles(ctx: Context) -> Iterator[str]:
            if ctx.actor.role not in roles:
                yield f"Only {' or '.join(roles)} may do this; you are {ctx.actor.role}."

        super().__init__(only_these_roles, "role_not_allowed", forbids=True)


def listed(codes: "tuple[str, ...] | list[str] | dict[str, str]") -> str:
    """Codes as a sentence names them."""
    return ", ".join(codes) or "none"


def repeated(codes: list[str], pointer: str) -> Iterator[tuple[str, str]]:
    """A refusal for each code that stands there already."""
    for i, code in enumerate(codes):
        if code in codes[:i]:
            yield f"{code} stands here twice.", pointer.format(i)
