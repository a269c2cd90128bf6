"""The server of the database dies under load, its standby takes over: the service goes on, nothing is lost in silence.

`SECOR_FAULTS=1` lets it happen ten times over, to and fro.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from databases import installations
from faults.failover_pair import Pair
from faults.load import Load
from faults.scene import Scene, a_scene
from faults.trial import Fault, trial
from feed.commands import Employer
from feed.processes import Process, a_place
from loopback import NO_TLS
from secor_workflow.cli.program import main
from secor_workflow.log.append import Appended
from secor_workflow.log.witness import LogWentBackError
from workflow.api.caller import refused
from workflow.log.services import a_log
from workflow.log.stories import Story

ROUNDS = 10 if os.environ.get("SECOR_FAULTS") == "1" else 1
pytestmark = pytest.mark.skipif(
    not (installations() and (installations()[0] / "pg_basebackup").exists()), reason="no pg_basebackup here"
)


@pytest.fixture
def synchronous() -> Iterator[Pair]:
    with Pair() as pair:
        yield pair


@pytest.fixture
def asynchronous() -> Iterator[Pair]:
    with Pair(synchronous=False) as pair:
        yield pair


async def test_nothing_acknowledged_is_lost_and_readers_go_on(synchronous: Pair, tmp_path: Path) -> None:
    def fail_over() -> None:
        synchronous.fail_over()
        if ROUNDS > 1:
            synchronous.mend()

    async def happens(_scene: Scene, _load: Load) -> None:
        await asyncio.to_thread(fail_over)

    async with a_scene(tmp_path, synchronous.url) as scene:
        row = await trial(scene, Fault(name="failover", happens=happens, rounds=ROUNDS, workers=1), ROUNDS)

    assert row.verdict.holds, row.verdict
    assert row.again


async def test_a_server_that_only_falls_silent_is_left_too(synchronous: Pair, tmp_path: Path) -> None:
    async def happens(_scene: Scene, load: Load) -> None:
        await asyncio.to_thread(synchronous.fall_silent)
        await load.grows_by(1)
        await asyncio.to_thread(synchronous.standby.kill)

    async with a_scene(tmp_path, synchronous.url) as scene:
        row = await trial(scene, Fault(name="silence", happens=happens, rounds=1), 1)

    assert row.verdict.holds, row.verdict


def test_a_standby_that_was_behind_is_refused_until_a_new_epoch_begins(asynchronous: Pair, tmp_path: Path) -> None:
    process = Process(a_place(tmp_path / "run", asynchronous.url, drain_seconds=0))
    with process, process.client("STAFF") as staff, process.client("READER") as reader:
        employer = Employer(staff)
        assert [employer.do_next() for _ in range(3)] == [1, 2, 3]
        asynchronous.catch_up()
        asynchronous.cut()
        assert [employer.do_next() for _ in range(2)] == [4, 5]
        lost = reader.get("/v1/events/head").json()["cursor"]

        asynchronous.fail_over()

        path, body, headers = Employer().next()
        refused(staff.post(path, json=body, headers=headers), 503, "unavailable")
        refused(reader.get("/v1/events", params={"after": lost}), 503, "unavailable")
        not_ready = refused(httpx.get(f"{process.url}/readyz", verify=NO_TLS), 503)
        assert "position 5 was committed and is not there" in not_ready["checks"]["database"]
        assert "secor-workflow new-epoch" in not_ready["checks"]["database"]
        assert process.log_says("the database has lost events")

        process.terminate()
        told = CliRunner().invoke(main, ["new-epoch"], env={"WORKFLOW_DATABASE_URL": asynchronous.url})
        assert (told.exit_code, "after position 3" in told.output) == (0, True), told.output
        process.start()

        gone = refused(reader.get("/v1/events", params={"after": lost}), 410, "stale_cursor")
        assert gone["last_common_position"] == 3
        assert Employer(staff).do_next() == 4
        events = reader.get("/v1/events", params={"after": gone["last_common"]}).json()
        assert [event["position"] for event in events] == [4]


async def test_it_is_noticed_too_if_others_have_written_past_what_was_lost(asynchronous: Pair) -> None:
    async with a_log(asynchronous.url) as knowing:
        story = Story()
        await knowing.append(story.next())
        asynchronous.catch_up()
        asynchronous.cut()
        assert await knowing.append(story.next()) == Appended(2)
        asynchronous.fail_over()
        async with a_log(asynchronous.url) as ignorant:
            for position in (2, 3, 4):
                assert await ignorant.append(Story().next()) == Appended(position)

        with suppress(ConnectionError):  # the connections of before are found dead
            await knowing.head()
        for _ in range(2):
            with pytest.raises(LogWentBackError, match="position 2 was committed"):
                await knowing.append(Story().next())
        with pytest.raises(LogWentBackError):
            await knowing.head()
