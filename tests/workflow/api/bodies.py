"""A well-formed body for each command; whether it is granted is another question."""

from typing import Any

from workflow.api.life import COURSE, ELEMENTS, documents, employer_of, scorecard, somebody
from workflow.files import pdf

A_DAY = "2026-06-01"
REASON: dict[str, Any] = {"reason": "Because."}
NOTICE: dict[str, Any] = {
    "audit_kind": "certification", "starts_on": A_DAY, "ends_on": A_DAY, "sites": [{"name": "Hut", "city": "Hope"}],
}  # fmt: skip
AUDIT: dict[str, Any] = {
    "started_on": A_DAY, "ended_on": A_DAY, "scorecard": scorecard(), "documents": documents(),
}  # fmt: skip
CHAMPION: dict[str, Any] = {"person": somebody(), "employment": "owner"}

BODIES: dict[str, dict[str, Any]] = {
    "update-employer": {"employer": employer_of("12345678")},
    "name-champion": CHAMPION,
    "replace-champion": CHAMPION | REASON,
    "enrol-in-training": {"course": COURSE, "starts_on": A_DAY},
    "record-training": {"course": COURSE, "completed_on": A_DAY},
    "record-self-assessment": {"elements": [{"code": ELEMENTS[0], "status": "gap"}]},
    "declare-sms": {},
    "file-notice": NOTICE,
    "accept-notice": {},
    "refuse-notice": REASON,
    "amend-notice": NOTICE,
    "cancel-notice": REASON,
    "withdraw-document": {"document_id": "01940000-0000-7000-8000-000000000000"},
    "submit-audit": AUDIT,
    "resubmit-audit": AUDIT | {"answers": [{"note_id": "01940000-0000-7000-8000-000000000000", "text": "Yes."}]},
    "record-advice": {"adviser": "clerk", "advised_on": A_DAY, "words": "Train everybody."},
    "assign-reviewer": {"reviewer": "reviewer"},
    "return-audit": {"notes": [{"text": "More."}]},
    "reject-audit": REASON,
    "decide-qa": {},
    "forward-to-worksafebc": {},
    "record-certificate": {"certificate_number": "1", "issued_on": A_DAY},
    "record-worksafebc-refusal": REASON,
    "record-standing": {"good": True, "as_of": A_DAY},
    "place-hold": REASON,
    "release-hold": {},
    "extend-deadline": {"deadline": "idle", "due_on": A_DAY} | REASON,
    "erase-person": REASON,
    "withdraw": REASON,
    "close": {"reason": "inactive"},
}

A_FORM: dict[str, Any] = {"data": {"kind": "supporting"}, "files": {"file": ("paper.pdf", pdf())}}


def sent(command: str) -> dict[str, Any]:
    """A well-formed request for a command, as the client takes it: all but one are JSON."""
    return A_FORM if command == "add-document" else {"json": BODIES[command]}
