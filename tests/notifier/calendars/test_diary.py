"""The diary takes each page of the log once, on SQLite and on PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from notifier.given import CASE, event
from secor_notifier.calendars.diary import Diary, Scope
from secor_notifier.domain.event import Deadline, Event
from secor_notifier.workflow import Feed, FeedPage, WorkflowClient

AT = datetime(2026, 12, 1, 18, tzinfo=UTC)
TODAY = date(2026, 12, 1)
DUE = date(2027, 2, 5)
OTHER = "01930000-0000-7000-8000-000000000002"
NAMED: dict[str, object] = {"employer": {"legal_name": "Harbour & Sons, Ltd."}}


@pytest.fixture
def diary(engine: AsyncEngine) -> Diary:
    return Diary(engine, Feed(WorkflowClient("http://127.0.0.1:9", "")))


def page(cursor: str, *events: Event) -> FeedPage:
    return FeedPage(events, cursor, at_head=True)


def told(*due: Deadline, case_id: str = CASE, at: datetime = AT, fact: dict[str, object] | None = None) -> Event:
    return replace(event("Something", fact or {}, *due, at=at), case_id=case_id)


def audit(due_on: date = DUE) -> Deadline:
    return Deadline("audit_submission", due_on, "employer")


def answer(due_on: date = DUE) -> Deadline:
    return Deadline("notice_answer", due_on, "staff")


async def shown(diary: Diary, scope: Scope, at: datetime = AT, at_most: int = 100) -> list[tuple[str, int, bool]]:
    found = await diary.show(scope, TODAY, at - timedelta(days=30), at_most)
    return [(one.entry.deadline, one.entry.sequence, one.entry.ended_at is None) for one in found]


async def test_a_page_is_taken_once(diary: Diary) -> None:
    pages = page("e.2", told(audit()), told(audit(DUE + timedelta(days=7))))
    taken = await asyncio.gather(*(diary.take(None, pages) for _ in range(3)))

    assert sorted(taken) == [False, False, True]
    assert await shown(diary, Scope(case_id=CASE)) == [("audit_submission", 1, True)]


async def test_what_ended_is_shown_for_a_while(diary: Diary) -> None:
    await diary.take(None, page("e.1", told(audit(), answer())))
    await diary.take("e.1", page("e.2", told(audit(), at=AT + timedelta(days=1))))

    soon, later = AT + timedelta(days=30), AT + timedelta(days=32)
    assert await shown(diary, Scope(case_id=CASE), soon) == [("audit_submission", 0, True), ("notice_answer", 1, False)]
    assert await shown(diary, Scope(case_id=CASE), later) == [("audit_submission", 0, True)]


async def test_a_scope_shows_what_it_names(diary: Diary) -> None:
    far = told(audit(DUE + timedelta(days=900)), case_id=OTHER)
    await diary.take(None, page("e.2", told(audit(), answer()), far))

    assert len(await shown(diary, Scope())) == 3
    assert await shown(diary, Scope(owner="staff")) == [("notice_answer", 0, True)]
    assert len(await shown(diary, Scope(deadlines=("audit_submission",)))) == 2
    assert len(await shown(diary, Scope(days_ahead=120))) == 2
    assert await shown(diary, Scope(case_id=OTHER)) == [("audit_submission", 0, True)]
    assert len(await shown(diary, Scope(), at_most=2)) == 2


async def test_what_has_ended_takes_no_place_from_what_holds(diary: Diary) -> None:
    ended = [told(audit(DUE - timedelta(days=9)), case_id=f"{CASE[:-1]}{number}") for number in range(5)]
    await diary.take(None, page("e.5", *ended))
    await diary.take("e.5", page("e.10", *(replace(one, deadlines=()) for one in ended)))
    await diary.take("e.10", page("e.11", told(audit(), answer(), case_id=OTHER)))

    assert [holds for _, _, holds in await shown(diary, Scope(), at_most=3)] == [True, True, False]


async def test_the_legal_name_is_what_the_feed_last_told(diary: Diary) -> None:
    renamed: dict[str, object] = {"employer": {"legal_name": "Harbour Inn Ltd."}}
    await diary.take(None, page("e.1", told(audit(), fact=NAMED), told(audit(), case_id=OTHER)))
    await diary.take("e.1", page("e.2", told(audit(), fact=renamed)))

    found = await diary.show(Scope(), TODAY, AT, 100)
    assert {one.entry.case_id: one.legal_name for one in found} == {CASE: "Harbour Inn Ltd.", OTHER: None}
