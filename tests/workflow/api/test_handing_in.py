"""Documents are handed in as a form or as bytes; the same bytes are the same document, and the name is no fact."""

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service
from workflow.files import PDF, PNG, XLSX, pdf, png, xlsx


@pytest.fixture
def life(service: Service) -> Life:
    return a_life(service, "Registered")


def content_digest(content: bytes) -> dict[str, str]:
    return {"Content-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"}


def raw(
    life: Life, content: bytes, kind: str = "supporting", name: str = "paper.pdf", **headers: str
) -> httpx.Response:
    told = {"Content-Type": "application/octet-stream", **content_digest(content), **headers}
    return life.employer.post(
        f"{life.path}/documents", params={"kind": kind, "filename": name}, content=content, headers=told
    )


def listed(life: Life) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = life.employer.read(f"{life.path}/documents")["items"]
    return items


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [(pdf(), "audit.pdf", PDF), (xlsx(), "scores.xlsx", XLSX), (png(), "photo.PNG", PNG), (png(7), "no ending", PNG)],
)
def test_a_form_becomes_a_document(life: Life, content: bytes, name: str, media_type: str) -> None:
    answer = life.hand_in("supporting", content, name)

    assert answer.status_code == 201
    document = answer.json()
    assert answer.headers["location"] == f"{life.path}/documents/{document['document_id']}"
    assert document == {
        "document_id": document["document_id"],
        "case_id": life.case_id,
        "kind": "supporting",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "media_type": media_type,
        "filename": name,
        "added_on": life.service.on(0),
        "added_by": f"employer-{life.account}",
        "submitted": False,
        "withdrawn": False,
        "erased_at": None,
        "content": f"{answer.headers['location']}/content",
    }
    assert life.employer.read(answer.headers["location"]) == document
    assert listed(life) == [document]
    assert life.employer.get(document["content"]).content == content


@pytest.mark.parametrize("media_type", ["application/octet-stream", PDF])
def test_bytes_alone_become_a_document_too(life: Life, media_type: str) -> None:
    answer = raw(life, pdf("raw"), "audit_tool", "audit.pdf", **{"Content-Type": media_type})

    assert answer.status_code == 201
    assert (answer.json()["kind"], answer.json()["filename"]) == ("audit_tool", "audit.pdf")
    assert life.employer.get(answer.json()["content"]).content == pdf("raw")


def test_a_digest_beside_others_counts(life: Life) -> None:
    sha256 = content_digest(pdf())["Content-Digest"]

    assert raw(life, pdf(), **{"Content-Digest": f"sha-512=:AAAA:, {sha256}"}).status_code == 201


def test_the_event_tells_the_bytes_and_not_the_name(life: Life) -> None:
    document = life.document(name="Fire at Ada Quillfeather's.pdf")

    event = life.history()[-1]

    assert event["type"] == "ca.go2hr.secor.DocumentAdded.v1"
    assert event["data"]["fact"].keys() == {"document_id", "kind", "sha256", "size", "media_type", "filename_id"}
    assert "Quillfeather" not in str(life.history())
    name = life.service.staff.read(f"/v1/texts/{event['data']['fact']['filename_id']}")
    assert name["text"] == document["filename"] == "Fire at Ada Quillfeather's.pdf"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\audit.pdf", "audit.pdf"),
        ("..", "document"),
        ("a\u202efdp.pdf", "afdp.pdf"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("réunion d’été.pdf", "réunion d’été.pdf"),
    ],
)
def test_a_name_leads_to_no_other_place_and_hides_nothing(life: Life, told: str, kept: str) -> None:
    assert life.document(name=told)["filename"] == kept


def test_the_same_bytes_as_the_same_kind_are_the_same_document(life: Life) -> None:
    first = life.document("supporting", pdf(), "one.pdf")
    version = life.case()["version"]

    for again in (life.hand_in("supporting", pdf(), "other.pdf"), raw(life, pdf())):
        assert again.status_code == 200
        assert again.json() == first
        assert again.headers["location"] == f"{life.path}/documents/{first['document_id']}"
    assert life.case()["version"] == version


def test_the_same_bytes_as_another_kind_are_another_document(life: Life) -> None:
    life.document("supporting", pdf())

    assert life.hand_in("action_plan", pdf()).status_code == 201
    assert len(listed(life)) == 2


def test_two_who_hand_in_the_same_at_once_get_one_document(life: Life) -> None:
    with ThreadPoolExecutor(6) as together:
        answers = list(together.map(lambda _: life.hand_in("supporting", pdf("both"), by=life.service.staff), range(6)))

    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.json()["document_id"] for answer in answers}) == 1
    assert len(listed(life)) == 1


def test_a_retry_with_its_key_gets_the_recorded_answer_whatever_became_of_the_case(life: Life) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first = life.hand_in("supporting", pdf(), headers=key)
    life.do("withdraw-document", life.employer, document_id=first.json()["document_id"])
    life.close()

    again = life.hand_in("supporting", pdf(), headers=key)

    assert again.status_code == 201
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["document_id"] == first.json()["document_id"]


def test_a_key_is_good_for_one_file(life: Life) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    life.hand_in("supporting", pdf(), headers=key)

    refused(life.hand_in("supporting", pdf("other"), headers=key), 422, "idempotency_key_reused")
    refused(life.hand_in("action_plan", pdf(), headers=key), 422, "idempotency_key_reused")
    assert len(listed(life)) == 1


def test_a_document_is_handed_in_only_to_the_case_that_its_sender_knows(life: Life) -> None:
    life.name_champion()

    refused(life.hand_in(headers={"If-Match": '"1"'}), 412, "stale_version")
    assert life.hand_in(headers={"If-Match": '"2"'}).status_code == 201


@pytest.mark.parametrize("role", ["staff", "qa_reviewer", "integration", "reader", "notifier", "admin"])
def test_employer_and_staff_hand_in_and_nobody_else(life: Life, role: str) -> None:
    answer = life.hand_in(by=life.service.of_role(role))

    if role == "staff":
        assert answer.status_code == 201
    else:
        refused(answer, 403, "role_not_allowed")


def test_what_may_be_done_now_says_where_a_document_goes(life: Life) -> None:
    (told,) = [c for c in life.employer.read(f"{life.path}/commands")["items"] if c["command"] == "add-document"]

    assert told["href"] == f"{life.path}/documents"
    assert life.service.nobody.read(told["schema_href"])["required"] == ["kind", "file"]
    said = refused(life.send("add-document"), 404, "not_found")["detail"]
    assert "/v1/cases/{case_id}/documents" in said


def test_a_document_is_withdrawn_before_it_is_submitted(life: Life) -> None:
    document = life.document()

    life.do("withdraw-document", life.employer, document_id=document["document_id"])

    assert [found["withdrawn"] for found in listed(life)] == [True]
    refused(life.employer.get(document["content"]), 410, "document_withdrawn")
    assert life.hand_in().status_code == 201


@pytest.mark.parametrize("name", ["paper.pdf", ""])
def test_who_knows_nothing_of_a_case_hands_nothing_in(life: Life, name: str) -> None:
    stranger = a_life(life.service, "Registered")

    refused(life.hand_in(by=stranger.employer), 404, "not_found")
    assert listed(life) == []
