"""Laws that hold in every life of a case, whoever wishes what, in whatever order."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from secor_workflow.domain.case import Case
from secor_workflow.domain.clockwork import due, next_due
from secor_workflow.domain.commands import MissDeadline
from secor_workflow.domain.context import Role
from secor_workflow.domain.events import FACTS, AuditSubmitted, DocumentAdded, DocumentWithdrawn
from secor_workflow.domain.evolve import fold
from secor_workflow.domain.roads import STATES
from secor_workflow.log.envelope import placed, read, write
from workflow.domain.agreement import agrees
from workflow.domain.lives import EDITIONS, live
from workflow.domain.readiness import FAILING, ready
from workflow.domain.table import AFTER_THE_AUDIT, OPEN, TABLE
from workflow.specification import Given, When, as_, days_later, given

LIVES_IN = {
    "name_champion": {"Registered"},
    "training": {"ChampionNamed", "SMSDeveloped", *AFTER_THE_AUDIT},
    "student_audit": {"Trained", "SMSDeveloped", "NoticeFiled", "QAFailed"},
    "sms": {"Trained"},
    "notice_answer": {"NoticeFiled"},
    "audit_start": {"NoticeFiled"},
    "audit_submission": {"NoticeFiled"},
    "qa_decision": {"AuditSubmitted"},
    "corrections": {"AuditSubmitted"},
    "new_notice": {"QAFailed"},
    "forwarding": {"QAPassed"},
    "certificate_expiry": {"Certified"},
    "idle": set(OPEN),
}
"""The states in which each deadline may be seen."""


def end_of(life: list[When]) -> Given:
    last = life[-1]
    return last.before if last.refusals else last.granted()


@settings(max_examples=30)
@for_all(st.data())
def test_a_wish_is_granted_or_refused_with_reasons_and_the_machine_agrees(data: st.DataObject) -> None:
    for when in live(data):
        assert all(refusal.code and refusal.detail for refusal in when.refusals)
        assert agrees(when)


@settings(max_examples=80)
@for_all(st.data())
def test_deadlines_are_sorted_and_belong_to_the_state(data: st.DataObject) -> None:
    case = end_of(live(data)).case
    dated = [(deadline.due_on, deadline.name) for deadline in case.deadlines]
    assert dated == sorted(dated)
    assert all(case.state in LIVES_IN[name] for _, name in dated)
    assert any(name == "idle" for _, name in dated) is (case.state in OPEN)


@settings(max_examples=60)
@for_all(st.data())
def test_a_history_folds_to_what_it_grew_to_step_by_step(data: st.DataObject) -> None:
    case = Case(case_id=end_of(life := live(data)).case.case_id)
    for when in life:
        grown = when.before.case
        assert fold(case.case_id, when.before.events) == grown
    end = end_of(life)
    assert fold(case.case_id, end.events) == end.case
    assert [event.version for event in end.events] == list(range(1, end.case.version + 1))
    assert end.case.state in {*STATES, "Unregistered"}


@settings(max_examples=60)
@for_all(st.data())
def test_what_an_audit_pins_was_handed_in_before_with_just_these_bytes(data: st.DataObject) -> None:
    added: dict[UUID, tuple[str, str]] = {}
    for event in end_of(live(data)).events:
        match event.fact:
            case DocumentAdded() as fact:
                added[fact.document_id] = (fact.kind, fact.sha256)
            case DocumentWithdrawn() as fact:
                del added[fact.document_id]
            case AuditSubmitted() as fact:
                assert all(added[d.document_id] == (d.kind, d.sha256) for d in fact.documents)


@settings(max_examples=60)
@for_all(st.data(), st.integers(1, 2**63 - 1))
def test_every_event_is_read_from_its_text_as_it_was_written(data: st.DataObject, position: int) -> None:
    end = end_of(live(data))
    texts = [(event.type, write(event)) for event in end.events]
    told = [read(type_, placed(text, event.position)) for (type_, text), event in zip(texts, end.events, strict=True)]
    assert told == list(end.events)
    assert [(event.type, write(event)) for event in told] == texts
    assert fold(end.case.case_id, told) == end.case
    if texts:
        assert read(texts[-1][0], placed(texts[-1][1], position)).position == position


def test_an_event_of_every_kind_is_read_from_its_text_as_it_was_written() -> None:
    ends = [
        ready(command, state)[0].and_then(ready(command, state)[1])
        for command in TABLE
        for state in TABLE[command].roads
    ]
    ends.append(ready("decide-qa", "AuditSubmitted")[0].and_then(FAILING))
    events = [event for end in ends for event in end.events]
    assert {event.type for event in events} == set(FACTS)
    assert [read(event.type, placed(write(event), event.position)) for event in events] == events


@settings(max_examples=60)
@for_all(st.data(), st.integers(0, 2000))
def test_one_sweep_of_the_clock_leaves_nothing_due(data: st.DataObject, days: int) -> None:
    """A lapse begins the idle time anew and ends `sms`, so their misses may be refused after it, and nothing else."""
    now = given(end_of(live(data)), as_(Role.CLOCK), days_later(days))
    policy = EDITIONS.on(now.today)
    for wish in list(due(now.case, now.today, policy)):
        when = now.when(wish)
        if when.refusals:
            assert now.events[-1].type == "TrainingLapsed"
            assert (wish, when.codes) in [
                (MissDeadline(deadline="idle"), ["deadline_not_over"]),
                (MissDeadline(deadline="sms"), ["no_such_deadline"]),
            ]
        else:
            now = when.granted()
    assert not list(due(now.case, now.today, policy))
    following = next_due(now.case, policy)
    assert following is None or following >= now.today


@settings(max_examples=60)
@for_all(st.data(), st.integers(-400, 800))
def test_something_is_due_exactly_from_the_day_after_the_next_due_date(data: st.DataObject, days: int) -> None:
    end = end_of(live(data))
    day = end.today + timedelta(days=days)
    policy = EDITIONS.on(day)
    following = next_due(end.case, policy)
    assert bool(list(due(end.case, day, policy))) is (following is not None and following < day)
