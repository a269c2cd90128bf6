"""Other people's generators, installed from their locks into a folder that lasts as long as the tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CONTRACT = HERE.parents[1] / "contracts" / "workflow.openapi.json"


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """What a program says; everything it said if it failed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command[0]}:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def install_python_generator(into: Path) -> Path:
    """The generator's packages in a folder for PYTHONPATH; with uv, if there is one, since it is much faster."""
    uv = Path(sys.executable).with_name("uv")
    installer = [uv, "pip", "install", "--quiet"] if uv.exists() else [sys.executable, "-m", "pip", "install", "-q"]
    packages = into / "packages"
    run(*installer, "--require-hashes", "--target", packages, "-r", HERE / "generator.lock", cwd=into)
    return packages


def install_typescript_tools(into: Path) -> Path:
    """A copy of the TypeScript project with its tools; in CI, and only there, it is an error if Node is missing."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        refuse = pytest.fail if os.environ.get("CI") or os.environ.get("SECOR_REQUIRE_POSTGRES") == "1" else pytest.skip
        refuse("no Node on this machine")
    project = into / "typescript"
    shutil.copytree(HERE / "typescript", project, ignore=shutil.ignore_patterns("node_modules"))
    run("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=project)
    return project
