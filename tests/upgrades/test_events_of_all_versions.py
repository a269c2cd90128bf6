"""Every version of every event that was ever written has a reader; one that a newer program wrote is told as such.

The golden examples are the list: `make golden` adds one for each new version, and none is ever taken away.
"""

import asyncio
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from secor_workflow.database.engine import exclusive, open_engine
from secor_workflow.domain.events import FACTS
from secor_workflow.log.envelope import read
from secor_workflow.log.upcasting import UPCASTERS, Fields, NewerEventError, raised
from workflow.api.caller import refused
from workflow.api.life import a_life
from workflow.api.service import Service

CONTRACTS = Path(__file__).parents[2] / "contracts"
NOTICE = (CONTRACTS / "examples" / "NoticeFiled.v1.json").read_text("utf-8")


def written() -> dict[str, set[int]]:
    """Each fact's versions of which there are examples, or which a release has promised."""
    versions: dict[str, set[int]] = defaultdict(set)
    for path in (*CONTRACTS.glob("examples/*.json"), *CONTRACTS.glob("baseline/events/*.json")):
        name, version, *_ = path.name.split(".")
        versions[name].add(int(version.removeprefix("v")))
    return versions


@pytest.mark.parametrize("name", sorted({*written(), *FACTS}))
def test_each_version_that_was_ever_written_has_a_reader(name: str) -> None:
    newest = FACTS[name].schema_version

    assert written()[name] == {*range(1, newest + 1)}, "an example of each version, and none without a fact"
    assert len(UPCASTERS.get(name, ())) == newest - 1, "a step from each version to the next"


def test_a_fact_of_an_older_version_takes_each_step_that_is_still_before_it() -> None:
    def named(fact: Fields) -> Fields:
        kind = fact.pop("audit_kind")
        return {**fact, "kind": kind}

    def counted(fact: Fields) -> Fields:
        return {**fact, "sites": len(fact["sites"])}

    second = raised(NOTICE, [named])
    third = raised(second, [named, counted])

    one, two = json.loads(NOTICE)["data"]["fact"], json.loads(second)["data"]["fact"]
    assert (two["kind"], "audit_kind" in two) == (one["audit_kind"], False)
    assert json.loads(third)["data"]["fact"] == {**two, "sites": len(one["sites"])}
    assert [json.loads(text)["type"][-2:] for text in (second, third)] == ["v2", "v3"]
    assert raised(NOTICE, [named, counted]) == third
    assert raised(third, [named, counted]) == third


@pytest.mark.parametrize("fact", [{}, json.loads(NOTICE)["data"]["fact"]], ids=["of another form", "of the same form"])
def test_a_version_of_tomorrow_is_not_taken_for_that_of_today(fact: dict[str, Any]) -> None:
    event = json.loads(NOTICE)
    event["type"] = event["type"].replace(".v1", ".v2")
    event["data"]["fact"] = fact

    with pytest.raises(NewerEventError):
        read("NoticeFiled", json.dumps(event))


def test_what_is_broken_is_not_taken_for_newer() -> None:
    event = json.loads(NOTICE)
    event["data"]["fact"] = {}

    with pytest.raises(ValueError, match="validation errors"):
        read("NoticeFiled", json.dumps(event))


def test_a_case_on_which_a_newer_version_has_acted_is_for_that_one_to_answer(tmp_path: Path) -> None:
    """While versions change, an old process says so, and goes on with every other case."""
    url = f"sqlite:///{tmp_path / 'workflow.db'}"
    with Service(url) as service:
        theirs, ours = a_life(service, "Registered"), a_life(service, "Registered")
        asyncio.run(act_as_a_newer_version(url, theirs.case()))

        for answer in (service.staff.get(theirs.path), theirs.send("record-standing", good=True, as_of=service.on(0))):
            assert "newer version" in refused(answer, 503, "unavailable")["detail"]
            assert answer.headers["retry-after"]
        ours.do("record-standing", good=True, as_of=service.on(0))
        types = [event["type"].split(".")[-2] for event in service.reader.read("/v1/events")]
        assert types == ["EmployerRegistered", "EmployerRegistered", "DreamTold", "StandingRecorded"]


async def act_as_a_newer_version(url: str, case: dict[str, Any]) -> None:
    """Append an event of a type that only tomorrow's program knows."""
    engine = open_engine(url)
    async with exclusive(engine) as connection:
        columns = "case_id, event_id, actor, body"
        newest = f"SELECT {columns} FROM events WHERE position = :position"  # noqa: S608 (our own words)
        row = (await connection.execute(sa.text(newest), {"position": case["position"]})).mappings().one()
        position = await connection.scalar(sa.text("SELECT max(position) + 1 FROM events"))
        body = json.loads(row["body"])
        body |= {"position": position, "caseversion": 2, "type": "ca.go2hr.secor.DreamTold.v1"}
        body["data"]["fact"] = {"dream": "the sea"}
        said = "INSERT INTO events (position, version, type, case_id, event_id, actor, body)"
        values = {**row, "position": position, "type": "DreamTold", "event_id": "f" * 32, "body": json.dumps(body)}
        await connection.execute(
            sa.text(f"{said} VALUES (:position, 2, :type, :case_id, :event_id, :actor, :body)"), values
        )
    await engine.dispose()
