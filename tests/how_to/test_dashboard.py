"""The dashboard of docs/examples counts right, goes on where it was, notices a gap, and survives a restored log."""

import json
from pathlib import Path

from how_to.reader import run
from workflow.api.life import a_life
from workflow.api.service import Service


def counts(service: Service, folder: Path) -> dict[str, int]:
    done = run(service, "dashboard.py", "--once", cwd=folder)
    assert done.returncode == 0, done.stderr
    told: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_it_counts_cases_by_state_and_goes_on_where_it_was(service: Service, tmp_path: Path) -> None:
    a_life(service, "Registered")
    moving = a_life(service, "ChampionNamed")
    assert counts(service, tmp_path) == {"Registered": 1, "ChampionNamed": 1}

    moving.record_training()

    assert counts(service, tmp_path) == {"Registered": 1, "Trained": 1}
    assert (
        json.loads((tmp_path / "dashboard.json").read_text("utf-8"))["position"]
        == service.reader.read("/v1/events/head")["position"]
    )


def test_it_refuses_to_count_on_when_something_is_missing(service: Service, tmp_path: Path) -> None:
    life = a_life(service, "ChampionNamed")
    counts(service, tmp_path)
    file = tmp_path / "dashboard.json"
    seen = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(seen | {"position": seen["position"] - 1}), "utf-8")
    life.record_training()

    done = run(service, "dashboard.py", "--once", cwd=tmp_path)

    assert done.returncode == 1
    assert done.stderr.startswith("Gap: 3 came after 1.")


def test_it_takes_no_notice_of_what_it_has_seen(service: Service, tmp_path: Path) -> None:
    life = a_life(service, "ChampionNamed")
    counts(service, tmp_path)
    file = tmp_path / "dashboard.json"
    seen = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(seen | {"cursor": ""}), "utf-8")
    life.record_training()

    assert counts(service, tmp_path) == {"Trained": 1}


def test_it_counts_anew_when_its_cursor_is_of_another_log(service: Service, tmp_path: Path) -> None:
    a_life(service, "Registered")
    epoch, _, position = service.reader.read("/v1/events/head")["cursor"].rpartition(".")
    beyond = {"cursor": f"{epoch}.{int(position) + 40}", "position": 41, "states": {"of-another-log": "Certified"}}
    (tmp_path / "dashboard.json").write_text(json.dumps(beyond), "utf-8")

    assert counts(service, tmp_path) == {"Registered": 1}
