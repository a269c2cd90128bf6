"""What the README tells a new user to type works as it stands."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from loopback import NO_TLS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.timeout(180)
def test_the_first_case_by_hand_works_on_what_make_run_started(tmp_path: Path, free_ports: tuple[int, int]) -> None:
    workflow, notifier = free_ports
    environment = {
        **os.environ,
        "SECOR_HOME": str(tmp_path / "run"),
        "WORKFLOW_PORT": str(workflow),
        "NOTIFIER_PORT": str(notifier),
    }
    serving = subprocess.Popen([sys.executable, "deploy/run.py"], cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    try:
        _wait_ready(workflow)
        _wait_ready(notifier)
        script = _block().replace(".run/", f"{tmp_path}/run/").replace(":8000", f":{workflow}")
        told = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script.replace(":8001", f":{notifier}")],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    finally:
        serving.send_signal(signal.SIGINT)
        serving.communicate(timeout=30)
    assert serving.returncode == 0
    assert re.search(r"^/v1/cases/[0-9a-f-]{36}$", told, re.MULTILINE)
    for part in ("declare-sms is possible in Trained", '"ca.go2hr.secor.ChampionNamed.v1"', '"deadline_missed"'):
        assert part in told
    assert list((tmp_path / "run" / "mailbox").glob("*.eml"))
    written = [tmp_path / "run", *(tmp_path / "run").rglob("*")]
    assert {"workflow.db", "notifier.db", "keys.env", "workflow.log"} <= {path.name for path in written}
    assert [path for path in written if path.stat().st_mode & 0o077] == [], "for their owner's eyes alone"


def test_make_run_starts_nothing_where_somebody_else_listens_and_says_what_to_write(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        environment = os.environ | {"SECOR_HOME": str(tmp_path / "run")}
        for setting in ("WORKFLOW_PORT", "NOTIFIER_PORT"):
            done = subprocess.run(
                [sys.executable, "deploy/run.py"],
                cwd=ROOT,
                env=environment | {"WORKFLOW_PORT": "0", "NOTIFIER_PORT": "0", setting: str(taken)},
                capture_output=True,
                text=True,
                check=False,
            )

            assert done.returncode == 2
            assert done.stderr.startswith(f"Port {taken} is taken: WORKFLOW_PORT=")
            assert done.stdout == ""
    assert not (tmp_path / "run").exists()


def test_every_make_target_that_the_readme_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in set(re.findall(r"`?make ([a-z]+)", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def _block() -> str:
    found = re.search(r"<!-- tested.*?-->\n```bash\n(.*?)```", README, re.DOTALL)
    assert found
    return found[1]


def _wait_ready(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", verify=NO_TLS).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"nothing ready on port {port}")
