"""What schemathesis cannot know: whose keys there are, and which cases. Loaded by it, as `schemathesis.toml` says.

The keys take turns: one of a role that may use the operation, then one of any role. A made-up case gives way to a real
one every other time, in each state in turn, so that guards and machine are reached and not only the 404; a made-up
document to a real one of its case.

Of the wrong types that a field may have two are tried, and of the methods that no operation has two: there are
thousands of them, and each is refused at the same place. `make fuzz` tries them all.
"""

import itertools
import json
import os
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import schemathesis

KEYS: dict[str, str] = json.loads(os.environ["SECOR_KEYS"])
CASES: list[str] = json.loads(os.environ["SECOR_CASES"])
DOCUMENTS: list[tuple[str, str]] = json.loads(os.environ["SECOR_DOCUMENTS"])
OURS: list[str] = json.loads(os.environ["SECOR_KEY_IDS"])
PLACEHOLDER = f"Bearer {os.environ['SECOR_KEY']}"

THOROUGH = "SECOR_FUZZ_SECONDS" in os.environ
OF_A_KIND = 2

_tried: Counter[tuple[str, ...]] = Counter()
_turns, _roles, _cases = itertools.count(), itertools.cycle(KEYS), itertools.cycle(CASES)
_documents = itertools.cycle(DOCUMENTS)


@schemathesis.serializer("application/x-ndjson")
def lines(_context: schemathesis.SerializationContext, value: object) -> bytes:
    """Lines are text in the contract; what is wrong on purpose is sent as its JSON."""
    return (value if isinstance(value, str) else json.dumps(value)).encode(errors="replace")


@schemathesis.hook
def filter_case(_context: schemathesis.HookContext, case: Any) -> bool:  # noqa: ANN401 (generic in the schema)
    """Whether to ask it."""
    told = case.meta.phase.data
    scenario = getattr(getattr(told, "scenario", None), "value", "")
    if THOROUGH or scenario not in {"incorrect_type", "unspecified_http_method"}:
        return True
    place = (case.operation.label, scenario, str(told.parameter_location), str(told.parameter), str(told.location))
    _tried[place] += 1
    return _tried[place] <= OF_A_KIND


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: Any, _kwargs: dict[str, Any]) -> None:  # noqa: ANN401 (generic in the schema)
    turn = next(_turns)
    if case.headers and case.headers.get("Authorization") == PLACEHOLDER:
        allowed = case.operation.definition.raw.get("x-roles", [])
        role = allowed[turn % len(allowed)] if allowed and turn % 3 else next(_roles)
        case.headers["Authorization"] = f"Bearer {KEYS[role]}"
    for place in (case.path_parameters, case.query):
        if place and _is_id(place.get("case_id")) and turn % 2:
            place["case_id"] = next(_cases)
    if case.path_parameters and _is_id(case.path_parameters.get("document_id")) and turn % 2:
        case.path_parameters["case_id"], case.path_parameters["document_id"] = next(_documents)
    if case.method == "DELETE" and case.path_parameters.get("key_id") in OURS:
        case.path_parameters["key_id"] = str(uuid4())  # found in the list of keys; revoked, it would open nothing more


def _is_id(value: object) -> bool:
    """What is wrong on purpose stays wrong."""
    try:
        return bool(UUID(str(value)))
    except ValueError:
        return False
