"""The nightly export of docs/examples writes every event once, also when a run failed in the middle."""

import json
from pathlib import Path

from how_to.reader import run
from workflow.api.life import a_life
from workflow.api.service import Service


def export(service: Service, cwd: Path, **more: str) -> str:
    done = run(service, "nightly_export.sh", "export", cwd=cwd, **more)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def exported(cwd: Path) -> list[int]:
    files = sorted((cwd / "export").glob("*.ndjson"))
    return [json.loads(line)["position"] for file in files for line in file.read_text("utf-8").splitlines()]


def test_each_night_adds_what_is_new(service: Service, tmp_path: Path) -> None:
    a_life(service, "ChampionNamed")
    assert export(service, tmp_path) == ""
    assert exported(tmp_path) == [1, 2]

    assert export(service, tmp_path) == ""
    a_life(service, "Trained")
    assert export(service, tmp_path) == ""

    assert exported(tmp_path) == [1, 2, 3, 4, 5]
    assert len(list((tmp_path / "export").glob("*.ndjson"))) == 2


def test_a_night_that_died_before_its_last_line_is_done_again(service: Service, tmp_path: Path) -> None:
    a_life(service, "ChampionNamed")
    export(service, tmp_path)
    (tmp_path / "export" / "cursor").unlink()
    a_life(service, "Registered")

    assert export(service, tmp_path) == ""

    assert exported(tmp_path) == [1, 2, 3]


def test_a_refusal_is_told_and_nothing_is_moved(service: Service, tmp_path: Path) -> None:
    assert "401" in export(service, tmp_path, READER_KEY="wrong")
    assert not (tmp_path / "export" / "cursor").exists()
