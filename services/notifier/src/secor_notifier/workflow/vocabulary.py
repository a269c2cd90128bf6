"""Which events and deadlines there are: the workflow's own word, so that a mistyped name is refused and not obeyed."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from secor_notifier.workflow.client import WorkflowAwayError
from secor_notifier.workflow.reads import NotThereError, Reads, T, parse


@dataclass(frozen=True)
class _Transition:
    events: tuple[str, ...]


@dataclass(frozen=True)
class _Machine:
    transitions: tuple[_Transition, ...]


@dataclass(frozen=True)
class _Policy:
    deadlines: Mapping[str, object]


MACHINE = TypeAdapter(_Machine)
POLICY = TypeAdapter(_Policy)


@dataclass(frozen=True)
class Vocabulary:
    """Asked anew each time: a workflow that has learned another type knows it at once."""

    reads: Reads

    async def events(self) -> frozenset[str]:
        """Types as a filter names them, without prefix and version."""
        machine = await self._read(MACHINE, "/v1/machine")
        return frozenset(event for transition in machine.transitions for event in transition.events)

    async def deadlines(self) -> frozenset[str]:
        return frozenset((await self._read(POLICY, "/v1/policy")).deadlines)

    async def _read(self, adapter: TypeAdapter[T], path: str) -> T:
        try:
            return parse(adapter, await self.reads.get(path))
        except NotThereError:
            raise WorkflowAwayError(f"The workflow does not tell {path}.") from None
