"""Nothing that we build on binds us: each locked dependency has a licence that is known, and free enough."""

import subprocess
import sys
from pathlib import Path

import pytest

from licences import ROOT, Dependency, locked


def test_every_dependency_may_be_used() -> None:
    found = [*locked()]

    assert len(found) > 50
    assert [one for one in found if not one.free] == []


@pytest.mark.parametrize(
    ("licence", "free"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-3-Clause", True),
        ("MIT AND PSF-2.0", True),
        ("GPL-3.0-only OR MIT", True),
        ("MPL-2.0", True),
        ("GPL-2.0", False),
        ("MIT AND GPL-3.0-or-later", False),
        ("AGPL-3.0-only", False),
        ("LGPL-3.0", False),
        ("SSPL-1.0", False),
        ("Other/Proprietary License", False),
        ("see the file", False),
        ("unknown", False),
    ],
)
def test_what_is_unknown_or_binds_is_not_taken(licence: str, free: bool) -> None:  # noqa: FBT001 (a column)
    assert Dependency("some", "1.0", licence).free is free


def test_a_lock_is_read_for_one_place_wherever_we_are(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    pins = ["httpx==0.28.1 \\", "    --hash=sha256:00", "colorama==0.4.6 ; sys_platform == 'win32'"]
    lock.write_text("\n".join(pins))

    assert [(one.name, one.version, one.licence) for one in locked(lock)] == [("httpx", "0.28.1", "BSD-3-Clause")]


def test_the_script_says_so_by_itself() -> None:
    done = subprocess.run([sys.executable, ROOT / "deploy" / "licences.py"], capture_output=True, check=False)

    assert (done.returncode, done.stdout) == (0, b"")
