"""What schemathesis cannot know: whose keys there are, and which cases. Loaded by it, as `schemathesis.toml` says.

The keys take turns: one of a role that may use the operation, then one of any role. A made-up case gives way to a real
one every other time, in each state in turn, so that guards and machine are reached and not only the 404; a made-up
document to a real one of its case.
"""

import itertools
import json
import os
from typing import Any
from uuid import UUID, uuid4

import schemathesis

KEYS: dict[str, str] = json.loads(os.environ["SECOR_KEYS"])
CASES: list[str] = json.loads(os.environ["SECOR_CASES"])
DOCUMENTS: list[tuple[str, str]] = json.loads(os.environ["SECOR_DOCUMENTS"])
OURS: list[str] = json.loads(os.environ["SECOR_KEY_IDS"])
PLACEHOLDER = f"Bearer {os.environ['SECOR_KEY']}"

_turns, _roles, _cases = itertools.count(), itertools.cycle(KEYS), itertools.cycle(CASES)
_documents = itertools.cycle(DOCUMENTS)


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
