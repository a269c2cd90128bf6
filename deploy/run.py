"""`make run`: both services in sandbox mode on this machine, until Ctrl-C."""

import os
import signal
import sys
import time
from pathlib import Path

from rich.console import Console

from local import PortTakenError, need_free_ports, place, running


def main() -> int:
    """Start, say where, wait, stop."""
    at = place(
        Path(os.environ.get("SECOR_HOME", ".run")),
        int(os.environ.get("WORKFLOW_PORT", "8000")),
        int(os.environ.get("NOTIFIER_PORT", "8001")),
    )
    for asked in (signal.SIGTERM, signal.SIGINT):  # SIGINT too: a shell has its background jobs ignore it
        signal.signal(asked, signal.default_int_handler)
    os.umask(0o077)  # what lies in the home is for its owner alone: databases, letters, logs
    console = Console(soft_wrap=True, highlight=False)
    try:
        need_free_ports(at)
    except PortTakenError as taken:
        Console(stderr=True, soft_wrap=True, highlight=False).print(str(taken))
        return 2
    began = time.monotonic()
    try:
        with running(at) as instance:
            console.print(f"Ready after {time.monotonic() - began:.1f} s, in sandbox mode. Ctrl-C stops both.")
            for what, where in (
                ("workflow", f"{at.workflow_url}  {at.workflow_url}/docs"),
                ("notifier", f"{at.notifier_url}  {at.notifier_url}/docs"),
                ("mailbox", at.mailbox),
                ("keys", at.keys_file),
                ("logs", at.home / "workflow.log"),
                ("", at.home / "notifier.log"),
            ):
                console.print(f"{what:<10}{where}", markup=False)
            while (ended := instance.ended()) is None:
                time.sleep(1)
            raise SystemExit(f"The {ended} stopped by itself; see {at.home / f'{ended}.log'}.")
    except KeyboardInterrupt:
        console.print("Stopped; the data stay for the next start.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
