"""The program that fills in the scorecard gets back what it filled in, or is told which cell is wrong."""

import json
from pathlib import Path

from how_to.reader import run
from workflow.api.life import ELEMENTS, a_life
from workflow.api.service import Service

POINTS = {**dict.fromkeys(ELEMENTS, "90"), "hazards": "85/95"}


def test_points_from_elsewhere_become_a_scorecard(service: Service, tmp_path: Path) -> None:
    life = a_life(service, "NoticeFiled")

    done = run(service, "fill_in_scorecard.py", life.case_id, *_arguments(POINTS), cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["total"] == {"earned": 715, "available": 795}
    assert told["passes"] is True
    assert told["scorecard"][1] == {"code": "hazards", "earned": 85, "available": 95}


def test_what_is_wrong_is_told_by_its_cell(service: Service, tmp_path: Path) -> None:
    life = a_life(service, "Registered")

    done = run(service, "fill_in_scorecard.py", life.case_id, *_arguments({**POINTS, "training": "99.5"}), cwd=tmp_path)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Scorecard!C14: Points are whole numbers")


def test_what_the_service_refuses_is_told_as_it_says_it(service: Service, tmp_path: Path) -> None:
    life = a_life(service, "Registered")

    done = run(service, "fill_in_scorecard.py", life.case_id, cwd=tmp_path, STAFF_KEY=str(service.reader.key))

    assert done.returncode == 1
    assert done.stderr.startswith("forbidden: Only employer or staff or qa_reviewer may do this")


def _arguments(points: dict[str, str]) -> list[str]:
    return [f"{code}={earned}" for code, earned in points.items()]
