"""Refuses a filter that names what there is not: it would be silent for ever, and nobody would know why."""

from collections.abc import Collection, Sequence

from secor_notifier.api.problems import Problem, invalid
from secor_notifier.api.rooms import House
from secor_notifier.webhooks.interest import EVERY_EVENT

TOLD_AT_MOST = 10


async def check_events(house: House, named: Sequence[str]) -> None:
    if set(named) != {EVERY_EVENT}:
        _check("event", "/events", named, {EVERY_EVENT, *await house.vocabulary.events()})


async def check_deadlines(house: House, pointer: str, named: Sequence[str]) -> None:
    if named:
        _check("deadline", pointer, named, await house.vocabulary.deadlines())


async def check_deadline(house: House, pointer: str, name: str | None) -> None:
    """The same for a single name."""
    if name is not None and name not in (known := await house.vocabulary.deadlines()):
        raise invalid(pointer, f"There is no deadline {name!r}. There are: {', '.join(sorted(known))}.")


def _check(kind: str, pointer: str, named: Sequence[str], known: Collection[str]) -> None:
    wrong = [(place, name) for place, name in enumerate(named) if name not in known]
    if not wrong:
        return
    there = f"There are: {', '.join(sorted(known))}."
    wrong = wrong[:TOLD_AT_MOST]
    errors = tuple(
        {"pointer": f"{pointer}/{place}", "detail": f"There is no {kind} {name!r}. {there}"} for place, name in wrong
    )
    names = ", ".join(repr(name) for _, name in wrong)
    raise Problem("invalid_request", f"There is no {kind} {names}. {there}", errors=errors)
