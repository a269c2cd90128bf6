"""Every field that is promised of a case stands in it, whatever its state; people stand in it as ids only."""

from typing import Any
from uuid import UUID

import pytest

from secor_workflow.api.views import case_text, case_view
from secor_workflow.domain.context import Actor, Role
from workflow.api.life import STATES, a_life
from workflow.api.service import Service
from workflow.domain.examples import BY_STATE

FIELDS = {
    "case_id", "state", "version", "position", "employer", "contact_id", "champion", "self_assessment", "notice",
    "audit", "qa", "certificate", "incentive_estimate", "hold", "standing", "deadlines", "allowed_commands",
}  # fmt: skip

PARTS = {
    "employer": {"legal_name", "trade_name", "worksafebc_account", "classification_units", "headcount", "base_premium"},
    "champion": {"person_id", "employment", "trained_on", "qualified_until"},
    "self_assessment": {"assessed", "total", "gaps"},
    "notice": {"audit_kind", "starts_on", "ends_on", "sites", "scope"},
    "audit": {
        "round", "started_on", "ended_on", "submitted_on", "late", "scorecard", "documents", "reviewer", "notes",
    },
    "qa": {"result", "overall", "failed_elements"},
    "certificate": {"number", "issued_on", "expires_on"},
    "incentive_estimate": {"amount", "currency", "explanation"},
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_a_case_has_every_field_in_every_state(service: Service, state: str) -> None:
    case = a_life(service, state).case()

    assert case.keys() >= FIELDS
    for part, fields in PARTS.items():
        assert case[part] is None or case[part].keys() >= fields
    deadline_fields = {"name", "due_on", "owner", "missed", "anchor", "explanation"}
    assert all(deadline.keys() >= deadline_fields for deadline in case["deadlines"])


@pytest.mark.parametrize("state", STATES)
def test_a_case_as_text_is_what_its_model_writes(state: str) -> None:
    given = BY_STATE[state]
    ctx = given.context(given.actor or Actor("clerk", Role.STAFF))

    assert case_text(given.case, ctx).decode() == case_view(given.case, ctx).model_dump_json()


def test_a_case_that_went_all_the_way_has_every_part_filled(service: Service) -> None:
    life = a_life(service, "AuditSubmitted")
    premium = {"amount": "1200.00", "currency": "CAD"}
    life.do("update-employer", employer=life.case()["employer"] | {"base_premium": premium})
    life.do("place-hold", reason="Fire.", review_on=service.on(9))
    life.do("record-standing", good=True, as_of=service.on(0))
    life.assign_reviewer()
    noted = life.do("return-audit", service.reviewer, notes=[{"element": "hazards", "text": "More."}])
    answers = [{"note_id": noted["case"]["audit"]["notes"][0]["note_id"], "text": "Here."}]
    life.do("resubmit-audit", life.employer, **life.audit(), answers=answers)
    life.do("decide-qa", service.reviewer)

    case = life.certify()["case"]

    assert [field for field in FIELDS if case[field] is None] == []
    assert case["audit"]["notes"][0].keys() >= {"note_id", "element", "answered"}
    assert case["standing"] == {"good": True, "as_of": service.on(0)}
    assert case["hold"]["review_on"] == service.on(9)


def test_money_is_a_decimal_string_and_ids_are_uuids_of_version_7(service: Service) -> None:
    life = a_life(service, "Registered")
    life.do("update-employer", employer=life.case()["employer"] | {"base_premium": {"amount": "1200.5"}})
    life.name_champion()

    case: dict[str, Any] = life.case()

    assert case["employer"]["base_premium"] == {"amount": "1200.50", "currency": "CAD"}
    for an_id in (case["case_id"], case["contact_id"], case["champion"]["person_id"], life.history()[0]["id"]):
        assert UUID(an_id).version == 7


def test_instants_are_utc_and_end_in_z(service: Service) -> None:
    life = a_life(service, "Registered")

    assert life.history()[0]["time"].endswith("Z")
    assert service.admin.read("/v1/sandbox/clock")["now"].endswith("Z")
