"""The small programs of the images: the part of the lock for a service, secrets made once, the health check."""

import fcntl
import os
import re
import socket
import struct
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from locked_for import part_of
from prepare import GET_FLAGS, SYNC, prepare, put, write_through

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PASSWORD = re.compile(r"postgresql://(\w+):([\w-]{40,})@database/(\w+)")


def names(lock: str) -> set[str]:
    return set(re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE))


def test_an_image_has_what_its_service_needs_and_nothing_of_the_other() -> None:
    workflow, notifier = names(part_of(LOCK, "secor-workflow")), names(part_of(LOCK, "secor-notifier"))
    assert {"obstore", "fastapi", "starlette", "greenlet"} <= workflow
    assert {"apprise", "requests", "urllib3", "starlette"} <= notifier
    assert "apprise" not in workflow
    assert "obstore" not in notifier
    assert names(LOCK) == workflow | notifier | names(part_of(LOCK, "hatchling")) | {"editables"}


def test_every_package_of_a_part_has_its_hashes() -> None:
    part = part_of(LOCK, "secor-workflow")
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=\S)", part.strip()))


@pytest.fixture
def volumes(tmp_path: Path) -> Path:
    for folder in ("database", "owner", "workflow", "notifier", "operator", "grafana"):
        (tmp_path / folder).mkdir()
    return tmp_path


def test_passwords_are_made_once_and_stand_where_they_are_needed(volumes: Path) -> None:
    made = prepare(volumes)
    assert prepare(volumes) == []
    assert "owner/WORKFLOW_DATABASE_URL" in made
    for folder, variable, role in (
        ("owner", "WORKFLOW_DATABASE_URL", "workflow_owner"),
        ("workflow", "WORKFLOW_DATABASE_URL", "workflow"),
        ("notifier", "NOTIFIER_DATABASE_URL", "notifier"),
    ):
        told = PASSWORD.fullmatch((volumes / folder / variable).read_text("utf-8"))
        assert told is not None
        assert told[1] == role
        assert told[2] == (volumes / "database" / f"{role}_password").read_text("utf-8")


def test_a_secret_of_ones_own_takes_the_place_of_the_one_made(volumes: Path) -> None:
    prepare(volumes)
    put(volumes / "notifier" / "NOTIFIER_MAIL_URL", "smtps://mail.example")
    prepare(volumes)
    assert (volumes / "notifier" / "NOTIFIER_MAIL_URL").read_text("utf-8") == "smtps://mail.example"
    assert not list(volumes.rglob("*.new"))


def test_both_sides_of_a_bucket_get_the_same_keys_and_only_if_there_is_one(volumes: Path) -> None:
    prepare(volumes)
    assert not list(volumes.rglob("AWS_*"))

    (volumes / "bucket").mkdir()
    prepare(volumes)
    put(volumes / "workflow" / "AWS_ACCESS_KEY_ID", "of mine")
    prepare(volumes)

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        key, same = ((volumes / folder / name).read_text("utf-8") for folder in ("bucket", "workflow"))
        assert key == same
        assert key == "of mine" or len(key) >= 40


def test_what_is_made_in_a_buckets_folder_is_written_through_to_its_disk() -> None:
    with TemporaryDirectory(dir="/var/tmp") as disk:  # pytest's own folder may lie in memory
        if not write_through(Path(disk)):
            pytest.skip("this disk's format has no such flag")
        assert write_through(Path(disk))  # asked again at each start, it says the same
        file = Path(disk) / "documents" / "case" / "digest"
        file.parent.mkdir(parents=True)
        with file.open("wb") as made:
            (flags,) = struct.unpack_from("=I", fcntl.ioctl(made, GET_FLAGS, bytes(8)))
        assert flags & SYNC


def test_a_disk_that_cannot_write_through_is_told_of() -> None:
    assert write_through(Path("/proc")) is False


def test_a_service_that_does_not_answer_is_not_healthy() -> None:
    command = [sys.executable, "-IS", str(ROOT / "deploy/healthy.py")]
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # and does not listen
        environment = os.environ | {"SECOR_SERVICE": "workflow", "WORKFLOW_PORT": str(held.getsockname()[1])}
        asked = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert asked.returncode == 1
    assert "workflow at port" in asked.stderr
