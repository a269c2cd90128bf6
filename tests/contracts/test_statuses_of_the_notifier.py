"""Each status that an operation of the notifier declares is really answered, and no other."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import update

from contracts.declared import NOTIFIER, Operation
from databases import PostgresServer
from notifier.house import House
from notifier.stand_in import due
from secor_notifier.installation import MasterKey
from secor_notifier.ledger.answers import Answers, Asked
from secor_notifier.ledger.engine import open_engine, read_url
from secor_notifier.ledger.tables import answers
from secor_notifier.settings import PACKAGED_RULES
from secor_notifier.way_out import Kind, Leaving, WayOut

JSON = {"Content-Type": "application/json"}
NO_ID = "01930000-0000-7000-8000-0000000000ff"
NOBODY = {
    "letter": "none",
    "code": "none",
    "endpoint_id": NO_ID,
    "delivery_id": NO_ID,
    "calendar_id": NO_ID,
    "token": "none",
    "reminder_id": NO_ID,
    "silence_id": NO_ID,
    "person_id": NO_ID,
    "case_id": NO_ID,
}
BODIES: dict[str, Any] = {
    "set_clock": {"advance": "PT0S"},
    "create_webhook": {"url": "http://127.0.0.1:9/", "events": ["*"]},
    "create_calendar": {"filter": {}},
}
SILENCE = {"until": (datetime.now(UTC) + timedelta(days=30)).isoformat(), "comment": "They have a flood."}
BODIES |= {
    "create_silence": SILENCE | {"matcher": {"letter": "gaps"}},
    "change_silence": SILENCE,
    "opt_out": {"person_id": NO_ID},
    "simulate_rules": {"rules": PACKAGED_RULES.read_text("utf-8")},
}
BUSY = "the first request with this key is at work"
SECRET = "of this house"
SHORT = 1.0


@pytest.fixture(scope="module")
def server(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server of our own, to stop at will."""
    with PostgresServer(postgres.binaries) as own:
        yield own


