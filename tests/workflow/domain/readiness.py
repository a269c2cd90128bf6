"""For every command: what must have happened in a state for it to be granted there, and a wish that then is."""

from collections.abc import Callable
from datetime import date, timedelta

from secor_workflow.domain import commands as c
from secor_workflow.domain.commands import Wish
from workflow.domain.examples import (
    BY_STATE,
    CONTACT,
    SUBMITTED,
    add_document,
    amend_notice,
    assess,
    assign_reviewer,
    cancel_notice,
    close,
    decide_qa,
    enrol_in_training,
    erase_person,
    extend_deadline,
    file_notice,
    name_champion,
    place_hold,
    record_advice,
    record_certificate,
    record_standing,
    record_training,
    refuse_certificate,
    refuse_notice,
    register_employer,
    reject_audit,
    replace_champion,
    resubmit_audit,
    return_audit,
    scores,
    submit_audit,
    withdraw,
    withdraw_document,
)
from workflow.domain.table import TABLE
from workflow.specification import Given, given, on

Ready = tuple[Given, Wish]

_IDLE_SINCE = date(2027, 12, 1)
"""A day on which every deadline of every example is over."""


def _at_once(wish: Wish) -> Callable[[Given], Ready]:
    return lambda case: (case, wish)


def _after(*past: Wish, then: Wish) -> Callable[[Given], Ready]:
    return lambda case: (given(case, *past), then)


def _untrained(wish: Wish) -> Callable[[Given], Ready]:
    """A champion who was trained is replaced by one who is not."""
    return lambda case: (case if case.case.state == "ChampionNamed" else given(case, replace_champion()), wish)


def _two_weeks_ahead(case: Given) -> Ready:
    return case, file_notice(case.today + timedelta(days=14))


WAYS: dict[str, Callable[[Given], Ready]] = {
    "register-employer": _at_once(register_employer()),
    "update-employer": _at_once(c.UpdateEmployer(contact=CONTACT)),
    "name-champion": _at_once(name_champion()),
    "replace-champion": _at_once(replace_champion()),
    "enrol-in-training": _untrained(enrol_in_training()),
    "record-training": _untrained(record_training()),
    "lapse-training": lambda case: (given(case, on(_IDLE_SINCE)), c.LapseTraining()),
    "record-self-assessment": _at_once(assess()),
    "declare-sms": _after(assess(), then=c.DeclareSms()),
    "file-notice": _two_weeks_ahead,
    "accept-notice": _at_once(c.AcceptNotice()),
    "refuse-notice": _at_once(refuse_notice()),
    "amend-notice": _at_once(amend_notice()),
    "cancel-notice": _at_once(cancel_notice()),
    "add-document": _at_once(add_document("supporting")),
    "withdraw-document": _after(add_document("supporting"), then=withdraw_document("supporting")),
    "submit-audit": lambda case: (given(case, on(SUBMITTED)), submit_audit()),
    "record-advice": _at_once(record_advice()),
    "assign-reviewer": _at_once(assign_reviewer()),
    "return-audit": _after(assign_reviewer(), then=return_audit()),
    "resubmit-audit": _after(assign_reviewer(), return_audit(), then=resubmit_audit()),
    "reject-audit": _after(assign_reviewer(), then=reject_audit()),
    "decide-qa": _after(assign_reviewer(), then=decide_qa()),
    "forward-to-worksafebc": _at_once(c.ForwardToWorksafebc()),
    "record-certificate": _after(c.ForwardToWorksafebc(), then=record_certificate()),
    "record-worksafebc-refusal": _after(c.ForwardToWorksafebc(), then=refuse_certificate()),
    "record-standing": _at_once(record_standing(good=False)),
    "place-hold": _at_once(place_hold()),
    "release-hold": _after(place_hold(), then=c.ReleaseHold()),
    "extend-deadline": _at_once(extend_deadline("idle", _IDLE_SINCE)),
    "miss-deadline": lambda case: (given(case, on(_IDLE_SINCE)), c.MissDeadline(deadline="idle")),
    "erase-person": _at_once(erase_person()),
    "withdraw": _at_once(withdraw()),
    "close": _at_once(close()),
}

FAILING = decide_qa(scores(49))


def ready(command: str, state: str) -> Ready:
    """A case in this state in which the command will be granted, and the wish."""
    return WAYS[command](BY_STATE[state])


def wish_of(command: str) -> Wish:
    """A good wish, whatever the case."""
    return ready(command, next(iter(TABLE[command].roads)))[1]
