"""An audit is submitted with documents that are really there, and each round keeps its own."""

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service
from workflow.files import xlsx


@pytest.fixture
def life(service: Service) -> Life:
    """A case whose audit took place and is not submitted yet."""
    life = a_life(service, "NoticeFiled")
    service.live_through(15)
    return life


def test_an_audit_pins_what_was_handed_in(life: Life) -> None:
    done = life.do("submit-audit", life.employer, **life.audit())

    pinned = done["event"]["data"]["fact"]["documents"]
    there = life.employer.read(f"{life.path}/documents")["items"]
    keys = ("kind", "document_id", "sha256", "size", "media_type")
    assert pinned == done["case"]["audit"]["documents"] == [{key: one[key] for key in keys} for one in there]
    assert [one["submitted"] for one in there] == [True, True]


def test_a_document_that_nobody_handed_in_is_not_submitted(life: Life) -> None:
    audit = life.audit()
    unknown = "0195c1d0-5ec0-7000-8000-000000000001"
    audit["documents"][1]["document_id"] = unknown

    problem = refused(life.send("submit-audit", life.employer, **audit), 409, "unknown_document")

    assert unknown in problem["detail"]
    assert f"POST {life.path}/documents" in problem["detail"]
    assert [error["pointer"] for error in problem["errors"]] == ["/documents/1/document_id"]


def test_a_document_of_another_case_is_not_submitted(life: Life) -> None:
    other = a_life(life.service, "Registered").document("scorecard", xlsx(), "scorecard.xlsx")
    audit = life.audit()
    audit["documents"][1]["document_id"] = other["document_id"]

    refused(life.send("submit-audit", life.employer, **audit), 409, "unknown_document")


def test_a_withdrawn_document_is_not_submitted_and_a_submitted_one_is_not_withdrawn(life: Life) -> None:
    audit, extra = life.audit(), life.document("supporting")
    life.do("withdraw-document", life.employer, document_id=extra["document_id"])
    more = audit["documents"] + [{"kind": "supporting", "document_id": extra["document_id"]}]

    refused(life.send("submit-audit", life.employer, **audit | {"documents": more}), 409, "unknown_document")
    life.do("submit-audit", life.employer, **audit)
    submitted = {"document_id": audit["documents"][0]["document_id"]}
    refused(life.send("withdraw-document", life.employer, **submitted), 409, "document_submitted")
