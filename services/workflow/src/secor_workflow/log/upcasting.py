"""Facts of older versions become those of today as they are read; the log keeps them as they were written."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import from_json, to_json

Fields = dict[str, Any]
Step = Callable[[Fields], Fields]

UPCASTERS: Mapping[str, Sequence[Step]] = {}
"""Of a fact that has had several versions: the step from its first to its second, from that to its third, …

None has yet: a field with a default asks for none. docs/upgrades.md says what else a new version asks for.
"""


class NewerEventError(LookupError):
    """An event of a type or version that this program does not know: a newer one has written it."""


def version_of(text: str) -> int:
    """Of which version an event is, by its type. Raises ValueError or LookupError if the text is no event at all."""
    event = from_json(text)
    if not isinstance(event, dict):
        raise ValueError("the text is JSON, but no event")  # noqa: TRY004 (what is wrong is the text, not the call)
    return int(str(event["type"]).rpartition(".v")[2])


def raised(text: str, steps: Sequence[Step]) -> str:
    """The same event with its fact as the last step makes it; one that is of that version already as it stands."""
    event = from_json(text)
    for step in steps[version_of(text) - 1 :]:
        event["data"]["fact"] = step(event["data"]["fact"])
    event["type"] = f"{event['type'].rpartition('.v')[0]}.v{max(version_of(text), len(steps) + 1)}"
    return to_json(event).decode()
