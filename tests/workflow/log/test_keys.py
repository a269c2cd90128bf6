"""Keys: only a digest is kept; what one process makes or revokes, the others know."""

import pytest

from databases import PostgresServer
from secor_workflow.api.rooms import Rooms
from secor_workflow.domain.context import Role
from secor_workflow.keys import Key
from workflow.log.clerks import a_clerk
from workflow.log.files import holds
from workflow.log.services import a_service


async def made(rooms: Rooms, role: Role = Role.STAFF, idempotency_key: str | None = None) -> tuple[Key, str | None]:
    return await rooms.keys.create(
        actor_id="staff-1",
        role=role,
        name="the front desk",
        account=None,
        by="admin-1",
        now=rooms.clock.now(),
        idempotency_key=idempotency_key,
    )


async def secret_of(rooms: Rooms) -> tuple[Key, str]:
    key, secret = await made(rooms)
    assert secret is not None
    return key, secret


async def test_a_key_opens_and_says_who_comes(rooms: Rooms) -> None:
    key, secret = await secret_of(rooms)

    found = await rooms.keys.authenticate(secret)

    assert found == key
    assert (key.actor.id, key.actor.role) == ("staff-1", Role.STAFF)


@pytest.mark.parametrize("wrong", ["", "secor_", "secor_unknown", "x", "\ud800", "secor_\0"])
async def test_what_is_no_key_opens_nothing(rooms: Rooms, wrong: str) -> None:
    await made(rooms)

    assert await rooms.keys.authenticate(wrong) is None


async def test_only_a_digest_of_a_key_is_at_rest(
    rooms: Rooms, engine_kind: str, request: pytest.FixtureRequest
) -> None:
    server: PostgresServer | None = request.getfixturevalue("postgres") if engine_kind == "postgresql" else None

    key, secret = await secret_of(rooms)

    assert await holds(rooms.log, key.prefix, secret, server=server) == {key.prefix}
    assert secret not in repr(key)


async def test_a_revoked_key_opens_nothing(rooms: Rooms) -> None:
    key, secret = await secret_of(rooms)

    await rooms.keys.revoke(key.key_id, rooms.clock.now())

    assert await rooms.keys.authenticate(secret) is None
    assert not rooms.keys.has_role("staff-1", Role.STAFF)


async def test_revoking_twice_keeps_the_first_time(rooms: Rooms) -> None:
    key, _ = await secret_of(rooms)
    await rooms.keys.revoke(key.key_id, rooms.clock.now())
    before = rooms.keys.find(key.key_id)

    await rooms.keys.revoke(key.key_id, rooms.clock.now())

    assert before is not None
    assert rooms.keys.find(key.key_id) == before


async def test_a_key_asked_for_twice_is_made_once(rooms: Rooms) -> None:
    first, secret = await made(rooms, idempotency_key="once")
    again, nothing = await made(rooms, idempotency_key="once")

    assert secret
    assert (again, nothing) == (first, None)
    assert len(rooms.keys.all()) == 1


async def test_another_process_s_key_opens_at_once_and_no_longer_once_its_revocation_is_read(
    url: str, rooms: Rooms
) -> None:
    async with a_clerk(url) as clerk:
        made = await clerk.ask("create_key")
        key = await rooms.keys.authenticate(made["secret"])
        assert key is not None
        assert key.role is Role.QA_REVIEWER

        await clerk.ask("revoke_key", key_id=made["key_id"])
        await rooms.keys.refresh()

    assert await rooms.keys.authenticate(made["secret"]) is None


async def test_a_key_revoked_before_it_was_ever_seen_opens_nothing(url: str, rooms: Rooms) -> None:
    async with a_service(url) as other:
        key, secret = await secret_of(other)
        await other.keys.revoke(key.key_id, other.clock.now())

    assert await rooms.keys.authenticate(secret) is None


async def test_the_keys_are_known_again_after_a_restart(url: str, rooms: Rooms) -> None:
    key, secret = await secret_of(rooms)

    async with a_service(url) as restarted:
        assert await restarted.keys.authenticate(secret) == key
        assert restarted.keys.has_role("staff-1", Role.STAFF)
