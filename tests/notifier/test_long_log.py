"""A long log and many watches: the first read is one stream, and a tick costs what is due."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from notifier.given import CONTACT, RULES
from notifier.house import House, eventually
from notifier.stand_in import StandIn
from secor_notifier import worker
from secor_notifier.clock import Clock
from secor_notifier.domain.reminders import next_look
from secor_notifier.domain.watch import Watch, Watched
from secor_notifier.ledger import Ledger, Taken, Wishes
from secor_notifier.ledger.tables import watches
from secor_notifier.planning import Planning
from secor_notifier.zone import local_date

NOON = datetime(2026, 12, 1, 19, tzinfo=UTC)


@pytest.fixture
def engine_kind() -> str:
    """One engine is enough to show what grows with what."""
    return "sqlite"


@pytest.fixture
def workflow(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Three thousand events of one case, which is long if a thousand is."""
    monkeypatch.setattr(worker, "LONG", 1000)
    told = StandIn(now=NOON)
    case = told.case(told.person("Ana Ng", "ana@inn.example"))
    for _ in range(3000):
        told.tell(case, "SomethingHappened")
    return told


def position(house: House) -> int:
    found: int = house.ask("/v1/cursor").json()["position"]
    return found


def test_a_long_log_is_read_in_one_stream(tmp_path: Path, workflow: StandIn) -> None:
    with House(tmp_path, f"sqlite:///{tmp_path / 'notifier.db'}", workflow) as house:
        eventually(lambda: position(house) == 3000)
        eventually(lambda: house.ask("/readyz").status_code == 200)

    assert workflow.streamed == [2500]


def test_a_stream_that_breaks_off_is_gone_on_with(tmp_path: Path, workflow: StandIn) -> None:
    workflow.breaks_off_after = 900_000
    with House(tmp_path, f"sqlite:///{tmp_path / 'notifier.db'}", workflow) as house:
        eventually(lambda: position(house) == 3000)
        house.settle()

        assert house.ask("/v1/cursor").json()["lag"] == 0


async def test_a_tick_costs_what_is_due_and_not_what_is_watched(ledger: Ledger) -> None:
    """Twenty thousand watches, twenty due: as quick as if there were but the twenty."""
    today = local_date(NOON)
    many = tuple(_watch(number, due=number % 1000 == 0) for number in range(20_000))
    for start in range(0, len(many), 1000):
        await ledger.take(
            f"e.{start}" if start else None, Taken(f"e.{start + 1000}", start, many[start : start + 1000]), NOON
        )
    await _settle(ledger, [one for one in many if one.deadlines[0].due_on.year > today.year])
    planning = Planning(ledger, Wishes(ledger.engine), RULES, Clock(NOON - datetime.now(UTC)))

    began = time.perf_counter()
    await planning.plan()
    first = time.perf_counter() - began
    began = time.perf_counter()
    await planning.plan()
    idle = time.perf_counter() - began

    assert first < 2
    assert idle < 0.2
    assert await ledger.watches_to_look_at(today, 100) == []


def _watch(number: int, *, due: bool) -> Watch:
    day = local_date(NOON) + timedelta(days=7 if due else 1000)
    deadlines = (Watched("audit_submission", day, "employer"),)
    return Watch(f"case-{number:06}", number + 1, "NoticeFiled", deadlines, CONTACT)


async def _settle(ledger: Ledger, far_off: list[Watch]) -> None:
    """As if all but what is due had been looked at before."""
    look = next_look(far_off[0], RULES, local_date(NOON))
    names = {one.case_id for one in far_off}
    async with ledger.engine.begin() as connection:
        due = [f"case-{number:06}" for number in range(0, 20_000, 1000)]
        assert names.isdisjoint(due)
        await connection.execute(update(watches).where(watches.c.case_id.not_in(due)).values(next_on=look))
