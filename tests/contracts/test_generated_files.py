"""What is generated and committed is what the code says, and the locks name no host."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_contracts_and_generated_pages_are_current() -> None:
    done = subprocess.run(
        [sys.executable, "deploy/write_contracts.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_versions_with_hashes_and_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    pinned = [line for line in text.splitlines() if "==" in line]
    assert pinned
    assert text.count("--hash=sha256:") >= len(pinned)


def test_the_development_lock_has_the_same_versions_as_the_services_lock() -> None:
    def pins(lock: str) -> set[str]:
        lines = (ROOT / lock).read_text("utf-8").splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line and not line.startswith(" ")}

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_the_tools_of_others_are_pinned_and_their_lock_names_no_registry() -> None:
    tools = ROOT / "tests" / "contracts" / "tools"
    wanted = json.loads((tools / "package.json").read_text("utf-8"))["dependencies"]
    lock = json.loads((tools / "package-lock.json").read_text("utf-8"))["packages"]

    assert all(version[0].isdigit() for version in wanted.values())
    assert lock[""]["dependencies"] == wanted
    for name, package in lock.items():
        assert "resolved" not in package
        assert not name or package["integrity"].startswith("sha512-")
