"""What an operator asks at the command line: in words for people, in JSON for programs, with a number at the end."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from typer.testing import Result

from operating.programs import Running, ran, until
from secor_workflow.api.rooms import Rooms
from secor_workflow.asking import Ask
from secor_workflow.credentials.key_text import kind_of
from workflow.documents.house import a_case, a_house
from workflow.log.stories import STAFF, naming

NOBODY = "0195c1d0-5ec0-7000-8000-000000000001"
READ_ONLY = [
    ("workflow", "verify"),
    ("workflow", "rebuild"),
    ("workflow", "keys", "list"),
    ("workflow", "keys", "revoke", NOBODY),
    ("workflow", "cases", "list"),
    ("workflow", "cases", "show", NOBODY),
    ("workflow", "cases", "tail", NOBODY),
    ("workflow", "feed", "follow", "--stop"),
    ("workflow", "documents", "gc"),
    ("workflow", "documents", "verify"),
    ("workflow", "documents", "retention"),
    ("workflow", "people", "retention"),
    ("workflow", "new-epoch"),
    ("notifier", "reminders", "list"),
    ("notifier", "reminders", "show", NOBODY),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service's folder, with two cases in it."""
    home = tmp_path_factory.mktemp("home")

    async def fill() -> None:
        async with a_house(f"sqlite:///{home / 'workflow.db'}", (home / "documents").as_uri()) as rooms:
            await rooms.handler.handle(await a_case(rooms), Ask(actor=STAFF, wish=naming()))
            await a_case(rooms)

    asyncio.run(fill())
    return home


Secor = Callable[..., Result]


@pytest.fixture
def secor(home: Path) -> Secor:
    """The workflow's commands in that folder."""
    return partial(ran, "workflow", SECOR_HOME=str(home))


def lines(result: Result) -> list[dict[str, Any]]:
    """What a program reads, if all went well and nothing else was said."""
    assert (result.exit_code, result.stderr) == (0, ""), result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("command", READ_ONLY, ids=" ".join)
def test_in_a_wrong_folder_nothing_is_made_and_it_is_said(tmp_path: Path, command: tuple[str, ...]) -> None:
    service, *arguments = command

    elsewhere = ran(service, *arguments, SECOR_HOME=str(tmp_path))

    assert elsewhere.exit_code == 3
    assert f"There is no database at {tmp_path / service}.db. Are SECOR_HOME and" in elsewhere.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_first_key_begins_a_database_and_says_so(tmp_path: Path) -> None:
    made = ran("workflow", "keys", "create", "--role", "admin", SECOR_HOME=str(tmp_path))

    assert (made.exit_code, kind_of(made.stdout.strip())) == (0, "live")
    assert made.stderr == f"A new database begins at {tmp_path / 'workflow.db'}.\n"


def test_a_key_is_made_listed_and_taken_back(secor: Secor) -> None:
    (made,) = lines(secor("keys", "create", "--role", "reader", "--actor-id", "desk", "--json"))
    of_the_desk = [one for one in lines(secor("keys", "list", "--json")) if one["actor_id"] == "desk"]
    assert [(one["key_id"], one["state"], one["role"]) for one in of_the_desk] == [(made["key_id"], "valid", "reader")]
    assert made["key"] not in secor("keys", "list", "--json").stdout + secor("keys", "list").stdout

    (revoked,) = lines(secor("keys", "revoke", made["key_id"], "--json"))

    assert revoked["state"] == "revoked"
    assert f"{made['key_id']}  revoked" in secor("keys", "list").stdout


def test_cases_are_listed_found_and_shown(secor: Secor) -> None:
    first, second = lines(secor("cases", "list", "--json"))
    assert {first["state"], second["state"]} == {"Registered", "ChampionNamed"}
    assert lines(secor("cases", "list", "--state", "ChampionNamed", "--json")) == [
        one for one in (first, second) if one["state"] == "ChampionNamed"
    ]
    assert "There are more than 1" in secor("cases", "list", "--limit", "1").stderr

    (shown,) = lines(secor("cases", "show", first["case_id"], "--json"))

    assert (shown["case_id"], shown["state"]) == (first["case_id"], first["state"])
    assert f"case {first['case_id']}: {first['state']}" in secor("cases", "show", first["case_id"]).stdout


def test_people_are_shown_only_when_asked_for_and_that_is_on_record(home: Path, secor: Secor) -> None:
    (case,) = lines(secor("cases", "list", "--state", "ChampionNamed", "--json"))
    without = secor("cases", "show", case["case_id"])

    (shown,) = lines(secor("cases", "show", case["case_id"], "--people", "--json"))

    assert len(shown["people"]) == 2
    for one in shown["people"]:
        assert one["email"] not in without.stdout
        assert one["email"] in secor("cases", "show", case["case_id"], "--people").stdout
    reads = asyncio.run(_reads(home, [UUID(one["person_id"]) for one in shown["people"]]))
    assert len(reads) >= 2
    assert set(reads) == {("command-line", "command_line_cases_show")}


