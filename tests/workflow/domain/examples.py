"""Good examples: a wish of every kind, and the case after each step of a straight life."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

from secor_workflow.domain import commands as c
from secor_workflow.domain.beside import Person, Text
from secor_workflow.domain.values import (
    Assessed,
    ClosingReason,
    Document,
    ElementStatus,
    Employer,
    Employment,
    Money,
    PinnedDocument,
    Requester,
    Score,
    Site,
)
from workflow.specification import ACCOUNT, POLICIES, REVIEWER, TODAY, given, id_of, on

ELEMENTS = tuple(POLICIES.on(TODAY).element_titles)
COURSE = "secor-internal-auditor"
CONTACT = Person(name="Olga Owner", email="olga@cafe.example")
ANNA = Person(name="Anna Auditor", email="anna@cafe.example")
BORIS = Person(name="Boris Baker", email="boris@cafe.example")
CAFE = Employer(
    legal_name="Harbour Café Ltd.",
    trade_name="Harbour Café",
    worksafebc_account=ACCOUNT,
    classification_units=("761045",),
    headcount=12.5,
    base_premium=Money(amount=Decimal("1200.00")),
)
HARBOUR = Site(name="Harbour Café", city="Victoria")
ALL_IN_PLACE = tuple(Assessed(code=code, status="in_place") for code in ELEMENTS)
START, END, SUBMITTED = date(2026, 12, 6), date(2026, 12, 8), date(2026, 12, 10)


def scores(earned: int = 90, available: int = 100, **of_element: int) -> tuple[Score, ...]:
    """Every element scored alike, but for those named."""
    return tuple(Score(code=code, earned=of_element.get(code, earned), available=available) for code in ELEMENTS)


def papers(*kinds: str) -> tuple[Document, ...]:
    return tuple(Document(kind=kind, document_id=id_of(kind)) for kind in kinds)


def digest_of(words: str) -> str:
    return sha256(words.encode()).hexdigest()


def pinned(*kinds: str) -> tuple[PinnedDocument, ...]:
    """The same papers as an audit's event names them."""
    return tuple(
        PinnedDocument(kind=kind, document_id=id_of(kind), sha256=digest_of(kind), size=2_000, media_type=PDF)
        for kind in kinds
    )


PDF = "application/pdf"
PASSING = scores()
PAPERS = papers("audit_tool", "scorecard")
PINNED = pinned("audit_tool", "scorecard")


def register_employer(employer: Employer = CAFE, *, terms_accepted: bool = True) -> c.RegisterEmployer:
    return c.RegisterEmployer(employer=employer, contact=CONTACT, terms_accepted=terms_accepted)


def name_champion(person: Person = ANNA, employment: Employment = "permanent") -> c.NameChampion:
    return c.NameChampion(person=person, employment=employment)


def replace_champion(person: Person = BORIS, employment: Employment = "owner") -> c.ReplaceChampion:
    return c.ReplaceChampion(person=person, employment=employment, reason=Text("Anna left."))


def enrol_in_training(course: str = COURSE) -> c.EnrolInTraining:
    return c.EnrolInTraining(course=course, starts_on=date(2026, 12, 1))


def record_training(
    completed_on: date = TODAY, course: str = COURSE, certificate_number: str | None = "IA-7"
) -> c.RecordTraining:
    return c.RecordTraining(course=course, completed_on=completed_on, certificate_number=certificate_number)


def assess(status: ElementStatus = "in_place", elements: Iterable[str] = ELEMENTS) -> c.RecordSelfAssessment:
    return c.RecordSelfAssessment(elements=tuple(Assessed(code=code, status=status) for code in elements))


def file_notice(
    starts_on: date = START, ends_on: date | None = None, sites: tuple[Site, ...] = (HARBOUR,), scope: str | None = None
) -> c.FileNotice:
    return c.FileNotice(
        audit_kind="certification",
        starts_on=starts_on,
        ends_on=ends_on or starts_on + timedelta(days=2),
        sites=sites,
        scope=scope,
    )


def amend_notice(
    starts_on: date = START, ends_on: date | None = None, sites: tuple[Site, ...] = (HARBOUR,), scope: str | None = None
) -> c.AmendNotice:
    return c.AmendNotice.model_validate(dict(file_notice(starts_on, ends_on, sites, scope)))


def refuse_notice() -> c.RefuseNotice:
    return c.RefuseNotice(reason=Text("The kitchen is closed then."))


def cancel_notice() -> c.CancelNotice:
    return c.CancelNotice(reason=Text("We renovate."))


