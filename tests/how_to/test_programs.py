"""Two more programs of docs/examples: one waits for certificates, one sends commands over a network that fails."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from how_to.cutting import Cutting
from how_to.reader import EXAMPLES, environment, run
from workflow.api.life import a_life
from workflow.api.service import Service


def certificates(service: Service, cwd: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, str(EXAMPLES / "on_certificate.py")]
    return subprocess.Popen(command, cwd=cwd, env=environment(service), stdout=subprocess.PIPE, text=True)


def test_each_certificate_is_acted_on_as_it_is_issued_also_after_a_restart(service: Service, tmp_path: Path) -> None:
    with certificates(service, tmp_path) as waiting:
        assert waiting.stdout
        first = a_life(service, "Certified")
        assert waiting.stdout.readline().split()[1:] == [first.case_id, "SECOR-1"]
        waiting.kill()
    second = a_life(service, "Certified")

    with certificates(service, tmp_path) as again:
        assert again.stdout
        told = [again.stdout.readline().split()[1]]
        if told == [first.case_id]:  # killed after the work and before it was noted: at least once
            told = [again.stdout.readline().split()[1]]
        again.kill()

    assert told == [second.case_id]


@pytest.mark.parametrize("cut", [(), (1,), (1, 3), (1, 2, 4, 5)])
def test_no_command_is_done_twice_when_the_answer_is_lost(
    service: Service, tmp_path: Path, cut: tuple[int, ...]
) -> None:
    with Cutting(service.url, cut) as network:
        done = run(service, "register_and_advance.py", service.new_account(), cwd=tmp_path, WORKFLOW_URL=network.url)

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["state"] == "ChampionNamed"
    assert told["replayed"] is (len(cut) > 1)
    types = [
        event["type"].split(".")[-2] for event in service.staff.read(f"/v1/cases/{told['case_id']}/events")["items"]
    ]
    assert types == ["EmployerRegistered", "ChampionNamed"]


def test_a_program_that_is_run_again_finds_everything_done(service: Service, tmp_path: Path) -> None:
    account = service.new_account()
    first, second = (run(service, "register_and_advance.py", account, cwd=tmp_path) for _ in range(2))

    assert json.loads(second.stdout) == json.loads(first.stdout) | {"replayed": True}
