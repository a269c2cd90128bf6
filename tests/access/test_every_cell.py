"""Who may do what: every cell of docs/access.md is asked for over HTTP, of both services, with real credentials."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from access.walk import Walk, routes_of
from access.world import Side, World
from access_table import ROLES, Access
from notifier.serving import Serving
from secor_workflow.api.access import CaseReader
from secor_workflow.main import create_app
from workflow.api.caller import refused

SERVICES = ("workflow", "notifier")
MADE = ("{endpoint_id}", "{calendar_id}")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("world")) as running:
        yield running


@pytest.mark.parametrize("service", SERVICES)
def test_every_cell_of_the_table_is_what_happens(world: World, service: str) -> None:
    walk = Walk(world)

    lines = [walk.line(route, line) for route, line in routes_of(world, service)]

    assert not walk.wrong, "\n".join(walk.wrong)
    assert walk.cells == sum(map(_cells_of, lines)), "some cell was passed over"


def _cells_of(line: Access) -> int:
    """Nobody, each role with its own, an employer with another's; and whoever else another's is another thing to."""
    return 1 + len(ROLES) + sum(role == "employer" or own != other for role, (own, other) in line.cells.items())


@pytest.mark.parametrize("service", SERVICES)
def test_a_token_opens_what_a_key_of_its_role_opens(world: World, service: str) -> None:
    kinds = {
        "command" if "/commands/" in line.path else line.permission: (route, line)
        for route, line in routes_of(world, service)
        if not any(made in line.path for made in MADE)  # a token's actor has made nothing yet
    }
    walk = Walk(world, world.bearer)

    for route, line in kinds.values():
        walk.line(route, line)

    assert not walk.wrong, "\n".join(walk.wrong)


def test_the_table_and_the_documents_name_the_same_roles(world: World) -> None:
    for service in SERVICES:
        for route, line in routes_of(world, service):
            told = (route.told or {}).get("x-roles", [])
            assert not told or set(told) - {"clock"} == {role for role, (own, _) in line.cells.items() if own != "403"}


@pytest.mark.parametrize("role", ROLES)
def test_the_live_feed_is_not_for_employers(world: World, role: str) -> None:
    headers = {"Authorization": f"Bearer {world.key(role)}", "Accept": "text/event-stream"}

    with httpx.stream("GET", f"{world.service.url}/v1/events", headers=headers) as answer:
        assert answer.status_code == (403 if role == "employer" else 200)


@pytest.mark.parametrize("order", [("own", "other"), ("other", "own")])
@pytest.mark.parametrize("path", ["/v1/reminders", "/v1/reminders/upcoming"])
def test_an_employer_names_another_s_case_beside_its_own_in_vain(
    world: World, path: str, order: tuple[Side, Side]
) -> None:
    answer = world.caller("notifier", "employer").get(
        path, params={"case_id": [world.lives[side].case_id for side in order]}
    )

    refused(answer, 404, "not_found")


def test_a_route_that_forgets_to_look_shows_an_employer_its_own_case_alone(world: World) -> None:
    app = create_app(world.service.settings)

    @app.get("/v1/cases/{case_id}/new")
    async def new(case_id: str, _actor: CaseReader) -> str:
        return case_id

    def asked(case_id: str) -> int:
        headers = {"Authorization": f"Bearer {world.key('employer')}"}
        return httpx.get(f"{served.url}/v1/cases/{case_id}/new", headers=headers).status_code

    with Serving(app) as served:
        assert [asked(life.case_id) for life in world.lives.values()] == [200, 404]


def test_an_answer_is_not_replayed_to_the_same_actor_in_another_role(world: World) -> None:
    life, again = world.lives["own"], {"Idempotency-Key": "two-hats"}
    clerk = world.service.new_caller("staff", actor_id="two-hats")
    dashboard = world.service.new_caller("reader", actor_id="two-hats")
    other = world.service.new_caller("employer", actor_id="two-hats", worksafebc_account=world.lives["other"].account)
    standing: dict[str, Any] = {"good": True, "as_of": world.service.on(0)}

    assert life.send("record-standing", clerk, again, **standing).status_code == 200
    refused(life.send("record-standing", dashboard, again, **standing), 422, "idempotency_key_reused")
    refused(life.send("record-standing", other, again, **standing), 404, "not_found")
    refused(life.send("record-standing", other, **standing), 404, "not_found")


def test_the_notifier_replays_nothing_to_another_role_or_account_of_the_same_actor(world: World) -> None:
    path, again = "/v1/calendars", {"Idempotency-Key": "two-hats"}
    wish = {"case_id": world.lives["own"].case_id}
    keys = [
        world.service.new_key("staff", actor_id="three-hats"),
        *(
            world.service.new_key("employer", actor_id="three-hats", worksafebc_account=life.account)
            for life in world.lives.values()
        ),
    ]
    staff, own, other = (world.with_key("notifier", made["key"]) for made in keys)

    assert staff.post(path, json=wish, headers=again).status_code == 201
    for employer in (own, other):
        answer = employer.post(path, json=wish, headers=again)
        refused(answer, 422, "idempotency_key_reused")
        assert "calendar_id" not in answer.text
