"""After any fault: all that was acknowledged is there once, no gap, readers complete, the read model as the log."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from faults.load import Told
from faults.readers import Reader
from secor_workflow.database.tables import events
from secor_workflow.log.upkeep import verify
from workflow.log.services import a_log
from workflow.log.stories import POLICIES

READ_SECONDS = 30.0
"""How long readers may still read after the last command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found."""

    acknowledged: int
    lost: int
    twice: int
    wrong: list[str] = field(default_factory=list)
    """Everything else that should not be, in words."""

    @property
    def holds(self) -> bool:
        return not (self.lost or self.twice or self.wrong)


async def judge(database_url: str, since: int, told: Told, left: set[str], readers: Iterable[Reader]) -> Verdict:
    """Hold what clients and readers were told since a position against what the database has."""
    async with a_log(database_url) as log:
        async with log.engine.connect() as connection:
            columns = (events.c.position, events.c.idempotency_key, events.c.body)
            query = sa.select(*columns).where(events.c.position > since).order_by(events.c.position)
            stored = [(position, key, json.loads(body)) for position, key, body in await connection.execute(query)]
        wrong = await verify(log, POLICIES, lambda _done, _of: None)
    log_says = [event for _, _, event in stored]
    times = Counter(key for _, key, _ in stored if key)
    by_key = {key: event for _, key, event in stored if key}
    if [position for position, _, _ in stored] != list(range(since + 1, since + 1 + len(stored))):
        wrong.append("positions have a gap")
    unexplained = times.keys() - told.acknowledged.keys() - left
    wrong += [f"{key} is in the log, and nobody was told so" for key in sorted(unexplained)]
    for reader in readers:
        await reader.reaches(len(stored), READ_SECONDS)
        wrong += _unlike(reader, log_says)
    return Verdict(
        acknowledged=told.number,
        lost=sum(by_key.get(key) != event for key, event in told.acknowledged.items()),
        twice=sum(number > 1 for number in times.values()),
        wrong=wrong,
    )


def _unlike(reader: Reader, log_says: list[dict[str, Any]]) -> list[str]:
    """Where what a reader was told leaves the log."""
    heard = [json.loads(text) for text in reader.texts[: len(log_says)]]
    if heard == log_says:
        return []
    pairs = zip(heard, log_says, strict=False)
    at = next((i for i, (one, other) in enumerate(pairs) if one != other), None)
    place = f"position {heard[at]['position']} where {log_says[at]['position']} stands" if at is not None else "no more"
    return [f"a {type(reader).__name__} was told {len(heard)} events of {len(log_says)}, then {place}"]
