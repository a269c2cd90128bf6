"""The notifier's secrets may come as files, as container platforms mount them, instead of in the environment."""

from pathlib import Path

import pytest

from secor_notifier.settings import Settings


def test_a_file_named_like_a_variable_is_as_good_as_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "NOTIFIER_MAIL_URL").write_text("smtps://mailer:hunter2@mail.example\n", "utf-8")
    (tmp_path / "NOTIFIER_STAFF_TARGETS").write_text("slack://a/b/c\njson://d\n", "utf-8")
    (tmp_path / "NOTIFIER_WORKFLOW_KEY").write_text("of the file", "utf-8")
    monkeypatch.setenv("SECOR_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("NOTIFIER_WORKFLOW_KEY", "of the environment")

    settings = Settings()

    assert settings.mail_url.get_secret_value() == "smtps://mailer:hunter2@mail.example"
    assert [target.get_secret_value() for target in settings.staff_targets] == ["slack://a/b/c", "json://d"]
    assert settings.workflow_key.get_secret_value() == "of the environment"
    assert "hunter2" not in repr(settings)


def test_a_folder_that_is_not_there_stops_the_service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECOR_SECRETS_DIR", str(tmp_path / "nowhere"))

    with pytest.raises(ValueError, match="there is no folder"):
        Settings()
