"""Random lives of cases: any wish, by anybody, on any day, under a policy that changes on the way."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import get_args

from hypothesis import strategies as st

from secor_workflow.domain import commands as c
from secor_workflow.domain.beside import Person, Text
from secor_workflow.domain.commands import Wish
from secor_workflow.domain.context import Role
from secor_workflow.domain.policy import Policies, Policy
from secor_workflow.domain.roads import BY_SLUG
from secor_workflow.domain.values import (
    Assessed,
    ClosingReason,
    Deadline,
    Document,
    ElementStatus,
    Employer,
    Employment,
    Money,
    Requester,
    Score,
    Site,
)
from workflow.domain.examples import (
    ANNA,
    BORIS,
    BY_STATE,
    CONTACT,
    COURSE,
    ELEMENTS,
    add_document,
    amend_notice,
    assess,
    assessed,
    audit_returned,
    digest_of,
    extend_deadline,
    file_notice,
    forwarded,
    papers,
    record_certificate,
    record_training,
    resubmit_audit,
    return_audit,
    submit_audit,
    under_review,
    withdraw_document,
)
from workflow.domain.readiness import wish_of
from workflow.domain.table import TABLE
from workflow.specification import ACCOUNT, POLICIES, TODAY, Given, When, as_, as_whoever_may, days_later, id_of, under

Wishes = st.SearchStrategy[Wish]


def _edition(begin: date, *, lead: int, days: int) -> Policy:
    now = POLICIES.on(TODAY)
    numbers = replace(now.numbers, notice_lead_days=replace(now.numbers.notice_lead_days, value=lead))
    terms = {name: replace(term, days=days) if term.days else term for name, term in now.deadlines.items()}
    return replace(now, effective_from=begin, numbers=numbers, deadlines=terms)


EDITIONS = Policies(
    (
        POLICIES.on(TODAY),
        _edition(TODAY + timedelta(days=20), lead=21, days=3),
        _edition(TODAY + timedelta(days=200), lead=7, days=400),
    )
)

texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30).map(str.strip).filter(bool)
persons = st.one_of(
    st.sampled_from([ANNA, BORIS, CONTACT]),
    st.builds(Person, name=texts, email=st.just("carla@cafe.example"), phone=st.none()),
)
amounts = st.decimals(0, 10**9, places=2, allow_nan=False, allow_infinity=False)
employers = st.builds(
    Employer,
    legal_name=texts,
    trade_name=st.none() | texts,
    worksafebc_account=st.just(ACCOUNT),
    classification_units=st.sampled_from([("761045",), ("761035", "761056"), ("1",)]),
    headcount=st.floats(0, 25) | st.just(1e6),
    base_premium=st.none() | amounts.map(lambda amount: Money(amount=Decimal(amount))),
)
points = st.sampled_from([(90, 100), (80, 100), (79, 100), (100, 100), (50, 100), (0, 0), (7, 6), (10**6, 10**6)])
scorecards = st.one_of(
    st.sampled_from([(90, 100), (60, 100)]).map(
        lambda share: tuple(Score(code=code, earned=share[0], available=share[1]) for code in ELEMENTS)
    ),
    st.lists(st.tuples(st.sampled_from([*ELEMENTS, "coffee"]), points), min_size=1, max_size=10).map(
        lambda found: tuple(Score(code=code, earned=of[0], available=of[1]) for code, of in found)
    ),
)
kinds = st.sampled_from(["audit_tool", "scorecard", "supporting", "photo"])
reasons = texts.map(Text)
employments: st.SearchStrategy[Employment] = st.sampled_from(["permanent", "owner", "other"])
courses = st.sampled_from([COURSE, COURSE, "first-aid"])
statuses: st.SearchStrategy[ElementStatus] = st.sampled_from(["in_place", "gap", "not_applicable"])
assessments: Wishes = st.just(assess()) | st.lists(
    st.builds(Assessed, code=st.sampled_from([*ELEMENTS, "coffee"]), status=statuses), min_size=1, max_size=8
).map(lambda found: c.RecordSelfAssessment(elements=tuple(found)))
sites = st.lists(st.builds(Site, name=texts, city=texts), min_size=1, max_size=2).map(tuple)
deadline_names = st.sampled_from([*POLICIES.on(TODAY).deadlines, "coffee_break"])


def _days(now: Given, earliest: int, latest: int) -> st.SearchStrategy[date]:
    return st.integers(earliest, latest).map(lambda days: now.today + timedelta(days=days))


def _notice(now: Given, kind: type[c.FileNotice]) -> Wishes:
    start = now.case.notice.starts_on if now.case.notice else now.today
    starts = st.one_of(_days(now, 5, 40), st.integers(-3, 10).map(lambda days: start + timedelta(days=days)))
    return starts.flatmap(
        lambda day: st.builds(
            kind,
            audit_kind=st.just("certification"),
            starts_on=st.just(day),
            ends_on=st.integers(-1, 46).map(lambda days: day + timedelta(days=days)),
            sites=st.just(now.case.notice.sites) if now.case.notice else sites,
            scope=st.none() | texts,
        )
    )


def _period(now: Given) -> dict[str, st.SearchStrategy[date]]:
    start = now.case.notice.starts_on if now.case.notice else now.today
    return {"started_on": st.sampled_from([start, start - timedelta(days=1)]), "ended_on": _days(now, -1, 0)}


def _handed_in(now: Given) -> tuple[Document, ...]:
    """Everything there is to submit."""
    return tuple(
        Document(kind=document.kind, document_id=document.document_id)
        for document in now.case.documents
        if not document.withdrawn
    )


def _documents(now: Given) -> st.SearchStrategy[tuple[Document, ...]]:
    there = _handed_in(now)
    return st.sampled_from([there, there[1:], (*there, *there[:1]), papers("audit_tool", "scorecard", "photo"), ()])


def _addition(now: Given) -> Wishes:
    """Each document has an id of its own; their words are often those of another."""
    return st.builds(
        c.AddDocument,
        document_id=st.just(id_of(f"document {now.case.version}")),
        kind=kinds,
        sha256=st.integers(1, 4).map(lambda number: digest_of(f"words {number}")),
        size=st.integers(1, 60_000_000),
        media_type=st.sampled_from(["application/pdf", "application/pdf", "image/png", "text/html"]),
        filename=reasons,
    )


def _withdrawal(now: Given) -> Wishes:
    there = [document.document_id for document in now.case.documents]
    return st.builds(c.WithdrawDocument, document_id=st.sampled_from([*there, id_of("no document")]))


def _all_answers(now: Given) -> tuple[c.Answer, ...]:
    notes = now.case.audit.notes if now.case.audit else ()
    return tuple(c.Answer(note_id=n.note_id, text=Text(f"re {n.note_id}")) for n in notes if not n.answered)


def _answers(now: Given) -> st.SearchStrategy[tuple[c.Answer, ...]]:
    nothing_asked = c.Answer(note_id=id_of("no note"), text=Text("?"))
    return st.sampled_from([_all_answers(now) or (nothing_asked,), (*_all_answers(now), nothing_asked)])


SHAPES: dict[str, Callable[[Given], Wishes]] = {
    "register-employer": lambda _: st.builds(
        c.RegisterEmployer, employer=employers, contact=persons, terms_accepted=st.booleans()
    ),
    "update-employer": lambda _: st.builds(
        c.UpdateEmployer, employer=st.none() | employers, contact=st.none() | persons
    ),
    "name-champion": lambda _: st.builds(c.NameChampion, person=persons, employment=employments),
    "replace-champion": lambda _: st.builds(c.ReplaceChampion, person=persons, employment=employments, reason=reasons),
    "enrol-in-training": lambda now: st.builds(c.EnrolInTraining, course=courses, starts_on=_days(now, -9, 99)),
    "record-training": lambda now: st.builds(
        c.RecordTraining,
        course=courses,
        completed_on=_days(now, -400, 1),
        certificate_number=st.none() | texts,
    ),
    "lapse-training": lambda _: st.just(c.LapseTraining()),
    "record-self-assessment": lambda _: assessments,
    "declare-sms": lambda _: st.just(c.DeclareSms()),
    "file-notice": lambda now: _notice(now, c.FileNotice),
    "accept-notice": lambda _: st.just(c.AcceptNotice()),
    "refuse-notice": lambda _: st.builds(c.RefuseNotice, reason=reasons),
    "amend-notice": lambda now: _notice(now, c.AmendNotice),
    "cancel-notice": lambda _: st.builds(c.CancelNotice, reason=reasons),
    "add-document": _addition,
    "withdraw-document": _withdrawal,
    "submit-audit": lambda now: st.builds(
        c.SubmitAudit, **_period(now), scorecard=scorecards, documents=_documents(now)
    ),
    "record-advice": lambda now: st.builds(
        c.RecordAdvice,
        adviser=st.sampled_from([None, "staff", "reviewer-1", "nobody"]),
        advised_on=st.none() | _days(now, -1500, 1),
        elements=st.sampled_from([(), ("hazards",), ("coffee",)]),
        words=st.none() | reasons,
    ),
    "assign-reviewer": lambda _: st.builds(
        c.AssignReviewer, reviewer=st.sampled_from(["reviewer-1", "reviewer-1", "employer", "nobody"])
    ),
    "return-audit": lambda now: st.just(c.ReturnAudit(notes=(c.Note(text=Text(f"note {now.case.version}")),))),
    "resubmit-audit": lambda now: st.builds(
        c.ResubmitAudit, **_period(now), scorecard=scorecards, documents=_documents(now), answers=_answers(now)
    ),
    "reject-audit": lambda _: st.builds(c.RejectAudit, reason=reasons),
    "decide-qa": lambda _: st.builds(c.DecideQa, scorecard=st.none() | scorecards),
    "forward-to-worksafebc": lambda _: st.just(c.ForwardToWorksafebc()),
    "record-certificate": lambda now: st.builds(
        c.RecordCertificate,
        certificate_number=texts,
        issued_on=_days(now, -9, 1),
        expires_on=st.none() | _days(now, -9, 999),
    ),
    "record-worksafebc-refusal": lambda _: st.builds(c.RecordWorksafebcRefusal, reason=reasons),
    "record-standing": lambda now: st.builds(c.RecordStanding, good=st.booleans(), as_of=_days(now, -9, 1)),
    "place-hold": lambda now: st.builds(c.PlaceHold, reason=reasons, review_on=st.none() | _days(now, 0, 99)),
    "release-hold": lambda _: st.just(c.ReleaseHold()),
    "extend-deadline": lambda now: st.builds(
        c.ExtendDeadline, deadline=deadline_names, due_on=_days(now, -9, 500), reason=reasons
    ),
    "miss-deadline": lambda _: st.builds(c.MissDeadline, deadline=deadline_names),
    "erase-person": lambda _: st.builds(
        c.ErasePerson,
        person_id=st.sampled_from([id_of(ANNA), id_of(BORIS), id_of(CONTACT)]),
        requested_by=st.sampled_from(get_args(Requester)),
        reason=reasons,
    ),
    "withdraw": lambda _: st.builds(c.Withdraw, reason=reasons),
    "close": lambda _: st.builds(c.Close, reason=st.sampled_from(get_args(ClosingReason))),
}
ENDS = {"withdraw", "close"}


def _lead(now: Given) -> timedelta:
    return timedelta(days=now.policies.on(now.today).numbers.notice_lead_days.value)


def _noticed_start(now: Given) -> date:
    return now.case.notice.starts_on if now.case.notice else now.today


def _missing_kind(now: Given) -> str:
    there = {document.kind for document in _handed_in(now)}
    return next((kind for kind in ("audit_tool", "scorecard") if kind not in there), "supporting")


def _first_due(now: Given) -> Deadline:
    return next(iter(now.case.deadlines), _NONE)


_NONE = Deadline(name="none", due_on=TODAY, owner="staff", anchor="none", explanation=())

SENSIBLE: dict[str, Callable[[Given], Wish]] = {
    "file-notice": lambda now: file_notice(now.today + _lead(now)),
    "amend-notice": lambda now: amend_notice(_noticed_start(now) + timedelta(days=1)),
    "record-training": lambda now: record_training(now.today),
    "add-document": lambda now: add_document(_missing_kind(now), f"document {now.case.version}"),
    "withdraw-document": lambda now: next(
        (c.WithdrawDocument(document_id=d.document_id) for d in now.case.documents if not (d.withdrawn or d.submitted)),
        withdraw_document("no document"),
    ),
    "submit-audit": lambda now: submit_audit(_noticed_start(now), now.today, documents=_handed_in(now)),
    "resubmit-audit": lambda now: resubmit_audit(
        *_all_answers(now), started_on=_noticed_start(now), ended_on=now.today, documents=_handed_in(now)
    ),
    "return-audit": lambda now: return_audit(f"note {now.case.version}"),
    "record-certificate": lambda now: record_certificate(now.today),
    "miss-deadline": lambda now: c.MissDeadline(deadline=_first_due(now).name),
    "extend-deadline": lambda now: extend_deadline(
        _first_due(now).name, max(_first_due(now).due_on, now.today) + timedelta(days=1)
    ),
}
"""What a sensible person would wish today, where that depends on the case."""


def _good(command: str, now: Given) -> Wish:
    return SENSIBLE[command](now) if command in SENSIBLE else wish_of(command)


@st.composite
def wishes(draw: st.DrawFn, now: Given) -> Wish:
    """Mostly something for which there is a road, often sensible; seldom an end, or else all lives would be short."""
    roads = [command for command in TABLE if now.case.state in TABLE[command].roads]
    ahead = [command for command in roads if TABLE[command].roads[now.case.state] != (now.case.state,)]
    on_the_road = [command for command in [*ahead * 4, *roads] if command not in ENDS]
    command = draw(st.sampled_from([*on_the_road * 10, *TABLE]))
    wish = _good(command, now) if draw(st.sampled_from([True, True, False])) else draw(SHAPES[command](now))
    earlier = draw(st.sampled_from([None] * 20 + [1, 30, -1]))
    return wish if earlier is None else _dated(wish, now.today - timedelta(days=earlier))


def _dated(wish: Wish, day: date) -> Wish:
    return wish.model_copy(update={"effective_on": day})


def live(data: st.DataObject, most: int = 25) -> list[When]:
    """Up to so many wishes in a case at any stage, granted or refused."""
    now = under(EDITIONS)(data.draw(st.sampled_from([*BY_STATE.values(), *STAGES]), "stage"))
    life = []
    for _ in range(data.draw(st.sampled_from(range(1, most + 1)), "wishes")):
        now = days_later(data.draw(st.sampled_from([0, 0, 0, 0, 1, 14, 30, 90, 400]), "days later"))(now)
        role = data.draw(st.sampled_from([None] * 80 + list(Role)), "role")
        now = as_(role)(now) if role else as_whoever_may(now)
        when = now.when(data.draw(wishes(now), "wish"))
        life.append(when)
        if when.refusals and now.case.state == "Closed":
            break
        if not when.refusals:
            now = when.granted()
    return life


STAGES = (assessed, under_review, audit_returned, forwarded)

assert set(SHAPES) == set(BY_SLUG)  # a command without a shape would never be tried