@pytest.fixture(scope="module", autouse=True)
def everything(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> None:
    """All that may happen to a request happens once."""
    home: Path = tmp_path_factory.mktemp("house")
    with House(
        home, server.url(server.create_database()), more={"secret": SecretStr(SECRET), "body_seconds": SHORT}
    ) as house:
        asking = Asking(house, a_case(house))
        asking.everything_is_answered()
        asking.everything_is_refused()
        asking.everything_is_too_slow()
        server.stop()
        asking.each_once()
        with House(tmp_path_factory.mktemp("beginning"), house.database_url) as beginning:
            NOTIFIER.holds(beginning.ask("/metrics"))  # a process that never had a database has nothing to tell
        server.start()
        house.take_workflow_away()
        asking.each_once(key="key-of-nobody-known")
        house.bring_workflow_back()


async def make_busy(url: str) -> None:
    """As if another request of the admin's were at work under this key, for as long as the tests take."""
    engine = open_engine(read_url(url))
    await Answers(engine).begin(Asked("a", BUSY.replace(" ", "-"), "another question"))
    async with engine.begin() as connection:
        await connection.execute(update(answers).values(asked_at=answers.c.asked_at + 3600))
    await engine.dispose()


def a_case(house: House) -> str:
    contact = house.workflow.person("Ana Ng", "ana@inn.example")
    case_id = house.workflow.case(contact)
    deadlines = [due("name_champion", "2199-12-08")]
    house.workflow.tell(case_id, "EmployerRegistered", {"contact_id": contact}, deadlines=deadlines)
    house.settle()
    return case_id


def piece_by_piece() -> Iterator[bytes]:
    """A client on a bad line."""
    yield b"{"
    time.sleep(1.5 * SHORT)
    yield b"}"


class Asking:
    """Requests that are right but for what the test makes wrong; each answer is held to the contract."""

    def __init__(self, house: House, case_id: str) -> None:
        self.house = house
        self.case_id = case_id
        self.places = {"letter": "welcome", "code": "not_found"} | self.what_can_be_removed()
        self.places["case_id"] = case_id
        self.places["silence_id"] = self.made("/v1/silences", BODIES["create_silence"])["silence_id"]
        self.places["person_id"] = self.made("/v1/opt-outs", BODIES["opt_out"])["person_id"]
        self.places["reminder_id"] = self.a_letter_that_came_back()
        asyncio.run(make_busy(house.database_url))

    def a_letter_that_came_back(self) -> str:
        [letter] = self.house.reminders(letter="welcome")
        report = {"message_id": letter["message_id"], "delivery": "failed"}
        self.made("/v1/delivery-reports", report)
        BODIES["report_delivery"] = report
        return str(letter["reminder_id"])

    def made(self, path: str, body: object = None) -> dict[str, Any]:
        more: dict[str, Any] = {"json": body} if body else {}
        answer = self.house.ask(path, method="POST", **more)
        assert answer.is_success, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def what_can_be_removed(self) -> dict[str, str]:
        """A new endpoint with a delivery, and a new calendar."""
        self.calendar = self.made("/v1/calendars", BODIES["create_calendar"])
        endpoint_id = self.made("/v1/webhooks", BODIES["create_webhook"])["endpoint_id"]
        return {
            "calendar_id": self.calendar["calendar_id"],
            "endpoint_id": endpoint_id,
            "delivery_id": self.made(f"/v1/webhooks/{endpoint_id}:ping")["delivery_id"],
        }

    def token(self, operation: Operation) -> str:
        if operation.name == "read_calendar":
            return str(self.calendar["url"]).rpartition("/")[2].removesuffix(".ics")
        return WayOut(MasterKey(SECRET.encode()), "").token(Leaving(NO_ID, Kind.REMINDERS))

    def path(self, operation: Operation) -> str:
        where = operation.path.format(**self.places, token=self.token(operation))
        return where + (f"?case_id={self.case_id}" if operation.name == "preview_letter" else "")

    def ask(self, operation: Operation, path: str = "", **more: Any) -> httpx.Response:  # noqa: ANN401 (whatever httpx takes)
        rightly: dict[str, Any] = {"json": BODIES[operation.name]} if "requestBody" in operation.told else {}
        if {"content", "json"} & more.keys():
            rightly = {}
        answer = self.house.ask(path or self.path(operation), method=operation.method, **rightly | more)
        NOTIFIER.holds(answer)
        return answer

    def each_once(self, **more: Any) -> None:  # noqa: ANN401 (see above)
        for operation in NOTIFIER.operations:
            self.ask(operation, **more)

    def everything_is_too_slow(self) -> None:
        """All at once, since each takes its time."""
        slow = [one for one in NOTIFIER.operations if "requestBody" in one.told]
        with ThreadPoolExecutor(len(slow)) as pool:
            list(pool.map(lambda operation: self.ask(operation, content=piece_by_piece(), headers=JSON), slow))

    def everything_is_answered(self) -> None:
        for operation in NOTIFIER.operations:
            answer = self.ask(operation)
            assert answer.is_success, operation.name
            if "ETag" in answer.headers:
                self.ask(operation, headers={"If-None-Match": answer.headers["ETag"]})
            if operation.method == "DELETE":
                # What is gone cannot be asked again; another takes its place.
                self.places |= self.what_can_be_removed()

    def everything_is_refused(self) -> None:
        for operation in NOTIFIER.operations:
            path = self.path(operation).partition("?")[0]
            self.ask(operation, key=None)
            for key in ("key-of-employer", "key-of-reader"):
                self.ask(operation, key=key)
            self.ask(operation, f"{path}?no_such_parameter=1")
            self.ask(operation, f"{path}?case_id={self.case_id}", key="key-of-stranger")
            self.ask(operation, f"{path}?cursor=!")
            self.ask(operation, headers={"Accept": "image/png"})
            self.ask(operation, headers={"Idempotency-Key": BUSY.replace(" ", "-")})
            self.ask(operation, headers={"Idempotency-Key": BUSY})
            self.ask(operation)
            if operation.name == "report_delivery":
                self.ask(operation, json={"message_id": "<nobody@knows>", "delivery": "failed"})
            if "{" in operation.path:
                self.ask(operation, operation.path.format(**NOBODY) + f"?case_id={self.case_id}")
                self.ask(operation, operation.path.format(**NOBODY))
            if "{letter}" in operation.path:
                self.ask(operation, operation.path.format(letter="qa_passed") + f"?case_id={self.case_id}")
            if "requestBody" in operation.told:
                self.ask(operation, content="{", headers=JSON)
                self.ask(operation, content="{}", headers={"Content-Type": "text/plain"})
                self.ask(operation, json={"case_id": NO_ID})
            if "413" in operation.told["responses"]:
                self.ask(operation, content=" " * (1024 * 1024 + 1), headers=JSON)
            if operation.method == "DELETE":
                self.places |= self.what_can_be_removed()


@pytest.mark.parametrize("operation", NOTIFIER.operations, ids=lambda operation: operation.name)
def test_each_status_that_is_declared_is_answered(operation: Operation) -> None:
    assert NOTIFIER.produced[operation.name] == operation.statuses
