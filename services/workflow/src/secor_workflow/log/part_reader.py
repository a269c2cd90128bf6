"""A program that is told parts of a log on its standard input, and says in a line for each what is wrong there."""

import asyncio
import gc
import json
import pickle
import signal
import sys
from collections.abc import Sequence

from secor_workflow.database.engine import open_engine
from secor_workflow.database.moment import one_moment
from secor_workflow.domain.policy import Policies
from secor_workflow.log.checking import faults_between
from secor_workflow.log.histories import Between


def main() -> None:
    """Read the task, do it, end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for whoever asked, and they end us
    url, snapshot, policies, parts = pickle.load(sys.stdin.buffer)  # noqa: S301 (of the process that started us)
    gc.freeze()  # what was imported is not looked through for garbage again and again
    asyncio.run(_look(url, snapshot, policies, parts))


async def _look(url: str, snapshot: str, policies: Policies, parts: Sequence[Between]) -> None:
    engine = open_engine(url, patient=True)
    try:
        async with one_moment(engine, snapshot) as connection:
            for between in parts:
                looked_at: list[int] = []
                faults = await faults_between(engine, connection, between, policies, looked_at.append)
                sys.stdout.write(json.dumps([len(looked_at), faults]) + "\n")
                sys.stdout.flush()
    finally:
        await engine.dispose()


if __name__ == "__main__":
    main()
