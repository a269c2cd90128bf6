"""Letters as tests put them: a case at a point of its life, the facts that call for each letter, and its readers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from notifier.given import CASE, CHAMPION, CONTACT, DUE, RULES
from notifier.stand_in import ELEMENTS
from secor_notifier.domain.case import Audit, CaseNow, Certificate, Champion, Employer, Money, Note, Notice
from secor_notifier.domain.digest import Contents, Line
from secor_notifier.domain.event import Deadline
from secor_notifier.domain.letters import (
    EXAMPLE,
    STOPPED,
    Addressee,
    Desk,
    Material,
    Written,
    names,
    write,
    write_digest,
    write_several,
    write_stopped,
)
from secor_notifier.domain.programme import Element, Policy
from secor_notifier.domain.recipients import Role

TODAY = DUE - timedelta(days=7)
STAFF_OWNED = {"notice_answer", "qa_decision", "forwarding", "idle"}
DESK = Desk("secor@go2hr.example")
POLICY = Policy(
    {one.code: one for one in TypeAdapter(list[Element]).validate_python(ELEMENTS)},
    notice_lead_days=14,
    student_audit_months=12,
)
FACTS: Mapping[str, Mapping[str, object]] = {
    "gaps": {"gaps": ["hazards", "training"], "assessed": 3, "total": 8},
    "training_lapsed": {"person_id": CHAMPION, "qualified_until": "2027-01-20"},
    "notice_amended": {"starts_on": "2026-12-08", "ends_on": "2026-12-22", "lead_restarted": True},
    "notice_received": {"starts_on": "2026-12-08", "ends_on": "2026-12-22", "audit_kind": "certification"},
    "notice_to_answer": {
        "starts_on": "2026-12-08",
        "ends_on": "2026-12-22",
        "audit_kind": "certification",
        "sites": [{"name": "Main house", "city": "Tofino"}, {"name": "Annex", "city": "Ucluelet"}],
    },
    "notice_refused": {"reason_id": "reason"},
    "audit_received": {"round": 1, "late": False},
    "audit_returned": {
        "round": 1,
        "notes": [{"note_id": "n1", "element": "hazards"}, {"note_id": "n2", "element": None}],
    },
    "audit_rejected": {"reason_id": "reason"},
    "qa_passed": {"overall": {"earned": 87, "available": 100}, "failed_elements": []},
    "qa_failed": {"overall": {"earned": 7996, "available": 10000}, "failed_elements": ["hazards"]},
    "forwarded": {"forwarded_on": "2027-01-29"},
    "worksafebc_refused": {"reason_id": "reason"},
    "certificate_issued": {"certificate_number": "C-77", "issued_on": "2027-02-01", "expires_on": "2030-02-01"},
    "deadline_extended": {"deadline": "audit_submission", "previous_due_on": "2027-01-22", "reason_id": "reason"},
    "case_held": {"reason_id": "reason", "review_on": "2027-03-01"},
    "case_closed": {"reason": "business_closed"},
}
TEXTS = {"reason": "The dates overlap\nwith the closure.", "n1": "Please add the <form>.", "n2": None}
ABOUT_A_DEADLINE = {"deadline_reminder", "deadline_missed", "deadline_overdue", "deadline_extended", "escalation"}
OF_MANY = {RULES.together, RULES.digest.letter, STOPPED}
STATES: Mapping[str, tuple[str, ...]] = {
    "Registered": ("name_champion", "idle"),
    "ChampionNamed": ("training", "idle"),
    "Trained": ("student_audit", "sms", "idle"),
    "SMSDeveloped": ("student_audit", "idle"),
    "NoticeFiled": ("student_audit", "notice_answer", "audit_start", "audit_submission"),
    "AuditSubmitted": ("qa_decision", "corrections"),
    "QAPassed": ("forwarding",),
    "QAFailed": ("student_audit", "new_notice"),
    "Certified": ("certificate_expiry",),
    "Closed": (),
}
"""Each state of a case, with the deadlines that may stand in it."""
ALL = sorted(names())
ABOUT_ONE_CASE = sorted(names() - OF_MANY)
IN_FRENCH = ["deadline_reminder", "notice_received", "welcome"]


def standing(name: str = "audit_submission", due_on: date = DUE, owner: str | None = None) -> Deadline:
    owner = owner or ("staff" if name in STAFF_OWNED else "employer")
    return Deadline(name, due_on, owner, explanation=("planned end 2026-12-22", "+ 45 calendar days", "= 2027-02-05"))


CASE_NOW = CaseNow(
    case_id=CASE,
    state="NoticeFiled",
    employer=Employer("Harbour & Sons <Inn> Ltd.", "200100"),
    contact_id=CONTACT,
    champion=Champion(CHAMPION, date(2027, 6, 1)),
    notice=Notice(date(2026, 12, 8), date(2026, 12, 22)),
    audit=Audit(1, date(2027, 1, 5), notes=(Note("n1", "hazards"),)),
    certificate=Certificate("C-77", date(2027, 2, 1), date(2030, 2, 1)),
    incentive_estimate=Money(Decimal("1000.00")),
    deadlines=(standing(), standing("qa_decision"), standing("notice_answer"), standing("forwarding")),
)
MATERIAL = Material(
    case=CASE_NOW,
    addressee=Addressee(Role.CONTACT, "Ana Ng"),
    today=TODAY,
    programme=RULES.programme,
    policy=POLICY,
    desk=DESK,
    texts=TEXTS,
)
DIGEST = Contents(
    overdue=(Line(CASE, "audit_submission", DUE - timedelta(days=9), "Harbour & Sons <Inn> Ltd.", "employer"),),
    coming=(Line(CASE, "notice_answer", DUE, "Harbour & Sons <Inn> Ltd.", "staff"),),
    undelivered=(Line(CASE, "deadline_missed to contact came back (5.1.1)", DUE, "Harbour & Sons <Inn> Ltd."),),
)


def letter(name: str, **changes: Any) -> Written:  # noqa: ANN401 - whatever a material has
    """The letter for the example's case, with what the test says changed."""
    about = standing() if name in ABOUT_A_DEADLINE else None
    return of(name, replace(MATERIAL, **{"fact": FACTS.get(name, {}), "deadline": about, **changes}))


