"""How long a tick takes with a million watches of which a thousand are due: `python tests/bench/notifier_scale.py`.

Measures, on an SQLite file in a temporary folder (or on `--url`): the tick that plans what is due, one in which nothing
is, a lease of what was planned, and the first pages of what comes up within a year, which concerns every watch, with
the memory that they take.
"""

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.progress import track
from sqlalchemy import update

from secor_notifier.clock import Clock
from secor_notifier.domain.letters import names
from secor_notifier.domain.reminders import next_look
from secor_notifier.domain.rules_text import read_rules
from secor_notifier.domain.watch import Watch, Watched
from secor_notifier.ledger import Ledger, Outbox, Taken, Wishes
from secor_notifier.ledger.engine import open_engine, read_url
from secor_notifier.ledger.reading import Reading
from secor_notifier.ledger.tables import watches
from secor_notifier.migrations import migrate
from secor_notifier.plan import Ahead, Plan
from secor_notifier.planning import Planning
from secor_notifier.settings import PACKAGED_RULES
from secor_notifier.zone import local_date

NOON = datetime(2026, 12, 1, 19, tzinfo=UTC)
AT_ONCE = 5000
PAGES = 4
ONE_OF_MANY = 777
RULES = read_rules(PACKAGED_RULES.read_text("utf-8"), names())
console = Console()


def a_watch(number: int, *, due: bool) -> Watch:
    """One case with one deadline: in a week, or in ten months."""
    day = local_date(NOON) + timedelta(days=7 if due else 300)
    contact = f"01930000-0000-7000-8000-{number:012}"
    deadlines = (Watched("audit_submission", day, "employer", since=local_date(NOON) - timedelta(days=9)),)
    return Watch(f"case-{number:09}", number + 1, "NoticeFiled", deadlines, contact)


@contextmanager
def measured(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    console.print(f"{what}: [bold]{time.perf_counter() - began:.3f} s[/]")


async def main(url: str, watched: int, due: int) -> None:
    """Fill, then measure."""
    engine = open_engine(read_url(url))
    await migrate(engine)
    ledger, every = Ledger(engine), watched // due
    far = a_watch(1, due=False)
    look = next_look(far, RULES, local_date(NOON))
    cursor: str | None = None
    for start in track(range(0, watched, AT_ONCE), "Filling", console=console):
        some = tuple(a_watch(number, due=number % every == 0) for number in range(start, start + AT_ONCE))
        await ledger.take(cursor, Taken(f"e.{start + AT_ONCE}", start + AT_ONCE, some), NOON)
        cursor = f"e.{start + AT_ONCE}"
    async with engine.begin() as connection:
        soon = local_date(NOON) + timedelta(days=30)
        await connection.execute(update(watches).where(watches.c.first_due_on > soon).values(next_on=look))
    planning = Planning(ledger, Wishes(engine), RULES, Clock(NOON - datetime.now(UTC)))
    with measured(f"the tick that plans {due:,} of {watched:,} watches"):
        await planning.plan()
    with measured("a tick in which nothing is due"):
        await planning.plan()
    with measured("a lease of 50"):
        leased = await Outbox(engine, "bench", 60).lease(NOON + timedelta(minutes=1), 50)
    console.print(f"leased {len(leased)}")
    await _look_ahead(Plan(ledger, Reading(engine), Wishes(engine), RULES, planning.clock))
    await engine.dispose()


async def _look_ahead(plan: Plan) -> None:
    before, after = peak_megabytes(), None
    for number in range(1, PAGES + 1):
        with measured(f"page {number} of what comes up within a year"):
            page = await plan.page(Ahead(366), after, 500)
        after = page.next
    with measured("a page of what comes up for one person"):
        page = await plan.page(Ahead(366, recipient=a_watch(ONE_OF_MANY, due=False).contact_id), None, 500)
    console.print(f"{len(page.items)} reminders; memory at its most: {peak_megabytes():.0f} MB, before {before:.0f} MB")


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default=None)
    parser.add_argument("--watched", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=1000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(given.url or f"sqlite:///{folder}/bench.db", given.watched, given.due))
