"""Who is one person: known in every process, after a restart too, and over several links; taken back, it is gone."""

from pathlib import Path

from secor_workflow.api.rooms import Rooms
from secor_workflow.clock import true_now
from secor_workflow.credentials.email import digest_of
from secor_workflow.credentials.identities import derived
from secor_workflow.domain.context import Role
from workflow.identity.rooms import a_service

ISSUER = "https://login.example.org"


def come(rooms: Rooms, subject: str, email: str | None = None) -> str:
    """Somebody comes with a token; as whom they act."""
    return rooms.identities.saw(ISSUER, subject, Role.STAFF, digest_of(email) if email else None)


async def say(rooms: Rooms, actor_id: str, email: str) -> None:
    await rooms.persons.say(actor_id, email, by="root", now=true_now())


async def link(rooms: Rooms, actor_id: str, subject: str) -> None:
    await rooms.identities.link(actor_id, ISSUER, subject, by="root", now=true_now())


async def test_whoever_is_not_joined_to_anybody_is_themselves(tmp_path: Path) -> None:
    async with a_service(tmp_path) as rooms:
        await say(rooms, "kim", "kim@example.org")
        await say(rooms, "lee", "lee@example.org")

        assert rooms.persons.same_as("kim") == {"kim"}
        assert rooms.persons.same_as("nobody") == {"nobody"}
        assert rooms.persons.with_email("nobody@example.org") == frozenset()


async def test_a_person_is_joined_over_links_addresses_and_both(tmp_path: Path) -> None:
    async with a_service(tmp_path) as rooms:
        before = come(rooms, "kim's subject", "kim@example.org")
        await link(rooms, "kim", "kim's subject")
        other = come(rooms, "kim's other subject", "KIM@example.org")
        await say(rooms, "kim-desk", "Kim@Example.org")

        everybody = {"kim", before, other, "kim-desk"}

        assert before == derived(ISSUER, "kim's subject")
        assert all(rooms.persons.same_as(one) == everybody for one in everybody)
        assert rooms.persons.with_email("kim@example.org") == everybody


async def test_what_is_said_in_one_process_is_known_in_another_within_a_refresh(tmp_path: Path) -> None:
    async with a_service(tmp_path) as here, a_service(tmp_path) as there:
        await say(here, "kim", "kim@example.org")
        await say(here, "kim-desk", "kim@example.org")
        await there.persons.refresh()
        assert there.persons.same_as("kim") == {"kim", "kim-desk"}

        await here.persons.forget("kim-desk")
        await there.persons.refresh()
        assert there.persons.same_as("kim") == {"kim"}


async def test_a_verified_address_is_remembered_after_a_restart_and_by_a_token_without_one(tmp_path: Path) -> None:
    async with a_service(tmp_path) as rooms:
        come(rooms, "one", "kim@example.org")
        come(rooms, "two", "kim@example.org")
        come(rooms, "two")
        await rooms.identities.note_seen()

    async with a_service(tmp_path) as rooms:
        come(rooms, "two")
        await rooms.identities.note_seen()
        assert len(rooms.persons.with_email("kim@example.org")) == 2


async def test_another_verified_address_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    async with a_service(tmp_path) as rooms:
        actor = come(rooms, "one", "before@example.org")
        assert rooms.persons.with_email("before@example.org") == {actor}

        come(rooms, "one", "after@example.org")

        assert rooms.persons.with_email("before@example.org") == frozenset()
        assert rooms.persons.with_email("after@example.org") == {actor}


async def test_unlinking_splits_a_person_again(tmp_path: Path) -> None:
    async with a_service(tmp_path) as rooms:
        before = come(rooms, "subject")
        await link(rooms, "kim", "subject")
        assert rooms.persons.same_as("kim") == {"kim", before}

        await rooms.identities.unlink(rooms.identities.of("kim")[0].identity_id)

        assert rooms.persons.same_as("kim") == {"kim"}


async def test_whoever_came_was_linked_or_said_is_known(tmp_path: Path) -> None:
    async with a_service(tmp_path) as rooms:
        actor = come(rooms, "subject")
        await say(rooms, "kim", "kim@example.org")

        assert [rooms.persons.is_known(one) for one in (actor, "kim", "lee")] == [True, True, False]
