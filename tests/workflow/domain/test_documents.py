"""Documents are handed in, may be withdrawn until they are submitted, and an audit pins the bytes of those it names."""

from dataclasses import replace
from datetime import timedelta

import pytest

from secor_workflow.domain import events as e
from secor_workflow.domain.context import Role
from secor_workflow.domain.evolve import fold
from secor_workflow.domain.policy import Parameter, Policies
from secor_workflow.domain.values import Document, PinnedDocument
from workflow.domain.examples import (
    BY_STATE,
    PDF,
    PINNED,
    SUBMITTED,
    add_document,
    audit_returned,
    audit_submitted,
    digest_of,
    notice_filed,
    papers,
    registered,
    reject_audit,
    resubmit_audit,
    submit_audit,
    under_review,
    withdraw_document,
)
from workflow.specification import POLICIES, TODAY, Given, Step, as_, days_later, given, id_of, on, under

over = given(notice_filed, on(SUBMITTED))


def erased(*words: str) -> Step:
    """These bytes were erased for good."""
    return lambda so_far: replace(so_far, erased=frozenset(map(digest_of, words)))


def at_most(most: int) -> Policies:
    now = POLICIES.on(TODAY)
    count: Parameter[int] = replace(now.documents.max_count, value=most)
    return Policies((replace(now, documents=replace(now.documents, max_count=count)),))


def test_a_document_is_handed_in() -> None:
    when = given(registered, days_later(3)).when(add_document("supporting", "map"))
    when.then(
        e.DocumentAdded(
            document_id=id_of("map"),
            kind="supporting",
            sha256=digest_of("map"),
            size=2_000,
            media_type=PDF,
            filename_id=id_of("map.pdf"),
        ),
        state="Registered",
        deadlines={"name_champion": "2026-12-22", "idle": "2027-05-25"},
    )
    (document,) = when.case.documents
    assert (document.added_on, document.added_by) == (TODAY + timedelta(days=3), "employer")
    assert not document.withdrawn
    assert not document.submitted


@pytest.mark.parametrize("state", [state for state in BY_STATE if state not in {"Unregistered", "Closed"}])
def test_documents_are_taken_for_as_long_as_the_case_is_open(state: str) -> None:
    assert BY_STATE[state].when(add_document("supporting")).case.state == state


def test_a_document_of_a_kind_nobody_knows_is_refused() -> None:
    registered.when(add_document("photo")).refused(
        "unknown_document_kind", "no document kind photo", "audit_tool", at="/kind"
    )


def test_a_document_of_a_type_that_is_not_on_the_list_is_refused() -> None:
    registered.when(add_document("supporting", media_type="text/html")).refused(
        "media_type_not_allowed", "text/html", PDF, at="/file"
    )


def test_a_document_is_at_most_fifty_megabytes_large() -> None:
    most = POLICIES.on(TODAY).documents.max_bytes.value
    assert registered.when(add_document("supporting", size=most)).case.documents
    registered.when(add_document("supporting", size=most + 1)).refused(
        "document_too_large", str(most), str(most + 1), at="/file"
    )


def test_a_case_holds_only_so_many_documents_and_withdrawn_ones_do_not_count() -> None:
    two = given(registered, under(at_most(2)), add_document("supporting", "one"), add_document("supporting", "two"))
    two.when(add_document("supporting", "three")).refused("too_many_documents", "2 documents", "withdraw")
    assert given(two, withdraw_document("one")).when(add_document("supporting", "three")).case.documents


def test_the_same_bytes_are_handed_in_once_as_each_kind() -> None:
    one = given(registered, add_document("supporting", "one", "words"))
    one.when(add_document("supporting", "two", "words")).refused("document_exists", str(id_of("one")), at="/file")
    assert len(one.when(add_document("action_plan", "two", "words")).case.documents) == 2


def test_what_was_withdrawn_may_be_handed_in_again() -> None:
    gone = given(registered, add_document("supporting", "one", "words"), withdraw_document("one"))
    again = gone.when(add_document("supporting", "two", "words")).case
    assert [document.withdrawn for document in again.documents] == [True, False]


def test_what_was_erased_for_good_is_not_handed_in_again() -> None:
    given(registered, erased("words")).when(add_document("supporting", "one", "words")).refused(
        "erased", "erased for good", at="/file"
    )


def test_nobody_is_told_that_erased_bytes_are_there() -> None:
    gone = given(registered, add_document("supporting", "one", "words"), erased("words"))
    gone.when(add_document("supporting", "two", "words")).refused("erased", "erased for good", at="/file")


