"""Asked to stop in the midst of many letters, a notifier keeps none to itself: whoever comes next sends them."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from notifier.house import House, eventually
from notifier.stand_in import StandIn
from secor_notifier.ledger import Outbox, Reminder
from secor_notifier.ledger.engine import open_engine, read_url
from secor_notifier.ledger.tables import reminders
from secor_notifier.sending import BATCH

PATIENCE = 50.0
"""Less than a lease holds."""


@pytest.fixture
def workflow() -> StandIn:
    """Told so much before the notifier starts that its first letters are leased all together."""
    workflow = StandIn()
    for number in range(BATCH):
        contact = workflow.person(f"Ana {number}", f"ana{number}@inn.example")
        workflow.tell(workflow.case(contact), "EmployerRegistered", {"contact_id": contact})
    return workflow


def still_leased(url: str) -> int:
    async def count() -> int:
        engine = open_engine(read_url(url))
        try:
            async with engine.connect() as connection:
                leased = select(func.count()).where(reminders.c.lease_until.is_not(None))
                return await connection.scalar(leased) or 0
        finally:
            await engine.dispose()

    return asyncio.run(count())


def sent(house: House) -> int:
    return len(list((house.home / "mailbox").glob("*-welcome-*.eml")))


def the_next_sends_all_of_them_once(house: House) -> bool:
    house.start()
    eventually(lambda: len(house.reminders(status="sent")) == BATCH, PATIENCE)
    return sent(house) == BATCH


@pytest.mark.parametrize("begun", [1, BATCH // 2])
def test_what_it_has_not_begun_is_free_for_the_next(
    tmp_path: Path, ledger_url: str, workflow: StandIn, begun: int
) -> None:
    with House(tmp_path, ledger_url, workflow) as house:
        eventually(lambda: sent(house) >= begun, PATIENCE)
        house.stop()

        assert 0 < sent(house) < BATCH, "It was to be stopped in the midst of them."
        assert still_leased(ledger_url) == 0
        assert the_next_sends_all_of_them_once(house)


def test_what_it_leased_and_was_not_told_of_is_free_too(
    tmp_path: Path, ledger_url: str, workflow: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database may have written the lease down when the one who asked for it no longer hears the answer."""
    written, as_it_is = threading.Event(), Outbox.lease

    async def lease(outbox: Outbox, now: datetime, limit: int) -> Sequence[Reminder]:
        found = await as_it_is(outbox, now, limit)
        if found and not written.is_set():
            written.set()
            await asyncio.Event().wait()
        return found

    monkeypatch.setattr(Outbox, "lease", lease)
    with House(tmp_path, ledger_url, workflow) as house:
        eventually(written.is_set, PATIENCE)
        house.stop()

        assert sent(house) == 0
        assert still_leased(ledger_url) == 0
        assert the_next_sends_all_of_them_once(house)


def test_it_stops_although_what_is_broken_off_makes_an_error_of_its_own_out_of_that(
    tmp_path: Path, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = threading.Event()

    async def find_lost(*_: object, **__: object) -> int:
        asking.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise OperationalError(None, None, OSError("interrupted")) from None
        return 0

    with House(tmp_path, ledger_url) as house:
        eventually(lambda: house.ask("/readyz").is_success, PATIENCE)
        monkeypatch.setattr(Outbox, "find_lost", find_lost)
        eventually(asking.is_set, PATIENCE)
        house.stop()
