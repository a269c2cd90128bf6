"""Who was shown which person or text stands on record, before they see it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from secor_workflow.database.engine import open_engine
from workflow.api.caller import refused
from workflow.api.life import Life, a_life, somebody
from workflow.api.service import Service, on_both_engines
from workflow.files import pdf

pytestmark = on_both_engines


@pytest.fixture
def life(service: Service) -> Life:
    return a_life(service, "ChampionNamed")


def test_each_reading_of_a_person_is_on_record(service: Service, life: Life) -> None:
    person_id = life.case()["contact_id"]
    service.staff.get(f"/v1/people/{person_id}", headers={"X-Request-ID": "why-i-look"})
    life.employer.read(f"/v1/people/{person_id}")
    ada = somebody()
    person_id = life.do("update-employer", contact=ada)["case"]["contact_id"]
    service.staff.get(f"/v1/people/{person_id}", headers={"X-Request-ID": "why-i-look"})
    service.notifier.read(f"/v1/people/{person_id}")
    service.admin.post("/v1/people:find", json={"email": ada["email"]})

    reads = service.admin.read(f"/v1/people/{person_id}/reads")["items"]

    assert [(read["actor_id"], read["role"], read["operation"]) for read in reads] == [
        ("root", "admin", "find_people"), ("postman", "notifier", "read_person"), ("clerk", "staff", "read_person"),
    ]  # fmt: skip
    assert reads[-1]["request_id"] == "why-i-look"


def test_the_texts_of_the_case_are_among_them_and_pages_lead_on(service: Service, life: Life) -> None:
    person_id = life.case()["contact_id"]
    text_id = life.do("place-hold", reason="Ada is ill.")["case"]["hold"]["reason_id"]
    service.staff.read(f"/v1/people/{person_id}")
    service.reviewer.read(f"/v1/texts/{text_id}")

    first = service.admin.get(f"/v1/people/{person_id}/reads", params={"limit": 1})
    following = service.admin.get(first.links["next"]["url"]).json()

    assert [read["text_id"] for read in first.json()["items"]] == [text_id]
    assert [read["text_id"] for read in following["items"]] == [None]
    assert following["next"] is None


def test_what_one_actor_was_shown_is_listed_over_all_people_and_texts(service: Service, life: Life) -> None:
    other = a_life(service, "Registered")
    kim = service.new_caller("staff", actor_id="kim")
    contacts = [one.case()["contact_id"] for one in (life, other)]
    text_id = life.do("place-hold", reason="Ada is ill.")["case"]["hold"]["reason_id"]
    for path in (*(f"/v1/people/{contact}" for contact in contacts), f"/v1/texts/{text_id}"):
        kim.read(path)
        service.staff.read(path)

    first = service.admin.get("/v1/people/reads", params={"actor_id": "kim", "limit": 2})
    following = service.admin.get(first.links["next"]["url"]).json()

    assert [(one["case_id"], one["person_id"], one["text_id"]) for one in first.json()["items"]] == [
        (life.case_id, None, text_id), (other.case_id, contacts[1], None),
    ]  # fmt: skip
    assert [(one["actor_id"], one["person_id"]) for one in following["items"]] == [("kim", contacts[0])]
    assert following["next"] is None


def test_what_nobody_read_is_an_empty_list_and_a_misspelt_actor_is_none(service: Service) -> None:
    service.new_key("staff", actor_id="lee")

    assert service.admin.read("/v1/people/reads", actor_id="lee") == {"items": [], "next": None}
    refused(service.admin.get("/v1/people/reads", params={"actor_id": "leee"}), 404, "not_found")
    refused(service.admin.get("/v1/people/reads", params={"actor_id": "lee", "cursor": "x"}), 400, "bad_cursor")
    refused(service.admin.get("/v1/people/reads"), 422, "invalid_request")
    refused(service.staff.get("/v1/people/reads", params={"actor_id": "lee"}), 403, "forbidden")


def test_what_is_not_shown_is_not_on_record(service: Service, life: Life) -> None:
    person_id = life.case()["contact_id"]
    stranger = service.new_employer(service.new_account())
    refused(stranger.get(f"/v1/people/{person_id}"), 404)
    refused(service.reader.get(f"/v1/people/{person_id}"), 403)
    service.admin.post(f"/v1/people/{person_id}:erase", json={"reason": "Asked to be."})
    refused(service.staff.get(f"/v1/people/{person_id}"), 410)

    assert service.admin.read(f"/v1/people/{person_id}/reads") == {"items": [], "next": None}


def test_many_who_look_at_once_are_all_on_record(service: Service, life: Life) -> None:
    person_id = life.case()["contact_id"]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: service.notifier.read(f"/v1/people/{person_id}"), range(40)))

    assert len(service.admin.read(f"/v1/people/{person_id}/reads", limit=200)["items"]) == 40


def test_only_an_admin_reads_the_record(service: Service, life: Life) -> None:
    path = f"/v1/people/{life.case()['contact_id']}/reads"
    for role in ("staff", "qa_reviewer", "integration", "reader", "notifier"):
        refused(service.of_role(role).get(path), 403, "forbidden")
    refused(life.employer.get(path), 403, "forbidden")
    refused(service.admin.get(path, params={"cursor": "x"}), 400, "bad_cursor")
    refused(service.admin.get("/v1/people/00000000-0000-7000-8000-000000000000/reads"), 404, "not_found")


@pytest.mark.parametrize("change", ["UPDATE people_reads SET actor_id = 'me'", "DELETE FROM people_reads"])
def test_the_database_itself_keeps_the_record(service: Service, life: Life, change: str) -> None:
    service.staff.read(f"/v1/people/{life.case()['contact_id']}")

    async def try_it() -> None:
        engine = open_engine(service.settings.database)
        try:
            async with engine.begin() as connection:
                await connection.execute(sa.text(change))
        finally:
            await engine.dispose()

    with pytest.raises(DBAPIError, match=r"append-only|stay for a year"):
        asyncio.run(try_it())


def test_who_is_shown_the_name_of_a_file_is_on_record(service: Service, life: Life) -> None:
    """A file name is a text like others, and may name somebody: in a list, beside a document, with its bytes."""
    document = life.document("supporting", pdf("private"), "Ada's burns.pdf")
    path = f"{life.path}/documents"
    service.staff.read(path)
    service.reviewer.read(f"{path}/{document['document_id']}")
    assert service.integration.get(document["content"]).status_code == 200
    assert service.admin.head(document["content"]).status_code == 200

    reads = service.admin.read(f"/v1/people/{life.case()['contact_id']}/reads")["items"]

    assert [(read["role"], read["operation"]) for read in reads] == [
        ("admin", "read_content"), ("integration", "read_document_content"), ("qa_reviewer", "read_document"),
        ("staff", "list_documents"),
    ]  # fmt: skip
    (filename_id,) = {read["text_id"] for read in reads}
    assert service.staff.read(f"/v1/texts/{filename_id}")["text"] == "Ada's burns.pdf"


def test_a_request_id_that_holds_somebody_s_number_is_not_kept(service: Service, life: Life) -> None:
    person_id = life.case()["contact_id"]
    answer = service.staff.get(f"/v1/people/{person_id}", headers={"X-Request-ID": "604-555-0142"})

    (read,) = service.admin.read(f"/v1/people/{person_id}/reads")["items"]
    assert read["request_id"] == answer.headers["x-request-id"] != "604-555-0142"