async def _reads(home: Path, people: list[UUID]) -> list[tuple[str, str]]:
    async def on(rooms: Rooms) -> list[tuple[str, str]]:
        found = await rooms.people_reads.page(limit=100)
        return [(one.read.actor_id, one.read.operation) for one in found if one.read.person_id in people]

    async with a_house(f"sqlite:///{home / 'workflow.db'}", (home / "documents").as_uri()) as rooms:
        return await on(rooms)


def test_the_feed_is_printed_as_it_is_stored(secor: Secor) -> None:
    events = lines(secor("feed", "follow", "--from", "0", "--stop", "--json"))

    assert [event["position"] for event in events] == [1, 2, 3]
    assert lines(secor("feed", "follow", "--from", "0", "--type", "ChampionNamed", "--stop", "--json")) == [events[1]]
    assert lines(secor("feed", "follow", "--from", "3", "--stop", "--json")) == []
    assert "ChampionNamed  case" in secor("feed", "follow", "--from", "1", "--stop").stdout
    of_the_case = lines(secor("cases", "tail", events[0]["subject"], "--json"))
    assert of_the_case == events[:2]


def test_what_is_not_there_is_said(secor: Secor) -> None:
    assert secor("cases", "show", NOBODY).exit_code == 1
    assert secor("cases", "tail", NOBODY).exit_code == 1
    assert secor("keys", "revoke", NOBODY).exit_code == 1
    assert "there is no event Xyz" in secor("feed", "follow", "--type", "Xyz").stderr
    assert secor("feed", "follow", "--type", "Xyz").exit_code == 2
    assert secor("cases", "show", "no-uuid").exit_code == 2


def test_upkeep_tells_programs_how_it_went(secor: Secor) -> None:
    assert lines(secor("verify", "--json")) == [{"ok": True, "faults": []}]
    assert lines(secor("documents", "verify", "--json")) == [{"ok": True, "faults": []}]
    assert lines(secor("rebuild", "--json")) == [{"cases": 2}]
    (collected,) = lines(secor("documents", "gc", "--json"))
    assert (collected["orphans"], collected["deleted"]) == ([], False)


def test_it_follows_until_it_is_stopped(home: Path, tmp_path: Path, secor: Secor) -> None:
    following = Running("workflow", "feed", "follow", "--from", "0", "--json", streams=tmp_path, SECOR_HOME=str(home))
    until(lambda: (tmp_path / "stdout").exists() and following.said.count("\n") == 3)

    following.send(signal.SIGTERM)

    assert following.ended() == -signal.SIGTERM
    assert (following.complained, len(following.said.splitlines())) == ("", 3)
    assert secor("verify").exit_code == 0


def test_letters_are_listed_from_a_ledger_that_is_there(tmp_path: Path) -> None:
    assert ran("notifier", "migrate", "--json", SECOR_HOME=str(tmp_path)).stdout == '{"up_to_date": true}\n'

    assert lines(ran("notifier", "reminders", "list", "--json", SECOR_HOME=str(tmp_path))) == []
    assert lines(ran("notifier", "reminders", "list", "--to-mend", "--json", SECOR_HOME=str(tmp_path))) == []
    unknown = ran("notifier", "reminders", "show", NOBODY, SECOR_HOME=str(tmp_path))
    assert (unknown.exit_code, "There is no such reminder" in unknown.stderr) == (1, True)


@pytest.mark.parametrize("service", ["workflow", "notifier"])
def test_a_shell_can_be_taught_to_complete(service: str) -> None:
    assert "--install-completion" in ran(service, "--help").output


@pytest.mark.parametrize("service", ["workflow", "notifier"])
def test_who_takes_a_command_back_gets_no_traceback(tmp_path: Path, service: str) -> None:
    """Also while the program itself is still being read."""
    (tmp_path / "typer.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    begin = "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "  # as at a terminal
    program = f"runpy.run_module('secor_{service}', run_name='__main__')"
    command = [sys.executable, "-c", begin + program, "migrate"]
    at = {**os.environ, "PYTHONPATH": str(tmp_path), "SECOR_HOME": str(tmp_path)}

    taken_back = subprocess.run(command, env=at, capture_output=True, check=False)

    assert (taken_back.returncode, taken_back.stderr) == (-signal.SIGINT, b"")
    assert [path.name for path in tmp_path.glob("*.db")] == []


def test_a_command_that_is_taken_back_in_the_middle_ends_with_the_number_that_shells_know(
    home: Path, tmp_path: Path, secor: Secor
) -> None:
    following = Running("workflow", "feed", "follow", "--from", "0", "--json", streams=tmp_path, SECOR_HOME=str(home))
    until(lambda: (tmp_path / "stdout").exists() and following.said.count("\n") == 3)

    following.send(signal.SIGINT)

    assert following.ended() == 128 + signal.SIGINT
    assert "Traceback" not in following.complained
    assert secor("verify").exit_code == 0
