"""A command that goes the short way is answered as one that goes the framework's general way, by its query."""

from typing import Any

import httpx
import pytest

from secor_workflow.api.permissions import permission_of
from secor_workflow.api.short_way import ways
from secor_workflow.domain.roads import COMMANDS
from workflow.api.life import Life, a_life, somebody
from workflow.api.service import Service

OF_THE_GENERAL_WAY = {"dry_run": "false"}
OF_THE_MOMENT = {"date", "x-request-id", "content-length", "ratelimit"}
CHAMPION = {"person": somebody(), "employment": "permanent"}

ASKED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "nobody asks": ("nobody", "name-champion", {"json": CHAMPION}),
    "a wrong key": ("nobody", "name-champion", {"json": CHAMPION, "headers": {"Authorization": "Bearer secor_wrong"}}),
    "a role that may not": ("reader", "name-champion", {"json": CHAMPION}),
    "somebody else's case": ("stranger", "name-champion", {"json": CHAMPION}),
    "not now": ("staff", "declare-sms", {"json": {}}),
    "no JSON": ("staff", "name-champion", {"content": b"{", "headers": {"Content-Type": "application/json"}}),
    "another media type": ("staff", "name-champion", {"content": b"a=1", "headers": {"Content-Type": "text/plain"}}),
    "a field too many": ("staff", "name-champion", {"json": {**CHAMPION, "colour": "red"}}),
    "an address": ("staff", "record-advice", {"json": {"adviser": "ada@example.org", "advised_on": "2026-01-01"}}),
    "too large": ("staff", "name-champion", {"content": b" " * 2**21, "headers": {"Content-Type": "application/json"}}),
    "another version": ("staff", "name-champion", {"json": CHAMPION, "headers": {"If-Match": '"7"'}}),
    "a key that is none": ("staff", "name-champion", {"json": CHAMPION, "headers": {"Idempotency-Key": "a b"}}),
    "no such command": ("staff", "dance", {"json": {}}),
    "the clock's command": ("staff", "lapse-training", {"json": {}}),
}  # fmt: skip


@pytest.fixture(scope="module")
def life(service: Service) -> Life:
    return a_life(service, "Registered")


@pytest.mark.parametrize("asked", ASKED)
def test_both_ways_refuse_alike(life: Life, asked: str) -> None:
    who, command, request = ASKED[asked]
    caller = (
        life.service.new_caller("employer", worksafebc_account="299999")
        if who == "stranger"
        else getattr(life.service, who)
    )
    short = caller.post(f"{life.path}/commands/{command}", **request)
    general = caller.post(f"{life.path}/commands/{command}", params=OF_THE_GENERAL_WAY, **request)

    assert short.status_code >= 400
    assert said(short) == said(general)


def test_both_ways_grant_alike(service: Service) -> None:
    first, second = a_life(service, "Registered"), a_life(service, "Registered")
    short = service.staff.post(f"{first.path}/commands/name-champion", json=CHAMPION)
    general = service.staff.post(f"{second.path}/commands/name-champion", params=OF_THE_GENERAL_WAY, json=CHAMPION)

    assert short.status_code == general.status_code == 200
    assert short.headers.keys() == general.headers.keys()
    assert shape(short.json()) == shape(general.json())


def test_what_goes_the_short_way_has_its_route_and_who_may() -> None:
    for way in ways():
        assert way.route.operation_id == way.command.name
        assert permission_of(way.route).roles == COMMANDS[way.command.name].roles
        assert way.gate.__dict__["permission"] == permission_of(way.route)


def said(answer: httpx.Response) -> tuple[int, dict[str, str], dict[str, Any]]:
    headers = {name: value for name, value in answer.headers.items() if name not in OF_THE_MOMENT}
    return answer.status_code, headers, {**answer.json(), "request_id": ""}


def shape(part: Any) -> Any:  # noqa: ANN401 (any JSON)
    """Which fields there are, however deep, and of what kind their values are."""
    if isinstance(part, dict):
        return {name: shape(inner) for name, inner in part.items()}
    return [shape(inner) for inner in part] if isinstance(part, list) else type(part).__name__
