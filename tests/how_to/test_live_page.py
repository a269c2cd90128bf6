"""The browser page's module follows the feed with a key, resumes, and tells a refusal; Node's own fetch reads here."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from how_to.reader import EXAMPLES
from workflow.api.life import a_life
from workflow.api.service import Service

READER = Path(__file__).with_name("read_live.mjs")


@pytest.fixture(autouse=True)
def node() -> None:
    if shutil.which("node") is None:
        refuse = pytest.fail if os.environ.get("CI") or os.environ.get("SECOR_REQUIRE_POSTGRES") == "1" else pytest.skip
        refuse("no Node on this machine")


def reading(service: Service, count: int, after: str = "", key: str | None = None) -> "subprocess.Popen[str]":
    module = (EXAMPLES / "live.js").as_uri()
    command = ["node", str(READER), module, service.url, key or str(service.reader.key), str(count), after]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def told(reader: "subprocess.Popen[str]") -> list[str]:
    out, error = reader.communicate(timeout=30)
    assert reader.returncode == 0, error
    return out.splitlines()


def test_it_gives_what_was_and_then_what_happens(service: Service) -> None:
    life = a_life(service, "ChampionNamed")
    with reading(service, 3) as reader:
        assert reader.stdout
        assert [reader.stdout.readline().split()[1] for _ in range(2)] == ["1", "2"]
        life.record_training()
        assert [line.split()[1] for line in told(reader)] == ["3"]


def test_it_goes_on_from_an_id(service: Service) -> None:
    a_life(service, "Trained")
    with reading(service, 2) as first:
        place = told(first)[-1].split()[0]

    with reading(service, 1, after=place) as second:
        assert [line.split()[1] for line in told(second)] == ["3"]


def test_it_reads_on_from_the_last_common_place_when_the_log_is_another(service: Service) -> None:
    a_life(service, "ChampionNamed")
    epoch, _, position = service.reader.read("/v1/events/head")["cursor"].rpartition(".")
    with reading(service, 2, after=f"{epoch[::-1]}.{position}") as reader:
        assert [line.split()[1] for line in told(reader)] == ["1", "2"]


def test_it_tells_a_refusal_instead_of_asking_for_ever(service: Service) -> None:
    with reading(service, 1, key="wrong") as reader:
        assert told(reader) == ["The key is unknown or was revoked."]


def test_the_page_uses_the_module_and_nothing_from_elsewhere() -> None:
    page = (EXAMPLES / "live.html").read_text("utf-8")

    assert 'from "./live.js"' in page
    assert "//" not in page
