"""Separation of duties: who had a hand in a case does not review its audit, and the refusal names the event."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from secor_workflow.domain import events as e
from secor_workflow.domain.commands import Wish
from secor_workflow.domain.context import Role
from secor_workflow.domain.involvement import EventRef
from workflow.domain.examples import (
    ANNA,
    BORIS,
    PAPERS,
    SUBMITTED,
    add_document,
    assign_reviewer,
    audit_returned,
    audit_submitted,
    decide_qa,
    file_notice,
    notice_filed,
    papers,
    record_advice,
    reject_audit,
    replace_champion,
    resubmit_audit,
    return_audit,
    submit_audit,
    under_review,
)
from workflow.specification import (
    TODAY,
    Given,
    When,
    as_,
    as_whoever_may,
    days_later,
    given,
    id_of,
    known_to_be,
    on,
    one_person,
)

KIM = "kim"
"""Who is to review, and had a hand in it."""
BY_THE_REVIEWER = pytest.mark.parametrize(
    "wish", [return_audit("More?"), reject_audit(), decide_qa()], ids=["return", "reject", "decide"]
)


def submitted_by(actor: str) -> Given:
    return given(notice_filed, on(SUBMITTED), as_(Role.STAFF, actor), submit_audit(), as_whoever_may)


def with_a_paper_of(actor: str) -> Given:
    """Among the documents of the audit is one that this actor handed in."""
    handed_in = given(notice_filed, on(SUBMITTED), as_(Role.STAFF, actor), add_document("supporting"), as_whoever_may)
    return given(handed_in, submit_audit(documents=(*PAPERS, *papers("supporting"))))


def led_by(actor: str) -> Given:
    """The champion of the case is known to act here under this id."""
    return given(audit_submitted, known_to_be(ANNA, actor))


def advised_by(actor: str) -> Given:
    return given(audit_submitted, as_(Role.STAFF, actor), record_advice(), as_whoever_may)


Involved = Callable[[str], Given]
RULES = [
    (
        led_by,
        "reviewer_is_champion",
        "the champion of this case",
        EventRef(position=2, type="ChampionNamed", effective_on=TODAY),
    ),
    (
        submitted_by,
        "reviewer_submitted",
        "who submitted this audit",
        EventRef(position=9, type="AuditSubmitted", effective_on=SUBMITTED),
    ),
    (
        with_a_paper_of,
        "reviewer_changed_audit",
        "a document of this audit",
        EventRef(position=9, type="DocumentAdded", effective_on=SUBMITTED),
    ),
    (
        advised_by,
        "reviewer_advised",
        "until 2029-12-10",
        EventRef(position=10, type="AdviceRecorded", effective_on=SUBMITTED),
    ),
]
EACH_RULE = pytest.mark.parametrize(("involved", "code", "says", "event"), RULES, ids=[rule[1] for rule in RULES])


def refuses(when: When, code: str, says: str, event: EventRef, at: str | None = None) -> None:
    """It is refused by this rule alone, as a matter of who asks, and for this event."""
    when.refused(code, "Separation of duties", says, str(event), KIM, at=at)
    (refusal,) = when.refusals
    assert (refusal.event, refusal.forbidden) == (event, True)


@EACH_RULE
def test_who_is_involved_is_not_assigned(involved: Involved, code: str, says: str, event: EventRef) -> None:
    refuses(involved(KIM).when(assign_reviewer(KIM)), code, says, event, at="/reviewer")


@BY_THE_REVIEWER
@EACH_RULE
def test_who_was_assigned_and_turns_out_to_be_involved_does_not_review(
    involved: Involved, code: str, says: str, event: EventRef, wish: Wish
) -> None:
    assigned = given(involved("kim-2"), assign_reviewer(KIM), as_(Role.QA_REVIEWER, KIM))

    refuses(given(assigned, one_person(KIM, "kim-2")).when(wish), code, says, event)


@pytest.mark.parametrize("involved", [rule[0] for rule in RULES])
def test_somebody_else_reviews_whoever_is_involved(involved: Involved) -> None:
    assert given(involved(KIM), assign_reviewer()).when(decide_qa()).case.qa


# --- one person under several ids ---


@pytest.mark.parametrize("of_the_reviewer", [KIM, "kim-2", "oidc-3"])
def test_whichever_of_their_ids_is_assigned_it_is_the_same_person(of_the_reviewer: str) -> None:
    case = given(submitted_by("oidc-3"), one_person(KIM, "kim-2", "oidc-3"))

    assert case.when(assign_reviewer(of_the_reviewer)).codes == ["reviewer_submitted"]


def test_the_refusal_says_under_which_id_they_did_it() -> None:
    case = given(submitted_by("oidc-3"), one_person(KIM, "oidc-3"))

    case.when(assign_reviewer(KIM)).refused("reviewer_submitted", "kim, also known as oidc-3", at="/reviewer")


def test_the_assigned_reviewer_may_come_under_another_of_their_ids() -> None:
    case = given(audit_submitted, assign_reviewer("oidc-3"), as_(Role.QA_REVIEWER, KIM))

    case.when(decide_qa()).refused("not_the_assigned_reviewer", "oidc-3")
    assert given(case, one_person(KIM, "oidc-3")).when(decide_qa()).case.qa


# --- the champion ---


def test_a_person_s_id_is_its_own_proof() -> None:
    audit_submitted.when(assign_reviewer(str(id_of(ANNA)))).refused("reviewer_is_champion", at="/reviewer")


def test_who_was_the_champion_and_audited_does_not_review_after_being_replaced() -> None:
    replaced = given(audit_submitted, replace_champion(BORIS), known_to_be(ANNA, KIM))

    assert replaced.when(assign_reviewer(KIM)).codes == ["reviewer_is_champion"]


def test_the_new_champion_does_not_review_what_the_old_one_audited() -> None:
    replaced = given(audit_submitted, replace_champion(BORIS), known_to_be(BORIS, KIM))

    refuses(
        replaced.when(assign_reviewer(KIM)),
        "reviewer_is_champion",
        "the champion of this case",
        EventRef(position=10, type="ChampionReplaced", effective_on=SUBMITTED),
        at="/reviewer",
    )


# --- who submitted or changed the audit ---


def test_who_resubmitted_does_not_decide_although_assigned_before() -> None:
    by_kim = given(audit_returned, assign_reviewer(KIM), as_(Role.STAFF, KIM), resubmit_audit())

    assert given(by_kim, as_(Role.QA_REVIEWER, KIM)).when(decide_qa()).codes == ["reviewer_submitted"]


def test_who_submitted_the_first_round_does_not_review_the_second() -> None:
    second = given(submitted_by(KIM), assign_reviewer(), return_audit(), resubmit_audit())

    assert second.when(assign_reviewer(KIM)).codes == ["reviewer_submitted"]


def test_an_audit_for_a_new_notice_is_another_audit() -> None:
    rejected = given(submitted_by(KIM), assign_reviewer(), reject_audit())
    starts_on = rejected.today + timedelta(days=14)
    anew = given(rejected, file_notice(starts_on), on(starts_on), submit_audit(starts_on, starts_on))

    assert anew.when(assign_reviewer(KIM)).case.audit


def test_a_document_that_the_audit_does_not_name_counts_for_nothing() -> None:
    beside = given(notice_filed, on(SUBMITTED), as_(Role.STAFF, KIM), add_document("supporting"), as_whoever_may)

    assert given(beside, submit_audit()).when(assign_reviewer(KIM)).case.audit


# --- advice ---


def test_advice_is_the_caller_s_own_of_today_unless_said() -> None:
    advised = given(audit_submitted, as_(Role.QA_REVIEWER, KIM)).when(record_advice()).granted()

    words_id = id_of("Train the night shift.")
    fact = e.AdviceRecorded(adviser=KIM, advised_on=SUBMITTED, elements=(), words_id=words_id)
    assert advised.events[-1].fact == fact


def test_advice_may_be_another_s_and_older_than_the_case() -> None:
    case = given(audit_submitted, record_advice(KIM, date(2024, 1, 31), ("hazards",)))

    case.when(assign_reviewer(KIM)).refused("reviewer_advised", "advised this employer on 2024-01-31", at="/reviewer")


@pytest.mark.parametrize(("advised_on", "free"), [(date(2023, 12, 10), False), (date(2023, 12, 9), True)])
def test_advice_counts_for_three_years_to_the_end_of_the_day(advised_on: date, *, free: bool) -> None:
    when = given(audit_submitted, record_advice(KIM, advised_on)).when(assign_reviewer(KIM))

    assert (when.codes == []) is free


def test_the_newest_advice_counts_in_whatever_order_it_was_recorded() -> None:
    case = given(audit_submitted, record_advice(KIM, TODAY), record_advice(KIM, date(2015, 1, 1)))

    assert case.when(assign_reviewer(KIM)).codes == ["reviewer_advised"]


def test_who_advises_while_reviewing_does_not_decide_any_more() -> None:
    case = given(under_review, as_(Role.QA_REVIEWER, "reviewer-1"), record_advice(), days_later(1))

    assert case.when(decide_qa()).codes == ["reviewer_advised"]


def test_advice_names_who_acts_here_a_day_that_came_and_elements_of_the_tool() -> None:
    audit_submitted.when(record_advice("nobody")).refused("unknown_adviser", "nobody", at="/adviser")
    tomorrow = SUBMITTED + timedelta(days=1)
    audit_submitted.when(record_advice(advised_on=tomorrow)).refused("advice_date_wrong", "today is", at="/advised_on")
    before = audit_submitted.when(record_advice(advised_on=date(2010, 12, 31)))
    before.refused("advice_date_wrong", "2011-01-01", at="/advised_on")
    coffee = audit_submitted.when(record_advice(elements=("hazards", "coffee")))
    coffee.refused("unknown_element", "coffee", at="/elements/1")


def test_everything_that_stands_against_a_reviewer_is_said_at_once() -> None:
    case = given(with_a_paper_of(KIM), known_to_be(ANNA, KIM), as_(Role.STAFF, KIM), record_advice(), as_whoever_may)

    case.when(assign_reviewer(KIM)).refused_by("reviewer_is_champion", "reviewer_changed_audit", "reviewer_advised")
