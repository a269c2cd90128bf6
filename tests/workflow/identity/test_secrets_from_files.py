"""Secrets may come as files, as container platforms mount them, instead of in the environment."""

from pathlib import Path

import pytest

from secor_workflow.settings import Settings

PLACE = "postgresql://secor:hunter2@db/secor"


def test_a_file_named_like_a_variable_is_as_good_as_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "WORKFLOW_DATABASE_URL").write_text(f"{PLACE}\n", "utf-8")
    (tmp_path / "NOTIFIER_SECRET").write_text("not ours", "utf-8")
    (tmp_path / "SECOR_SANDBOX").write_text("1", "utf-8")
    monkeypatch.setenv("SECOR_SECRETS_DIR", str(tmp_path))

    settings = Settings()

    assert (settings.database, settings.sandbox) == (PLACE, True)


def test_the_environment_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "WORKFLOW_DATABASE_URL").write_text(PLACE, "utf-8")
    monkeypatch.setenv("SECOR_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("WORKFLOW_DATABASE_URL", "sqlite:///here.db")

    assert Settings().database == "sqlite:///here.db"


def test_a_folder_that_is_not_there_stops_the_service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECOR_SECRETS_DIR", str(tmp_path / "nowhere"))

    with pytest.raises(ValueError, match="there is no folder"):
        Settings()