def of(name: str, material: Material) -> Written:
    """Any letter, those about many things too."""
    if name == RULES.digest.letter:
        return write_digest(name, DIGEST, material.today, material.desk)
    if name == STOPPED:
        return write_stopped(replace(EXAMPLE, description=material.employer.legal_name), material.desk)
    if name == RULES.together:
        deadlines = (*material.case.deadlines, standing("training", DUE + timedelta(days=20)))
        return write_several(name, [replace(material, deadline=one) for one in deadlines])
    return write(name, material)


def readers(name: str) -> list[Addressee]:
    if name == "worksafebc_package":
        return [Addressee(Role.WORKSAFEBC)]
    if name in {RULES.digest.letter, STOPPED}:
        return [Addressee(Role.STAFF)]
    people = [Addressee(Role.CONTACT, "Ana Ng"), Addressee(Role.CHAMPION, "Bo Lee")]
    return [*people, Addressee(Role.STAFF)] if name != "champion_welcome" else people


def case_in(state: str) -> CaseNow:
    """The example's case as it may be in that state: what comes later in its life is not there yet."""
    order = [*STATES].index(state)
    bare = replace(CASE_NOW, state=state, deadlines=tuple(standing(name) for name in STATES[state]))
    return replace(
        bare,
        champion=bare.champion if order >= [*STATES].index("ChampionNamed") else None,
        notice=bare.notice if order >= [*STATES].index("NoticeFiled") else None,
        audit=bare.audit if order >= [*STATES].index("AuditSubmitted") else None,
        certificate=bare.certificate if state == "Certified" else None,
        incentive_estimate=bare.incentive_estimate if state == "Certified" else None,
    )


def can_be_sent(name: str) -> list[CaseNow]:
    """The case in every state in which the rules may send the letter; by each deadline, if it is about one."""
    rules = [rule for found in RULES.events.values() for rule in found if rule.letter == name]
    states = {state for rule in rules for state in rule.while_in or STATES if rule.when_closed or state != "Closed"}
    return [case_in(state) for state in sorted(states or STATES.keys() - {"Closed"})]
