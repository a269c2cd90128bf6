"""`make run`: both services in sandbox mode on this machine, until Ctrl-C."""

import os
import signal
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local import place, running


def main() -> None:
    """Start, say where, wait, stop."""
    at = place(
        Path(os.environ.get("SECOR_HOME", ".run")),
        int(os.environ.get("WORKFLOW_PORT", "8000")),
        int(os.environ.get("NOTIFIER_PORT", "8001")),
    )
    for asked in (signal.SIGTERM, signal.SIGINT):  # SIGINT too: a shell has its background jobs ignore it
        signal.signal(asked, signal.default_int_handler)
    console = Console(soft_wrap=True)
    began = time.monotonic()
    try:
        with running(at) as instance:
            where = Table.grid(padding=(0, 2))
            where.add_row("workflow", at.workflow_url, f"{at.workflow_url}/docs")
            where.add_row("notifier", at.notifier_url, f"{at.notifier_url}/docs")
            where.add_row("mailbox", str(at.mailbox))
            where.add_row("keys", str(at.keys_file))
            where.add_row("logs", str(at.home / "workflow.log"), str(at.home / "notifier.log"))
            console.print(f"Ready after {time.monotonic() - began:.1f} s, in sandbox mode. Ctrl-C stops both.")
            console.print(where)
            while (ended := instance.ended()) is None:
                time.sleep(1)
            raise SystemExit(f"The {ended} stopped by itself; see {at.home / f'{ended}.log'}.")
    except KeyboardInterrupt:
        console.print("Stopped; the data stay for the next start.")


if __name__ == "__main__":
    main()
