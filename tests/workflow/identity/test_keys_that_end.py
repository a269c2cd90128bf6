"""A key shows its kind and its typing errors, ends when it is to end, and is rotated without a gap."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from secor_workflow.api.rooms import Rooms
from secor_workflow.cli.program import main
from secor_workflow.credentials.key_text import Kind, is_mistyped, kind_of, may_be_key, new_text
from secor_workflow.credentials.unknown import LookupsSpentError
from secor_workflow.database.engine import exclusive
from secor_workflow.database.tables import api_keys
from secor_workflow.domain.context import Role
from secor_workflow.keys import Key, _digest
from workflow.api.caller import refused
from workflow.api.service import Service
from workflow.identity.rooms import a_service

PATIENCE = 10.0


def in_(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


# --- how a key reads ---


@pytest.mark.parametrize("kind", ["live", "test"])
def test_each_typing_error_is_told_without_a_question(kind: Kind) -> None:
    key = new_text(kind)
    assert (kind_of(key), is_mistyped(key), may_be_key(key)) == (kind, False, True)

    for place in range(len("secor_live_"), len(key)):
        other = "x" if key[place] != "x" else "y"
        assert is_mistyped(key[:place] + other + key[place + 1 :])
    assert is_mistyped(key[:-1])
    assert is_mistyped(key + "x")
    assert not may_be_key("secor_" + "x" * 1000)


def test_a_mistyped_key_is_told_to_be_one(service: Service) -> None:
    key = service.new_key("reader")["key"]

    problem = refused(service.caller(key[:-1] + "-").get("/v1/me"), 401, "unauthenticated")

    assert "typing error" in problem["detail"]


def test_a_sandbox_makes_test_keys_and_takes_no_live_ones(service: Service) -> None:
    made = service.new_key("reader")

    assert (kind_of(made["key"]), made["key"].startswith(made["prefix"])) == ("test", True)
    problem = refused(service.caller(new_text("live")).get("/v1/me"), 401, "unauthenticated")
    assert problem["detail"] == "This is a live key, and this service takes test keys."


def test_a_live_service_takes_no_key_of_a_sandbox_though_it_knows_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'workflow.db'}"
    with Service(url) as sandbox:
        of_the_sandbox = sandbox.reader.key or ""
    with Service(url, SECOR_SANDBOX=False) as live:
        refused(live.caller(of_the_sandbox).get("/v1/me"), 401, "unauthenticated")
        assert kind_of(live.reader.key or "") == "live"


# --- when it ends ---


def test_a_key_opens_until_its_end_and_not_longer(service: Service) -> None:
    made = service.new_key("reader", expires_at=in_(1.5))
    holder = service.caller(made["key"])
    assert holder.get("/v1/me").status_code == 200

    until(lambda: holder.get("/v1/me").status_code == 401)

    assert "expired" in refused(holder.get("/v1/me"), 401, "unauthenticated")["detail"]
    newest = service.admin.read("/v1/refusals", operation="read_me", limit=1)["items"][0]
    assert newest["why"] == "key_expired"


def test_the_sandboxs_clock_ends_no_key(service: Service) -> None:
    holder = service.caller(service.new_key("reader", expires_at=in_(3600))["key"])

    service.live_through(2)

    assert holder.get("/v1/me").status_code == 200


@pytest.mark.parametrize("expires_at", ["2020-01-01T00:00:00Z", "2030-01-01", "2030-01-01T00:00:00", 1900000000, "P1D"])
def test_an_end_that_cannot_be_meant_is_refused(service: Service, expires_at: object) -> None:
    answer = service.admin.post("/v1/keys", json={"role": "reader", "expires_at": expires_at})

    assert refused(answer, 422, "invalid_request")["errors"][0]["pointer"] == "/expires_at"


def test_when_a_key_was_last_used_is_noted_to_the_minute_and_in_the_background(service: Service) -> None:
    made = service.new_key("reader")
    path = f"/v1/keys/{made['key_id']}"
    assert service.admin.read(path)["last_used_at"] is None

    service.caller(made["key"]).read("/v1/me")

    until(lambda: service.admin.read(path)["last_used_at"] is not None)
    first = service.admin.read(path)["last_used_at"]
    assert abs(datetime.fromisoformat(first) - datetime.now(UTC)) < timedelta(minutes=1)


# --- rotation ---


def rotate(service: Service, key_id: str, headers: dict[str, str] | None = None, **body: object) -> httpx.Response:
    return service.admin.post(f"/v1/keys/{key_id}:rotate", json=body, headers=headers)


def test_a_rotated_key_has_a_successor_of_the_same_actor_and_ends_after_the_overlap(service: Service) -> None:
    old = service.new_key("employer", actor_id="inn", worksafebc_account="300001", name="The inn")

    answer = rotate(service, old["key_id"], overlap="PT1.5S")
    new = answer.json()

    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/keys/{new['key_id']}")
    holders = [service.caller(key) for key in (old["key"], new["key"])]
    one, other = (holder.read("/v1/me") for holder in holders)
    assert {**one, "key_id": None} == {**other, "key_id": None}
    assert new["replaces"] == old["key_id"]
    until(lambda: holders[0].get("/v1/me").status_code == 401)
    assert holders[1].get("/v1/me").status_code == 200


def test_without_overlap_the_old_key_ends_at_once(service: Service) -> None:
    old = service.new_key("reader")

    assert rotate(service, old["key_id"], overlap="PT0S").status_code == 201

    refused(service.caller(old["key"]).get("/v1/me"), 401)


def test_a_rotation_never_lengthens_the_old_keys_life(service: Service) -> None:
    end = in_(3600)
    old = service.new_key("reader", expires_at=end)

    assert rotate(service, old["key_id"], overlap="P30D", expires_at=in_(7200)).status_code == 201

    told = service.admin.read(f"/v1/keys/{old['key_id']}")["expires_at"]
    assert datetime.fromisoformat(told) == datetime.fromisoformat(end)


def test_the_successor_of_a_key_that_was_to_end_must_have_an_end(service: Service) -> None:
    old = service.new_key("reader", expires_at=in_(3600))

    problem = refused(rotate(service, old["key_id"]), 422, "invalid_request")

    assert [error["pointer"] for error in problem["errors"]] == ["/expires_at"]


def test_a_rotation_sent_again_makes_no_third_key(service: Service) -> None:
    old = service.new_key("reader")
    headers = {"Idempotency-Key": "rotate-once"}
    first = rotate(service, old["key_id"], headers, overlap="PT0S")

    again = rotate(service, old["key_id"], headers, overlap="PT0S")

    assert again.json() == first.json() | {"key": None}
    assert again.headers["idempotency-replayed"] == "true"
    other = service.new_key("reader")["key_id"]
    refused(rotate(service, other, headers), 422, "idempotency_key_reused")
    body = {"role": "reader"}
    refused(service.admin.post("/v1/keys", json=body, headers=headers), 422, "idempotency_key_reused")


def test_a_key_that_has_ended_cannot_be_rotated(service: Service) -> None:
    old = service.new_key("reader")["key_id"]
    service.admin.delete(f"/v1/keys/{old}")

    refused(rotate(service, old), 409, "key_ended")


@pytest.mark.parametrize("overlap", ["P31D", "-PT1S", 3600, "1 hour", None, "P1D and more"])
def test_an_overlap_that_cannot_be_meant_is_refused(service: Service, overlap: object) -> None:
    old = service.new_key("reader")["key_id"]

    assert refused(rotate(service, old, overlap=overlap), 422)["errors"][0]["pointer"] == "/overlap"
    assert service.admin.read(f"/v1/keys/{old}")["expires_at"] is None


def test_nobody_but_an_admin_rotates(service: Service) -> None:
    made = service.new_key("staff")

    refused(service.caller(made["key"]).post(f"/v1/keys/{made['key_id']}:rotate"), 403, "forbidden")


# --- beside the API ---


async def made(rooms: Rooms) -> tuple[Key, str]:
    key, secret = await rooms.keys.create(
        actor_id="staff-1", role=Role.STAFF, name="desk", account=None, by="admin-1", now=rooms.clock.now()
    )
    assert secret
    return key, secret


async def test_keys_of_the_form_before_go_on_working(tmp_path: Path) -> None:
    old = "secor_Zk3_-9vQ0aXyTq1LwB7nRj5eHs2uMf8cPd4iGoKxVbN"
    async with a_service(tmp_path) as rooms:
        key, _ = await made(rooms)
        async with exclusive(rooms.log.engine) as connection:
            mine = sa.update(api_keys).where(api_keys.c.key_id == key.key_id)
            await connection.execute(mine.values(digest=_digest(old), prefix=old[:12]))
        await rooms.keys.refresh()

        assert (await rooms.keys.authenticate(old)) is not None


async def test_wrong_keys_by_the_thousand_hardly_reach_the_database(tmp_path: Path) -> None:
    async with a_service(tmp_path) as rooms:
        asked: list[Any] = []
        sa.event.listen(rooms.log.engine.sync_engine, "before_cursor_execute", lambda *a: asked.append(a))
        for _ in range(1000):
            assert await rooms.keys.authenticate(new_text("live")[:-1] + "-") is None  # mistyped
            assert await rooms.keys.authenticate("secor_the-same-again") is None
        assert len(asked) == 1

        spent = 0
        for _ in range(1000):
            try:
                assert await rooms.keys.authenticate(new_text("live")) is None
            except LookupsSpentError:
                spent += 1
        assert spent > 0
        assert len(asked) < 1000 - spent + 2
        _, secret = await made(rooms)
        asked.clear()
        assert await rooms.keys.authenticate(new_text("live"), may_ask=lambda: False) is None
        assert await rooms.keys.authenticate(secret)  # who is known is not asked for
        assert asked == []


def test_the_command_line_gives_a_key_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKFLOW_DATABASE_URL", f"sqlite:///{tmp_path / 'workflow.db'}")
    create = ["keys", "create", "--role", "staff", "--expires"]

    for end in ("P90D", "2090-01-01T00:00:00Z"):
        done = CliRunner().invoke(main, [*create, end])
        assert (done.exit_code, kind_of(done.stdout)) == (0, "live")
    for wrong in ("90", "P0D", "2090-01-01T00:00:00", "2020-01-01T00:00:00Z", "soon", "P999999999D"):
        assert CliRunner().invoke(main, [*create, wrong]).exit_code == 2
