"""An admin erases a document's bytes for good, wherever in its case they stand; the log says what there was."""

from pathlib import Path
from typing import Any

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service
from workflow.files import pdf


@pytest.fixture
def life(service: Service) -> Life:
    return a_life(service, "Registered")


def erase(life: Life, document: dict[str, Any]) -> dict[str, Any]:
    answer = life.service.admin.post(
        f"{life.path}/documents/{document['document_id']}:erase", json={"reason": "Somebody asked for it."}
    )
    assert answer.status_code == 200, answer.text
    erased: dict[str, Any] = answer.json()
    return erased


def kept_of(life: Life) -> list[Path]:
    folder = Path(life.service.settings.documents.removeprefix("file://"))
    return [path for path in (folder / life.case_id).rglob("*") if path.is_file()]


def test_bytes_and_name_are_gone_and_the_log_stays(life: Life) -> None:
    document = life.document("supporting", pdf("private"), "Ada's burns.pdf")
    history = life.history()

    erased = erase(life, document)

    assert (erased["sha256"], erased["documents"]) == (document["sha256"], [document["document_id"]])
    assert kept_of(life) == []
    found = life.employer.read(f"{life.path}/documents/{document['document_id']}")
    assert found == document | {"filename": None, "erased_at": erased["erased_at"]}
    refused(life.employer.get(document["content"]), 410, "erased")
    assert life.employer.head(document["content"]).status_code == 410
    assert life.history() == history


def test_every_document_of_the_case_with_these_bytes_goes_and_no_other(life: Life) -> None:
    one, same = life.document("supporting", pdf("a")), life.document("action_plan", pdf("a"))
    other = life.document("supporting", pdf("b"))
    neighbour = a_life(life.service, "Registered")
    of_neighbour = neighbour.document("supporting", pdf("a"))

    assert erase(life, one)["documents"] == [one["document_id"], same["document_id"]]

    refused(life.employer.get(same["content"]), 410, "erased")
    assert life.employer.get(other["content"]).content == pdf("b")
    assert neighbour.employer.get(of_neighbour["content"]).content == pdf("a")


def test_erasing_is_safe_to_repeat(life: Life) -> None:
    document = life.document()

    assert erase(life, document) == erase(life, document)


def test_what_was_erased_is_not_handed_in_again_nor_submitted(service: Service) -> None:
    life = a_life(service, "NoticeFiled")
    service.live_through(15)
    audit = life.audit()
    (tool, _) = audit["documents"]
    erase(life, tool)

    problem = refused(life.send("submit-audit", life.employer, **audit), 409, "unknown_document")
    assert problem["errors"] == [{"pointer": "/documents/0/document_id", "detail": problem["detail"]}]
    refused(life.hand_in("audit_tool", pdf("audit_tool")), 410, "erased")
    refused(life.hand_in("supporting", pdf("audit_tool")), 410, "erased")
    assert len(kept_of(life)) == 1


def test_an_erased_document_may_be_withdrawn(life: Life) -> None:
    document = life.document()
    erase(life, document)

    life.do("withdraw-document", life.employer, document_id=document["document_id"])


@pytest.mark.parametrize("role", ["staff", "qa_reviewer", "integration", "reader", "notifier"])
def test_nobody_but_an_admin_erases(life: Life, role: str) -> None:
    document = life.document()
    path = f"{life.path}/documents/{document['document_id']}:erase"

    refused(life.service.of_role(role).post(path, json={"reason": "Why not."}), 403, "forbidden")
    refused(life.service.admin.post(path, json={}), 422, "invalid_request")
    assert life.employer.get(document["content"]).status_code == 200
