"""The plan of many cases is read page by page, each reminder once, and no page reads them all."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from notifier.given import CONTACT, RULES, deadline, watch
from secor_notifier import plan as planned_pages
from secor_notifier.clock import Clock
from secor_notifier.domain.reminders import timed, upcoming
from secor_notifier.domain.skip import Cause
from secor_notifier.ledger import Ledger, Taken, Wishes
from secor_notifier.ledger.reading import Reading
from secor_notifier.plan import Ahead, Mark, Plan, Planned
from secor_notifier.planning import Planning

NOW = datetime(2027, 1, 29, 3, tzinfo=UTC)  # in the evening: what is owed waits for the next morning
CASES = [
    replace(
        watch(
            deadline(due_on=date(2027, 2, 5) + timedelta(days=5 * number % 40)),
            contact=f"{CONTACT[:-3]}{number % 7:03}",
        ),
        case_id=f"case-{number:03}",
    )
    for number in range(24)
]


@pytest.fixture
def engine_kind() -> str:
    """One engine is enough: the pages are the same, and both order them by an index."""
    return "sqlite"


@pytest.fixture
async def plan(ledger: Ledger) -> Plan:
    """Some cases, of which what is owed today is planned and waits."""
    clock = Clock(NOW - datetime.now(UTC))
    await ledger.take(None, Taken("e.1", 1, tuple(CASES)), NOW)
    await Planning(ledger, Wishes(ledger.engine), RULES, clock).plan()
    return Plan(ledger, Reading(ledger.engine), Wishes(ledger.engine), RULES, clock)


async def pages(plan: Plan, ahead: Ahead, limit: int) -> list[tuple[Planned, ...]]:
    """All but the staff's digest, which is about no case."""
    found = []
    after: Mark | None = None
    while True:
        page = await plan.page(ahead, after, limit)
        found.append(tuple(one for one in page.items if one.decision.case_id))
        after = page.next
        if after is None:
            return found


async def test_page_by_page_each_reminder_comes_once_and_none_is_missing(plan: Plan) -> None:
    today = plan.clock.today()
    foreseen = {
        one.reminder_id
        for case in CASES
        for one in upcoming(case, RULES, today, today + timedelta(days=30))
        if one.skip is None or one.owed_on > today
    }
    read = await pages(plan, Ahead(30), 20)

    ids = [one.decision.reminder_id for page in read for one in page]
    assert {len(page) for page in read[1:-1]} == {20}
    assert len(ids) == len(set(ids))
    assert set(ids) == foreseen


async def test_what_is_decided_and_waits_comes_first_and_tells_its_template(plan: Plan) -> None:
    [first, *_] = await pages(plan, Ahead(30), 10_000)
    waits = [one.template_version is not None for one in first]

    assert waits == sorted(waits, reverse=True)
    assert sum(waits) > 0
    to_send = [one for one in first if one.template_version and one.sends_at]
    assert all(one.waits_because for one in to_send)
    assert all(timed(one.decision, RULES, NOW).moved for one in to_send)
    overtaken = [one.decision.skip for one in first if one.template_version and not one.sends_at]
    assert {skip.cause for skip in overtaken if skip} == {Cause.SUPERSEDED}  # a later rung comes up before the morning


async def test_one_persons_plan_is_all_of_theirs_however_few_cases_a_page_looks_at(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planned_pages, "CASES", 10)
    monkeypatch.setattr(planned_pages, "LOOKS", 2)
    whole = [one for page in await pages(plan, Ahead(30), 10_000) for one in page]
    for person in (f"{CONTACT[:-3]}003", "staff"):
        theirs = [one for page in await pages(plan, Ahead(30, recipient=person), 10_000) for one in page]

        assert theirs == [one for one in whole if one.decision.recipient.id == person]
        assert theirs


async def test_one_cases_plan_is_the_same_as_in_the_plan_of_all(plan: Plan) -> None:
    whole = [one for page in await pages(plan, Ahead(30), 10_000) for one in page]

    of_case = await plan.of_case("case-007", 30)
    assert of_case
    assert [*of_case] == [one for one in whole if one.decision.case_id == "case-007"]
