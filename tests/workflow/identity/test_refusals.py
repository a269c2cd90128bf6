"""Refusals are on record: who, what, when and why; nothing secret, nothing lost but a flood, nothing for ever."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from secor_workflow.api.rooms import Rooms
from secor_workflow.database.engine import exclusive
from secor_workflow.database.tables import refusals
from secor_workflow.domain.context import Role
from secor_workflow.refusals import DROPPED, Refusal
from workflow.api.caller import refused
from workflow.api.life import a_life
from workflow.api.service import Service
from workflow.identity.rooms import a_service


def newest(service: Service, **find: Any) -> dict[str, Any]:  # noqa: ANN401 (parameters of every type)
    found: dict[str, Any] = service.admin.read("/v1/refusals", limit=1, **find)["items"][0]
    return found


def test_a_failed_authentication_is_on_record_without_the_credential(service: Service) -> None:
    secret = "secor_" + "x" * 43
    service.caller(secret).get("/v1/keys")

    told = newest(service, operation="list_keys")

    assert (told["actor_id"], told["role"], told["status"], told["code"]) == (None, None, 401, "unauthenticated")
    assert (told["why"], told["address"], told["case_id"]) == ("unknown", "127.0.0.1", None)
    assert secret not in json.dumps(service.admin.read("/v1/refusals", limit=200))


@pytest.mark.parametrize("said", ["robin@example.com", "604-555-0142", "Robin Marsh", "x" * 300])
def test_an_address_that_is_none_is_not_on_record(service: Service, said: str) -> None:
    """What a proxy passes on may be whatever somebody typed."""
    service.nobody.get("/v1/keys", headers={"X-Forwarded-For": said})

    assert newest(service, operation="list_keys")["address"] in {"unknown", "127.0.0.1"}


def test_who_was_forbidden_what_is_on_record(service: Service) -> None:
    refused(service.reader.post("/v1/keys", json={"role": "admin", "name": "a secret wish"}), 403)

    told = newest(service, actor_id="dashboard")

    assert (told["role"], told["operation"], told["code"]) == ("reader", "create_key", "forbidden")
    assert "a secret wish" not in json.dumps(told)


def test_what_guards_refuse_is_on_record_with_the_case_and_every_guard(service: Service) -> None:
    life = a_life(service, "Registered")
    problem = refused(life.send("file-notice", life.employer, **life.notice()), 409)

    told = newest(service, case_id=life.case_id)

    assert (told["operation"], told["status"], told["code"]) == ("file_notice", 409, problem["code"])
    assert told["why"].split(",") == [blocker["code"] for blocker in problem["blockers"]]
    assert told["actor_id"] == f"employer-{life.account}"


def test_what_is_wrong_by_itself_is_no_refusal(service: Service) -> None:
    before = newest(service)

    service.staff.post("/v1/cases", json={"no": "such field"})
    service.staff.get("/v1/nonsense")
    service.staff.get(f"/v1/cases/{uuid4()}")

    assert newest(service) == before


def test_the_record_is_found_by_its_parts_and_paged_from_the_newest(service: Service) -> None:
    for role in ("reader", "notifier", "staff"):
        service.of_role(role).get("/v1/refusals")
    first = service.admin.get("/v1/refusals", params={"operation": "list_refusals", "limit": 2})
    (one, two) = first.json()["items"]

    assert [one["actor_id"], two["actor_id"]] == ["clerk", "postman"]
    assert 'rel="next"' in first.headers["link"]
    following = service.admin.read("/v1/refusals", operation="list_refusals", cursor=first.json()["next"])
    assert following["items"][0]["actor_id"] == "dashboard"
    assert service.admin.read("/v1/refusals", since=in_(1))["items"] == []
    assert service.admin.read("/v1/refusals", until=in_(-3600))["items"] == []
    assert service.admin.read("/v1/refusals", status=403, code="forbidden", actor_id="clerk")["items"]
    refused(service.admin.get("/v1/refusals", params={"cursor": "x"}), 400, "bad_cursor")
    refused(service.admin.get("/v1/refusals", params={"since": "yesterday"}), 422, "invalid_request")


def in_(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def test_the_same_refusal_again_and_again_is_one_line_with_a_count(service: Service) -> None:
    life = a_life(service, "Registered")
    for _ in range(30):
        refused(service.reader.post(f"{life.path}/commands/place-hold", json={"reason": "No."}), 403)

    told = service.admin.read("/v1/refusals", case_id=life.case_id)["items"]

    assert sum(line["times"] for line in told) == 30
    assert len(told) < 10


# --- the record itself ---


def refusal(**more: Any) -> Refusal:  # noqa: ANN401 (fields of every type)
    said: dict[str, Any] = {
        "actor_id": None,
        "role": None,
        "address": "192.0.2.1",
        "operation": "read_me",
        "case_id": None,
        "status": 401,
        "code": "unauthenticated",
        "why": "unknown",
    }
    return Refusal(**said | more)


@pytest.fixture
async def rooms(database_url: str, tmp_path: Path) -> AsyncIterator[Rooms]:
    """Both engines keep what was written down."""
    async with a_service(tmp_path, database_url=database_url) as opened:
        yield opened


@pytest.mark.parametrize("change", ["UPDATE refusals SET code = 'fine'", "DELETE FROM refusals"])
async def test_the_database_itself_keeps_refusals_as_they_are(rooms: Rooms, change: str) -> None:
    rooms.refusals.note(refusal())
    await rooms.refusals.write()

    with pytest.raises(DBAPIError, match=r"append-only|30 days"):
        async with exclusive(rooms.log.engine) as connection:
            await connection.execute(sa.text(change))

    (kept,) = await rooms.refusals.page(limit=10)
    assert kept.refusal == refusal()


@pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)
async def test_nor_can_they_be_emptied(rooms: Rooms) -> None:
    with pytest.raises(DBAPIError, match="append-only"):
        async with exclusive(rooms.log.engine) as connection:
            await connection.execute(sa.text("TRUNCATE refusals"))


async def test_old_refusals_are_forgotten_and_young_ones_not(rooms: Rooms) -> None:
    rooms.refusals.note(refusal(why="young"))
    await rooms.refusals.write()
    (young,) = await rooms.refusals.page(limit=1)
    async with exclusive(rooms.log.engine) as connection:
        old = sa.select(refusals).where(refusals.c.refusal_id == young.refusal_id)
        row = dict((await connection.execute(old)).mappings().one())
        row |= {"refusal_id": uuid4(), "recorded_at": datetime.now(UTC) - timedelta(days=366)}
        await connection.execute(sa.insert(refusals), row)

    await rooms.refusals.forget()

    assert await rooms.refusals.page(limit=10) == [young]


async def test_a_flood_of_strangers_is_counted_not_written_and_hides_no_known_caller(tmp_path: Path) -> None:
    async with a_service(tmp_path, refusals_per_minute=50) as rooms:
        before = DROPPED._value.get()  # noqa: SLF001 (the library has no other way to read it)
        for number in range(10_000):
            rooms.refusals.note(refusal(address=f"192.0.2.{number}"))
        insider = refusal(actor_id="dashboard", role=Role.READER, status=403, code="forbidden", why="forbidden")
        rooms.refusals.note(insider)
        await rooms.refusals.write()

        kept = await rooms.refusals.page(limit=1000)
        assert len(kept) <= 101
        assert insider in [one.refusal for one in kept]
        assert DROPPED._value.get() - before >= 9_900  # noqa: SLF001 (as above)


async def test_what_happens_while_it_is_written_is_not_lost(tmp_path: Path) -> None:
    async with a_service(tmp_path) as rooms:
        rooms.refusals.note(refusal())
        async with exclusive(rooms.log.engine):  # another writer holds the database
            writing = asyncio.create_task(rooms.refusals.write())
            await asyncio.sleep(0)
            rooms.refusals.note(refusal())
        await writing
        await rooms.refusals.write()

        assert sum(one.times for one in await rooms.refusals.page(limit=10)) == 2


async def test_what_was_gathered_is_written_when_the_service_stops(tmp_path: Path) -> None:
    async with a_service(tmp_path) as rooms:
        rooms.refusals.note(refusal())
    async with a_service(tmp_path) as rooms:
        assert await rooms.refusals.page(limit=10)