def test_a_document_is_withdrawn_and_stays_in_sight() -> None:
    when = given(registered, add_document("supporting", "map")).when(withdraw_document("map"))
    when.then(
        e.DocumentWithdrawn(document_id=id_of("map")),
        state="Registered",
        deadlines={"name_champion": "2026-12-22", "idle": "2027-05-22"},
    )
    assert [document.withdrawn for document in when.case.documents] == [True]


def test_a_document_of_another_case_cannot_be_withdrawn() -> None:
    registered.when(withdraw_document("map")).refused(
        "unknown_document", str(id_of("map")), f"/v1/cases/{registered.case.case_id}/documents", at="/document_id"
    )


def test_a_document_is_withdrawn_once() -> None:
    given(registered, add_document("supporting", "map"), withdraw_document("map")).when(
        withdraw_document("map")
    ).refused("unknown_document", "withdrawn already", at="/document_id")


@pytest.mark.parametrize(
    "case", [audit_submitted, given(under_review, reject_audit())], ids=["under review", "rejected"]
)
def test_what_was_submitted_stays_whatever_becomes_of_the_audit(case: Given) -> None:
    given(case, as_(Role.STAFF)).when(withdraw_document("scorecard")).refused(
        "document_submitted", "it stays", at="/document_id"
    )


def test_an_audit_pins_the_bytes_of_the_documents_it_names() -> None:
    case = given(over, add_document("supporting", "left at home")).when(submit_audit()).case
    assert case.audit
    assert case.audit.documents == PINNED
    assert {document.kind: document.submitted for document in case.documents} == {
        "audit_tool": True, "scorecard": True, "supporting": False,
    }  # fmt: skip


def test_every_version_that_was_ever_submitted_is_kept() -> None:
    better = Document(kind="scorecard", document_id=id_of("better"))
    again = given(audit_returned, add_document("scorecard", "better")).when(
        resubmit_audit(documents=(*papers("audit_tool"), better))
    )
    audits = [event.fact for event in again.granted().events if isinstance(event.fact, e.AuditSubmitted)]
    assert [[d.sha256 for d in audit.documents] for audit in audits] == [
        [digest_of("audit_tool"), digest_of("scorecard")],
        [digest_of("audit_tool"), digest_of("better")],
    ]
    assert all(document.submitted for document in again.case.documents)


def test_an_audit_names_only_documents_that_were_handed_in_to_its_case() -> None:
    over.when(submit_audit(documents=papers("audit_tool", "scorecard", "supporting"))).refused(
        "unknown_document",
        str(id_of("supporting")),
        f"POST /v1/cases/{over.case.case_id}/documents",
        at="/documents/2/document_id",
    )


def test_an_audit_names_no_withdrawn_document() -> None:
    given(over, withdraw_document("scorecard")).when(submit_audit()).refused(
        "unknown_document", "was withdrawn", at="/documents/1/document_id"
    )


def test_an_audit_names_no_document_whose_bytes_were_erased() -> None:
    given(over, erased("scorecard")).when(submit_audit()).refused(
        "unknown_document", "erased for good", at="/documents/1/document_id"
    )


def test_an_audit_names_a_document_as_what_it_was_handed_in() -> None:
    swapped = (*papers("audit_tool", "scorecard"), Document(kind="supporting", document_id=id_of("plan")))
    given(over, add_document("action_plan", "plan")).when(submit_audit(documents=swapped)).refused(
        "unknown_document", "handed in as action_plan, not as supporting", at="/documents/2/document_id"
    )


def test_an_audit_names_each_document_once() -> None:
    over.when(submit_audit(documents=papers("audit_tool", "scorecard", "scorecard"))).refused(
        "unknown_document", "named twice", at="/documents/2/document_id"
    )


def test_an_audit_of_before_files_were_kept_still_folds() -> None:
    """Its documents are ids alone, and none of them was handed in."""
    *before, submitted = [event for event in audit_submitted.events if not isinstance(event.fact, e.DocumentAdded)]
    assert isinstance(submitted.fact, e.AuditSubmitted)
    old = tuple(PinnedDocument(kind=d.kind, document_id=d.document_id) for d in submitted.fact.documents)
    case = fold(registered.case.case_id, [*before, submitted._replace(fact=replace(submitted.fact, documents=old))])
    assert case.audit
    assert case.audit.documents == old
    assert case.documents == ()
