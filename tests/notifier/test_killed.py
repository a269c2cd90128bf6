"""Killed at any step of a send: another process goes on, each reminder is decided once, and none is lost in silence."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import pytest

from databases import PostgresServer
from notifier import mortal
from notifier.house import eventually
from notifier.serving import Serving
from notifier.stand_in import StandIn, due
from post_office import Inbox, post_office
from secor_notifier.domain.rules import Category
from secor_notifier.ledger import Ledger, Reminder, Status
from secor_notifier.ledger.engine import open_engine, read_url
from secor_notifier.ledger.reading import Reading, Wanted
from secor_notifier.migrations import migrate

NOON = datetime(2026, 12, 1, 19, tzinfo=UTC)
CASES = 2
PATIENCE = 45  # seconds; two would do on a machine that has nothing else to do
STEPS = (
    [*mortal.POINTS]
    if os.environ.get("SECOR_FAULTS")
    else [
        "after a page is taken",
        "after the lease",
        "after the attempt was written down",
        "when the mail server has the letter",
    ]
)
"""All of them in `make faults`; else those between two things done, where something could be lost or repeated."""
T = TypeVar("T")
SETTLED = {Status.SENT, Status.SKIPPED}


class Town:
    """One workflow, one mail server, one database, and notifiers that come and go."""

    def __init__(self, home: Path, database_url: str, inbox: Inbox) -> None:
        self.home, self.database_url, self.inbox = home, database_url, inbox
        self._runner = asyncio.Runner()
        self.engine = open_engine(read_url(database_url))
        self.workflow = StandIn(now=NOON)
        self.served = Serving(self.workflow.app())
        self.processes: list[Any] = []  # multiprocessing's own, of a class which its context makes

    def __enter__(self) -> Self:
        self.run(migrate(self.engine))
        self.set_clock(NOON)
        self.served.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.join()
        self.workflow.closing = True
        self.served.__exit__(None, None, None)
        self.run(self.engine.dispose())
        self._runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def set_clock(self, to: datetime) -> None:
        self.run(Ledger(self.engine).set_clock_ahead(to - datetime.now(UTC)))

    def notifier(self, point: str | None = None) -> Any:  # noqa: ANN401 (see `processes`)
        process = mortal.start(self.home, self.database_url, self.served.url, self.inbox.url, point)
        self.processes.append(process)
        return process

    def register(self, cases: int = CASES) -> None:
        """For each case a welcome, a miss told to two, and a reminder: two notices and a nudge for the contact."""
        for number in range(cases):
            contact = self.workflow.person("Ana Ng", f"ana{number}@inn.example")
            deadlines = [due("name_champion", "2026-11-30"), due("sms", "2026-12-08")]
            fact = {"contact_id": contact}
            self.workflow.tell(self.workflow.case(contact), "EmployerRegistered", fact, deadlines=deadlines)

    def reminders(self) -> list[Reminder]:
        return list(self.run(Reading(self.engine).page(Wanted(limit=500))).items)

    def settled(self, cases: int) -> list[Reminder] | None:
        found = self.reminders()
        over = all(one.status in SETTLED or _given_up_in_the_open(one) for one in found)
        letters = [one for one in found if one.status is not Status.SKIPPED and one.decision.case_id]
        return found if over and len(letters) == 4 * cases else None


def more_than(inbox: Inbox, before: int) -> bool:
    return len(inbox.received) > before


def _given_up_in_the_open(one: Reminder) -> bool:
    nudge = one.decision.category is Category.NUDGE
    return one.status is Status.UNKNOWN and nudge and one.next_attempt_at is None


@pytest.fixture
def town(tmp_path: Path, postgres: PostgresServer) -> Iterator[Town]:
    name = postgres.create_database()
    with post_office() as inbox, Town(tmp_path, postgres.url(name), inbox) as one:
        yield one
    postgres.drop_database(name)


def holds(town: Town, found: list[Reminder]) -> None:
    """Decided once; handed over under one name; twice only what is a notice; nothing sent that did not arrive."""
    arrived = Counter(message_id for _, message_id in town.inbox.received)
    keys = [one.decision.key for one in found]
    nudges = {one.message_id for one in found if one.decision.category is Category.NUDGE}
    assert len(keys) == len(set(keys)) == len({one.reminder_id for one in found})
    assert {one.message_id for one in found if one.status is Status.SENT} <= arrived.keys()
    assert arrived.keys() <= {one.message_id for one in found}
    assert all(number == 1 for message_id, number in arrived.items() if message_id in nudges)


@pytest.mark.parametrize("point", STEPS)
def test_killed_at_any_step_another_process_goes_on(town: Town, point: str) -> None:
    town.register()
    killed = town.notifier(point)
    eventually(lambda: killed.exitcode is not None, PATIENCE)
    assert killed.exitcode == -signal.SIGKILL
    town.notifier()

    holds(town, eventually(lambda: town.settled(CASES), PATIENCE))


def test_two_processes_share_the_work_while_one_after_another_is_killed(town: Town) -> None:
    town.notifier()
    cases = 0
    for _ in range(3):
        victim = town.notifier()
        town.register(3)
        cases += 3
        eventually(partial(more_than, town.inbox, len(town.inbox.received)), PATIENCE)
        victim.kill()

    holds(town, eventually(lambda: town.settled(cases), PATIENCE))


def test_the_clock_set_back_an_hour_repeats_nothing(town: Town) -> None:
    town.register()
    town.notifier()
    found = eventually(lambda: town.settled(CASES), PATIENCE)
    town.set_clock(NOON - timedelta(hours=1))
    town.register(1)

    holds(town, eventually(lambda: town.settled(CASES + 1), PATIENCE))
    assert Counter(message_id for _, message_id in town.inbox.received).most_common(1)[0][1] == 1
    assert {one.reminder_id for one in found} <= {one.reminder_id for one in town.reminders()}
