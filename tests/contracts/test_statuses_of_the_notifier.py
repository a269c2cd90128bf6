"""Each status that an operation of the notifier declares is really answered, and no other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.declared import NOTIFIER, Operation
from databases import PostgresServer
from notifier.house import House
from notifier.stand_in import due

JSON = {"Content-Type": "application/json"}
WITH_A_BODY: dict[str, Any] = {"json": {"advance": "PT0S"}}


@pytest.fixture(scope="module")
def server(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server of our own, to stop at will."""
    with PostgresServer(postgres.binaries) as own:
        yield own


@pytest.fixture(scope="module", autouse=True)
def everything(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> None:
    """All that may happen to a request happens once."""
    home: Path = tmp_path_factory.mktemp("house")
    with House(home, server.url(server.create_database())) as house:
        case_id = a_case(house)
        everything_is_answered(house, case_id)
        everything_is_refused(house, case_id)
        server.stop()
        for operation in NOTIFIER.operations:
            ask(house, operation, case_id)
        server.start()
        house.take_workflow_away()
        for operation in NOTIFIER.operations:
            ask(house, operation, case_id, key="key-of-nobody-known")
        house.bring_workflow_back()


def a_case(house: House) -> str:
    contact = house.workflow.person("Ana Ng", "ana@inn.example")
    case_id = house.workflow.case(contact)
    deadlines = [due("name_champion", "2199-12-08")]
    house.workflow.tell(case_id, "EmployerRegistered", {"contact_id": contact}, deadlines=deadlines)
    house.settle()
    return case_id


def ask(house: House, operation: Operation, case_id: str, path: str = "", **more: Any) -> httpx.Response:  # noqa: ANN401 (whatever httpx takes)
    """A request that is right but for what the test makes wrong; its answer is held to the contract."""
    rightly: dict[str, Any] = WITH_A_BODY if "requestBody" in operation.told else {}
    where = operation.path.format(letter="welcome", code="not_found")
    if operation.name == "preview_letter":
        where += f"?case_id={case_id}"
    answer = house.ask(path or where, method=operation.method, **(more if "content" in more else rightly | more))
    NOTIFIER.holds(answer)
    return answer


def everything_is_answered(house: House, case_id: str) -> None:
    for operation in NOTIFIER.operations:
        assert ask(house, operation, case_id).status_code == httpx.codes.OK, operation.name


def everything_is_refused(house: House, case_id: str) -> None:
    for operation in NOTIFIER.operations:
        path = operation.path.format(letter="welcome", code="not_found")
        ask(house, operation, case_id, key=None)
        ask(house, operation, case_id, key="key-of-employer")
        ask(house, operation, case_id, f"{path}?no_such_parameter=1")
        ask(house, operation, case_id, f"{path}?case_id={case_id}", key="key-of-stranger")
        ask(house, operation, case_id, f"{path}?cursor=!")
        ask(house, operation, case_id, headers={"Accept": "image/png"})
        if "{code}" in operation.path:
            ask(house, operation, case_id, operation.path.format(code="none"))
        if "{letter}" in operation.path:
            ask(house, operation, case_id, operation.path.format(letter="none") + f"?case_id={case_id}")
            ask(house, operation, case_id, operation.path.format(letter="qa_passed") + f"?case_id={case_id}")
        if "requestBody" in operation.told:
            ask(house, operation, case_id, content="{", headers=JSON)
            ask(house, operation, case_id, content="{}", headers={"Content-Type": "text/plain"})
            ask(house, operation, case_id, content=" " * (1024 * 1024 + 1), headers=JSON)


@pytest.mark.parametrize("operation", NOTIFIER.operations, ids=lambda operation: operation.name)
def test_each_status_that_is_declared_is_answered(operation: Operation) -> None:
    assert NOTIFIER.produced[operation.name] == operation.statuses
