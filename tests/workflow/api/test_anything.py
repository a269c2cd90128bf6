"""Whatever is thrown at the API, the answer is a success or a problem that is the caller's; never a fault of ours."""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflow.api.bodies import BODIES
from workflow.api.caller import Caller
from workflow.api.life import STATES, Life, a_life, employer_of, somebody
from workflow.api.service import Service, on_both_engines

pytestmark = on_both_engines
JSON = {"Content-Type": "application/json"}
thrown: Callable[[Any], Any] = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)

TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
LEAF = (
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats()
    | TEXT
    | st.dates().map(str)
    | st.sampled_from(["", "\x00", "\ud800", "1e400", "0001-01-01", "9999-12-31", "NaN", "0" * 36, "x" * 5000, -0.0])
)
ANYTHING = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)
SENT = {command: body for command, body in BODIES.items() if command != "erase-person"}
"""What is sent as a command; people are erased where people are."""
WISHES = SENT | {
    "register-employer": {"employer": employer_of("99999999"), "contact": somebody(), "terms_accepted": True}
}


def places(part: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 (any JSON)
    """The path to every value in a body."""
    yield here
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, value in inside:
        yield from places(value, (*here, name))


@st.composite
def nearly_right(draw: st.DrawFn) -> tuple[str, Any]:
    """A command and its body, well-formed but for one place."""
    command = draw(st.sampled_from(sorted(WISHES)))
    body = copy.deepcopy(WISHES[command])
    *way, last = draw(st.sampled_from([*list(places(body))[1:], ("effective_on",), ("extra",)]))
    part = body
    for step in way:
        part = part[step]
    part[last] = draw(ANYTHING)
    return command, body


@pytest.fixture(scope="module")
def lives(service: Service) -> dict[str, Life]:
    return {state: a_life(service, state) for state in STATES}


@contextmanager
def not_ours(service: Service) -> Iterator[Caller]:
    """Staff's client; it fails the test at any answer that breaks the contract, a 500 above all."""
    yield service.staff
    assert service.staff.get("/v1/me").status_code == 200


@thrown
@given(wish=nearly_right(), state=st.sampled_from(STATES), dry_run=st.booleans())
def test_a_body_with_one_wrong_place(
    service: Service, lives: dict[str, Life], wish: tuple[str, Any], state: str, *, dry_run: bool
) -> None:
    command, body = wish
    path = "/v1/cases" if command == "register-employer" else f"{lives[state].path}/commands/{command}"

    with not_ours(service) as caller:
        answer = caller.post(f"{path}?dry_run={dry_run}", content=json.dumps(body), headers=JSON)

    assert answer.status_code in {200, 201, 400, 403, 409, 422}


@thrown
@given(command=st.sampled_from(sorted(SENT)), state=st.sampled_from(STATES), body=ANYTHING)
def test_any_json_at_all(service: Service, lives: dict[str, Life], command: str, state: str, body: object) -> None:
    with not_ours(service) as caller:
        answer = caller.post(f"{lives[state].path}/commands/{command}", content=json.dumps(body), headers=JSON)

    assert answer.status_code in {200, 400, 403, 409, 422}


@thrown
@given(command=st.sampled_from(sorted(SENT)), state=st.sampled_from(STATES), body=st.binary(max_size=200))
def test_any_bytes_at_all(service: Service, lives: dict[str, Life], command: str, state: str, body: bytes) -> None:
    with not_ours(service) as caller:
        answer = caller.post(f"{lives[state].path}/commands/{command}", content=body, headers=JSON)

    assert answer.status_code in {200, 400, 403, 409, 422}


@thrown
@given(role=ANYTHING, name=ANYTHING, actor_id=ANYTHING, reason=ANYTHING, now=ANYTHING)
def test_anything_to_an_admins_operations(  # noqa: PLR0913 (each a field of one of them)
    service: Service, lives: dict[str, Life], role: object, name: object, actor_id: object, reason: object, now: object
) -> None:
    person = f"/v1/people/{lives['Registered'].case()['contact_id']}:erase"
    clock = {"now": now} if isinstance(now, bool) else {"now": now, "advance": reason, "x": 1}
    bodies = {
        "/v1/keys": {"role": "reader", "name": name, "actor_id": actor_id},
        "/v1/keys?": {"role": role, "worksafebc_account": name},
        person: {"reason": reason},
        "/v1/sandbox/clock": clock,
    }
    for path, body in bodies.items():
        method = "PUT" if "clock" in path else "POST"
        answer = service.admin.request(method, path, content=json.dumps(body), headers=JSON)
        assert answer.status_code in {200, 201, 400, 422}


NAMES = ("as_of", "version", "min_position", "state", "due_before", "overdue", "q", "cursor", "limit", "after", "type",
         "case_id", "on", "dry_run")  # fmt: skip
VALUES = (
    st.binary(max_size=20)
    | TEXT.map(lambda text: text.encode("utf-8", "replace"))
    | st.integers().map(lambda number: str(number).encode())
    | st.datetimes().map(lambda at: f"{at.isoformat()}+14:00".encode())
    | st.dates().map(lambda on: str(on).encode())
)
QUERY = st.lists(st.tuples(st.sampled_from(NAMES) | st.text(max_size=8), VALUES), max_size=4)
READS = ("/v1/cases", "/v1/cases/{}", "/v1/cases/{}/events", "/v1/cases/{}/commands", "/v1/events", "/v1/policy")


@thrown
@given(path=st.sampled_from(READS), query=QUERY)
def test_any_query_at_all(service: Service, lives: dict[str, Life], path: str, query: list[tuple[str, bytes]]) -> None:
    asked = "&".join(f"{quote(name.encode('utf-8', 'replace'))}={quote(value)}" for name, value in query)

    with not_ours(service) as caller:
        answer = caller.get(f"{path.format(lives['Trained'].case_id)}?{asked}")

    assert answer.status_code in {200, 400, 404, 410, 422, 503}
    assert answer.status_code != 503 or answer.json()["code"] == "not_there_yet"


@thrown
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    start=st.sampled_from(
        ["/", "/v1/", "/v1/cases/", "/v1/keys/", "/v1/people/", "/v1/texts/", "/problems/", "/schemas/"]
    ),
    rest=st.binary(max_size=30),
)
def test_any_path_at_all(service: Service, method: str, start: str, rest: bytes) -> None:
    with not_ours(service) as caller:
        answer = caller.request(method, start + quote(rest))

    assert answer.status_code in {200, 403, 404, 405}