def add_document(
    kind: str, name: str | None = None, words: str | None = None, *, size: int = 2_000, media_type: str = PDF
) -> c.AddDocument:
    """A document that is called like its kind, and says so, unless told otherwise."""
    return c.AddDocument(
        document_id=id_of(name or kind),
        kind=kind,
        sha256=digest_of(words or name or kind),
        size=size,
        media_type=media_type,
        filename=Text(f"{name or kind}.pdf"),
    )


def withdraw_document(name: str) -> c.WithdrawDocument:
    return c.WithdrawDocument(document_id=id_of(name))


def submit_audit(
    started_on: date = START,
    ended_on: date = END,
    scorecard: tuple[Score, ...] = PASSING,
    documents: tuple[Document, ...] = PAPERS,
) -> c.SubmitAudit:
    return c.SubmitAudit(started_on=started_on, ended_on=ended_on, scorecard=scorecard, documents=documents)


def answer(note: str, text: str) -> c.Answer:
    return c.Answer(note_id=id_of(note), text=Text(text))


def resubmit_audit(
    *answers: c.Answer, started_on: date = START, ended_on: date = END, documents: tuple[Document, ...] = PAPERS
) -> c.ResubmitAudit:
    return c.ResubmitAudit(
        started_on=started_on,
        ended_on=ended_on,
        scorecard=PASSING,
        documents=documents,
        answers=answers or (answer("Say more.", "Said."),),
    )


def record_advice(
    adviser: str | None = None, advised_on: date | None = None, elements: tuple[str, ...] = ()
) -> c.RecordAdvice:
    return c.RecordAdvice(
        adviser=adviser, advised_on=advised_on, elements=elements, words=Text("Train the night shift.")
    )


def assign_reviewer(reviewer: str = REVIEWER) -> c.AssignReviewer:
    return c.AssignReviewer(reviewer=reviewer)


def return_audit(*notes: str, element: str | None = None) -> c.ReturnAudit:
    return c.ReturnAudit(notes=tuple(c.Note(text=Text(note), element=element) for note in notes or ("Say more.",)))


def reject_audit() -> c.RejectAudit:
    return c.RejectAudit(reason=Text("The pages are unreadable."))


def decide_qa(scorecard: tuple[Score, ...] | None = None) -> c.DecideQa:
    return c.DecideQa(scorecard=scorecard)


def record_certificate(issued_on: date = SUBMITTED, expires_on: date | None = None) -> c.RecordCertificate:
    return c.RecordCertificate(certificate_number="BC-2026-1", issued_on=issued_on, expires_on=expires_on)


def refuse_certificate() -> c.RecordWorksafebcRefusal:
    return c.RecordWorksafebcRefusal(reason=Text("Premiums are owed."))


def record_standing(*, good: bool, as_of: date = TODAY) -> c.RecordStanding:
    return c.RecordStanding(good=good, as_of=as_of)


def place_hold(review_on: date | None = None) -> c.PlaceHold:
    return c.PlaceHold(reason=Text("A fire."), review_on=review_on)


def extend_deadline(deadline: str, due_on: date) -> c.ExtendDeadline:
    return c.ExtendDeadline(deadline=deadline, due_on=due_on, reason=Text("A flood."))


def erase_person(person: Person = CONTACT, requested_by: Requester = "person") -> c.ErasePerson:
    return c.ErasePerson(person_id=id_of(person), requested_by=requested_by, reason=Text("They asked for it."))


def withdraw() -> c.Withdraw:
    return c.Withdraw(reason=Text("We sold the café."))


def close(reason: ClosingReason = "inactive") -> c.Close:
    return c.Close(reason=reason)


unregistered = given()
registered = given(register_employer())
champion_named = given(registered, name_champion())
trained = given(champion_named, record_training())
assessed = given(trained, assess())
handed_in = given(assessed, add_document("audit_tool"), add_document("scorecard"))
sms_developed = given(handed_in, c.DeclareSms())
notice_filed = given(sms_developed, file_notice())
audit_submitted = given(notice_filed, on(SUBMITTED), submit_audit())
under_review = given(audit_submitted, assign_reviewer())
audit_returned = given(under_review, return_audit())
qa_passed = given(under_review, decide_qa())
qa_failed = given(under_review, decide_qa(scores(79)))
forwarded = given(qa_passed, c.ForwardToWorksafebc())
certified = given(forwarded, record_certificate())
closed = given(registered, close())

BY_STATE = {
    example.case.state: example
    for example in (
        unregistered, registered, champion_named, trained, sms_developed, notice_filed, audit_submitted, qa_passed,
        qa_failed, certified, closed,
    )
}  # fmt: skip
"""One case in each state."""
