"""A file that a setting names and that cannot be read stops the service with one sentence: variable, file, line."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from secor_workflow.cli.program import main
from secor_workflow.domain.policy import PACKAGED

TEXT = PACKAGED.read_text("utf-8")
HEADCOUNT = TEXT.splitlines().index(next(line for line in TEXT.splitlines() if line.startswith("max_headcount"))) + 1
POLICIES = {
    "a bracket that is not closed": ("[[edition]\n", "line 1"),
    "nothing at all": ("", "no [[edition]]"),
    "a misspelt key": (TEXT.replace("\nmax_headcount =", "\nmax_headcuont =", 1), f"line {HEADCOUNT}, "),
    "a word for a number": (
        TEXT.replace("max_headcount = { value = 19", 'max_headcount = { value = "some"'), f"line {HEADCOUNT}, ",
    ),
    "brackets without end": ("x = " + "[" * 100_000, "not TOML"),
}  # fmt: skip


def refused_at_start(monkeypatch: pytest.MonkeyPatch, **setting: str) -> str:
    """The one sentence about the setting with which a command ends."""
    for name, value in setting.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(main, ["migrate"])
    assert done.exit_code == 2
    (line,) = done.output.splitlines()
    (sentence,) = json.loads(line)["settings"]
    assert sentence.startswith(*setting)
    return str(sentence)


@pytest.mark.parametrize("fault", POLICIES)
def test_a_policy_that_does_not_hold_is_told_with_its_line_at_start_and_by_check_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    text, told = POLICIES[fault]
    path = tmp_path / "policy.toml"
    path.write_text(text, "utf-8")

    checked = CliRunner().invoke(main, ["check-policy", str(path)])

    assert checked.exit_code == 2
    assert str(path) in checked.output
    assert told in checked.output
    assert "Traceback" not in checked.output
    monkeypatch.setenv("WORKFLOW_POLICY_FILE", str(path))
    assert CliRunner().invoke(main, ["migrate"]).exit_code == 2
    assert CliRunner().invoke(main, ["check-policy"]).exit_code == 2


def test_a_policy_that_holds_is_told_with_its_days(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(TEXT, "utf-8")

    checked = CliRunner().invoke(main, ["check-policy", str(path)])

    assert checked.exit_code == 0
    assert re.search(r"1 editions, in force from 2026-01-01", checked.output)


def test_what_cannot_be_read_names_the_variable_and_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = str(tmp_path / "missing")
    half = tmp_path / "half.json"
    half.write_text("[{\n", "utf-8")

    for setting in ("WORKFLOW_POLICY_FILE", "WORKFLOW_OIDC", "SECOR_SECRETS_DIR"):
        assert missing in refused_at_start(monkeypatch, **{setting: missing})
        monkeypatch.delenv(setting)
    told = refused_at_start(monkeypatch, WORKFLOW_OIDC=str(half))
    assert str(half) in told
    assert "line 2" in told
