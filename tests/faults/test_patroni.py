"""Patroni decides who is primary: the primary is killed, falls silent, hands over; nothing acknowledged is lost.

Only in `make faults`, and where Patroni and etcd are installed: to notice that a primary is gone takes half a minute.
"""

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faults.load import Load
from faults.patroni_pair import PatroniPair, missing
from faults.scene import Scene, a_scene
from faults.trial import Fault, console, trial

pytestmark = [
    pytest.mark.skipif(os.environ.get("SECOR_FAULTS") != "1", reason="it takes minutes: only in `make faults`"),
    pytest.mark.skipif(bool(missing()), reason=f"not installed: {', '.join(missing())}"),
    pytest.mark.timeout(900),
]


@pytest.fixture
def pair() -> Iterator[PatroniPair]:
    with PatroniPair() as pair:
        yield pair


def a_fault(
    pair: PatroniPair, name: str, happens: Callable[[], None], *afterwards: Callable[[], None], rounds: int = 1
) -> Fault:
    """What happens to the primary, and what is done once writes are accepted again; it tells how long that took."""

    async def change(_scene: Scene, load: Load) -> None:
        began, away = time.monotonic(), load.told.answers[503]
        await asyncio.to_thread(happens)
        await load.is_turned_away(1, since=away)
        await asyncio.to_thread(pair.is_led)
        await load.grows_by(1)
        console.print(f"{name}: writes are accepted again after {time.monotonic() - began:.1f} s")
        for step in afterwards:
            await asyncio.to_thread(step)

    return Fault(name=name, happens=change, rounds=rounds)


async def test_nothing_acknowledged_is_lost_when_patroni_promotes(pair: PatroniPair, tmp_path: Path) -> None:
    faults = [
        a_fault(pair, "Patroni's primary killed", pair.fail_over, pair.mend, rounds=2),  # then by who was rewound, too
        a_fault(pair, "Patroni's primary silent", pair.fall_silent, pair.end_silence, pair.mend),
        a_fault(pair, "Patroni's primary hands over", pair.switch_over, pair.settle),
    ]
    async with a_scene(tmp_path, pair.url) as scene:
        for fault in faults:
            row = await trial(scene, fault, fault.rounds)
            console.print(f"{fault.name}: {row.verdict.acknowledged:,} acknowledged, {row.verdict.lost} lost")
            assert row.verdict.holds, row.verdict
            assert row.again
