"""The command line refuses, in a sentence, what it cannot do."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from secor_notifier.cli.program import cli
from secor_notifier.settings import PACKAGED_RULES

ENVIRONMENT = {"NOTIFIER_WORKFLOW_URL": "http://127.0.0.1:1", "NOTIFIER_WORKFLOW_KEY": "k", "SECOR_SANDBOX": "1"}


def run(home: Path, *arguments: str, **more: str) -> Result:
    return CliRunner().invoke(cli, arguments, env={**ENVIRONMENT, "SECOR_HOME": str(home), "COLUMNS": "200", **more})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("NOTIFIER_WORKFLOW_KEY", "", "NOTIFIER_WORKFLOW_KEY is not set"),
        ("NOTIFIER_MAIL_URL", "carrier:pigeon", "NOTIFIER_MAIL_URL must be"),
        ("NOTIFIER_TICK_SECONDS", "soon", "NOTIFIER_TICK_SECONDS: Write a number."),
        ("NOTIFIER_DATABASE_URL", "mysql://h/db", "NOTIFIER_DATABASE_URL must be"),
        ("NOTIFIER_DATABASE_URL", "nonsense", "NOTIFIER_DATABASE_URL must be"),
        ("NOTIFIER_RULES", "/nowhere/rules.toml", "/nowhere/rules.toml"),
    ],
)
def test_it_refuses_to_start_in_a_wrong_environment(tmp_path: Path, name: str, value: str, said: str) -> None:
    refused = run(tmp_path, "serve", **{name: value})

    assert (refused.exit_code, said in refused.stderr) == (2, True), refused.output


def test_it_refuses_to_start_with_rules_it_cannot_follow(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(PACKAGED_RULES.read_text("utf-8").replace('"gaps"', '"gasp"', 1))
    for command in ("check-rules", "serve"):
        refused = run(tmp_path, command, NOTIFIER_RULES=str(rules))
        assert refused.exit_code == 2
        assert "[events.SelfAssessmentRecorded] names the letter 'gasp'" in " ".join(refused.stderr.split())


def test_the_packaged_rules_hold(tmp_path: Path) -> None:
    checked = run(tmp_path, "check-rules")

    assert (checked.exit_code, "13 deadlines" in checked.stdout) == (0, True)


def test_the_ledger_can_be_migrated_beforehand_and_again(tmp_path: Path) -> None:
    for _ in range(2):
        assert run(tmp_path, "migrate").exit_code == 0
    assert (tmp_path / "notifier.db").exists()


def test_a_database_that_is_not_there_is_told(tmp_path: Path) -> None:
    refused = run(tmp_path, "migrate", NOTIFIER_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert refused.exit_code == 3
    assert "The database of NOTIFIER_DATABASE_URL does not answer." in refused.stderr
