"""The database goes away under the running service: answers say so and when to come back; then all is as before."""

import time
from collections.abc import Iterator
from typing import Any, Literal

import httpx
import pytest

from databases import PostgresServer
from workflow.api.caller import refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service

BOUND = 10.0
READS = ("/v1/cases", "/v1/cases/{case}", "/v1/cases/{case}/events", "/v1/cases/{case}/commands", "/v1/events",
         "/v1/cases/{case}/worksafebc-package", "/v1/people/{person}", "/v1/texts/{person}")  # fmt: skip
WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "/v1/cases": ("POST", {}),
    "/v1/cases/{case}/commands/place-hold": ("POST", {"reason": "Fire."}),
    "/v1/keys": ("POST", {"role": "reader"}),
    "/v1/keys/{key}": ("DELETE", {}),
    "/v1/people/{person}:erase": ("POST", {"reason": "Asked."}),
    "/v1/texts/{person}:erase": ("POST", {"reason": "Asked."}),
    "/v1/sandbox/clock": ("PUT", {"advance": "P1D"}),
}
WITHOUT_IT = ("/livez", "/openapi.json", "/v1/machine", "/v1/policy", "/v1/me", "/problems/unavailable")


@pytest.fixture(scope="module")
def server(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server of our own, to stop at will; the common one says whether there can be any."""
    with PostgresServer(postgres.binaries) as own:
        yield own


@pytest.fixture(scope="module")
def life(server: PostgresServer) -> Iterator[Life]:
    with Service(server.url(server.create_database())) as service:
        yield a_life(service, "Registered")


@pytest.fixture(params=["fast", "immediate"])
def away(request: pytest.FixtureRequest, server: PostgresServer, life: Life) -> Iterator[None]:
    """The server was stopped, or crashed, while connections to it were open."""
    assert life.case()
    how: Literal["fast", "immediate"] = request.param
    server.stop(how)
    yield
    server.start()


def ids(life: Life) -> dict[str, str]:
    """Read while the database was there."""
    case = life.case()
    return {"case": life.case_id, "person": case["contact_id"], "key": life.service.admin.read("/v1/me")["key_id"]}


@pytest.fixture(scope="module")
def known(life: Life) -> dict[str, str]:
    return ids(life)


def answered(send: Any, *args: Any, **more: Any) -> httpx.Response:  # noqa: ANN401 (a client's method)
    """Whatever is answered, it is answered soon."""
    began = time.monotonic()
    answer: httpx.Response = send(*args, **more)
    assert time.monotonic() - began < BOUND
    return answer


def test_every_read_and_write_is_unavailable_and_says_when_to_come_back(
    known: dict[str, str], life: Life, away: None
) -> None:
    admin, staff, registration = life.service.admin, life.service.staff, Life.registration(life)
    for path in READS:
        answer = answered(admin.get, path.format(**known))
        assert int(answer.headers["retry-after"]) > 0
        refused(answer, 503, "unavailable")
    for path, (method, body) in WRITES.items():
        caller = staff if "cases" in path else admin
        answer = answered(caller.request, method, path.format(**known), json=body or registration)
        refused(answer, 503, "unavailable")


def test_readyz_says_that_the_database_is_what_is_missing(life: Life, away: None) -> None:
    problem = refused(answered(life.service.nobody.get, "/readyz"), 503, "unavailable")

    assert "database" in problem["detail"]
    assert problem["checks"]["database"].startswith("does not answer")


def test_the_metrics_are_told_all_the_same_and_say_so(life: Life, away: None) -> None:
    told = answered(life.service.nobody.get, "/metrics").text

    assert "secor_workflow_database_up 0.0" in told
    assert "secor_workflow_commands_total" in told


@pytest.mark.parametrize("path", WITHOUT_IT)
def test_what_needs_no_database_goes_on(life: Life, away: None, path: str) -> None:
    assert answered(life.service.admin.get, path).status_code == 200


def test_an_unknown_key_is_not_called_wrong_while_nobody_can_know(life: Life, away: None) -> None:
    refused(life.service.nobody.get("/v1/me", headers={"Authorization": "Bearer secor_x"}), 503, "unavailable")


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_when_it_is_back_all_is_as_before_and_what_was_refused_was_not_done(
    server: PostgresServer, life: Life, how: Literal["fast", "immediate"]
) -> None:
    before, history = life.case(), life.history()
    headers = {"Idempotency-Key": f"while-away-{how}"}
    server.stop(how)
    refused(life.send("update-employer", headers=headers, employer=before["employer"]), 503, "unavailable")

    server.start()

    until_ready(life)
    assert life.case() == before
    assert life.history() == history
    answer = life.send("update-employer", headers=headers, employer=before["employer"])
    assert (answer.status_code, "idempotency-replayed" in answer.headers) == (200, False)
    assert answer.json()["event"]["position"] == before["position"] + 1


def test_while_it_goes_and_comes_nobody_sees_anything_but_success_or_503(server: PostgresServer, life: Life) -> None:
    """The client fails the test at any other fault."""
    ways: tuple[Literal["fast", "immediate"], ...] = ("fast", "immediate")
    for how in ways:
        server.stop(how)
        assert life.service.staff.get(life.path).status_code == 503
        server.start()
        until_ready(life)


def test_who_waits_for_news_when_it_goes_is_told_so(server: PostgresServer, life: Life) -> None:
    events = life.service.reader.get("/v1/events", params={"limit": 1000})
    after = events.headers["next-cursor"]
    server.stop()
    try:
        refused(life.service.reader.get("/v1/events", params={"after": after, "wait": 2}), 503, "unavailable")
    finally:
        server.start()
        until_ready(life)
    assert life.service.reader.read("/v1/events", after=after) == []


def until_ready(life: Life) -> None:
    """Ask until it is ready; every answer on the way keeps the contract."""
    until = time.monotonic() + BOUND
    while life.service.nobody.get("/readyz").status_code != 200:
        assert life.service.staff.get(life.path).status_code in {200, 503}
        assert time.monotonic() < until
        time.sleep(0.02)
