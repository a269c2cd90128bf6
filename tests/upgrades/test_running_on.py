"""A process that runs while the database becomes a newer one goes on, and says when it no longer can."""

import asyncio
from pathlib import Path

import pytest

from notifier.house import House as RunningNotifier
from upgrades.houses import NOTIFIER, WORKFLOW, House
from workflow.api.service import Service

whether_it_fits = pytest.mark.parametrize(("revision", "told"), [("9999_since_0001", "ok"), ("9999", "does not know")])


def call(house: House, url: str, revision: str) -> None:
    """Give a running process's database the name of a newer version."""

    async def say() -> None:
        engine = house.open(url)
        await house.call(engine, revision)
        await engine.dispose()

    asyncio.run(say())


@whether_it_fits
def test_the_workflow(tmp_path: Path, revision: str, told: str) -> None:
    url = f"sqlite:///{tmp_path / 'workflow.db'}"
    with Service(url) as service:
        call(WORKFLOW, url, revision)

        ready = service.nobody.get("/readyz")

    assert ready.is_success is (told == "ok")
    assert told in ready.json()["checks"]["migrations"]


@whether_it_fits
def test_the_notifier(tmp_path: Path, revision: str, told: str) -> None:
    url = f"sqlite:///{tmp_path / 'notifier.db'}"
    with RunningNotifier(tmp_path, url) as notifier:
        call(NOTIFIER, url, revision)

        ready = notifier.ask("/readyz")

    assert told in ready.json()["checks"]["database"]
