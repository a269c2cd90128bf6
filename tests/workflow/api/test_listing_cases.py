"""Finding cases by what they are and by when something is due, page by page, complete and each once."""

from datetime import date, timedelta
from typing import Any

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life, employer_of, somebody
from workflow.api.service import Service, on_both_engines

pytestmark = on_both_engines


@pytest.fixture(scope="module")
def lives(service: Service) -> list[Life]:
    """Seven cases, in the order in which they were registered."""
    states = ("Registered", "ChampionNamed", "Closed", "Registered", "Trained", "ChampionNamed", "Registered")
    return [a_life(service, state) for state in states]


def found(service: Service, **query: Any) -> list[str]:  # noqa: ANN401 (whatever a query holds)
    return [item["case_id"] for item in service.reader.read("/v1/cases", **query)["items"]]


def pages(service: Service, **query: Any) -> list[list[str]]:  # noqa: ANN401 (whatever a query holds)
    """Every page, by following `Link`; `next` in the body must agree."""
    read, path = [], f"/v1/cases?{'&'.join(f'{name}={value}' for name, value in query.items())}"
    while path:
        answer = service.reader.get(path)
        assert answer.status_code == 200
        read.append([item["case_id"] for item in answer.json()["items"]])
        path = answer.links.get("next", {}).get("url", "")
        assert (answer.json()["next"] is None) is (not path)
        assert answer.json()["next"] is None or answer.json()["next"] in path
    return read


def test_cases_are_listed_in_the_order_of_their_registration(service: Service, lives: list[Life]) -> None:
    assert found(service) == [life.case_id for life in lives]


def test_an_item_tells_what_a_list_needs(service: Service, lives: list[Life]) -> None:
    (item,) = service.reader.read("/v1/cases", q=lives[1].account)["items"]
    case = lives[1].case()

    assert {name: item[name] for name in ("case_id", "state", "version", "position")} == {
        name: case[name] for name in ("case_id", "state", "version", "position")
    }
    assert item["legal_name"] == case["employer"]["legal_name"]
    assert item["worksafebc_account"] == lives[1].account
    assert item["earliest_due_on"] == case["deadlines"][0]["due_on"]
    assert item["overdue"] is False
    assert service.reader.read(item["href"])["case_id"] == case["case_id"]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
def test_pages_of_any_length_are_complete_and_each_case_is_on_one(
    service: Service, lives: list[Life], limit: int
) -> None:
    read = pages(service, limit=limit)

    assert [case_id for page in read for case_id in page] == [life.case_id for life in lives]
    assert all(len(page) == limit for page in read[:-1])


def test_a_filter_stays_on_from_page_to_page(service: Service, lives: list[Life]) -> None:
    assert pages(service, limit=2, state="Registered") == [
        [lives[0].case_id, lives[3].case_id],
        [lives[6].case_id],
    ]


def test_what_is_registered_while_somebody_pages_neither_repeats_nor_loses_a_case(
    service: Service, lives: list[Life]
) -> None:
    first = service.reader.read("/v1/cases", limit=5)
    late = a_life(service, "Registered")
    lives.append(late)

    rest = service.reader.read("/v1/cases", limit=200, cursor=first["next"])

    seen = [item["case_id"] for item in first["items"] + rest["items"]]
    assert seen == [life.case_id for life in lives]


def test_several_states_can_be_asked_for(service: Service, lives: list[Life]) -> None:
    expected = [life.case_id for life in lives if life.case()["state"] in {"Closed", "Trained"}]

    assert found(service, state=["Closed", "Trained"]) == expected


def test_part_of_a_name_or_an_account_finds_a_case_in_any_letter_case(service: Service, lives: list[Life]) -> None:
    mine = {"legal_name": "Zur Grünen Weide 100%_", "trade_name": "STRASSE"}
    lives[0].do("update-employer", employer=employer_of(lives[0].account, **mine))

    for q in ("grünen", "GRÜNEN", "weide", "straße", lives[0].account, lives[0].account[2:], "0%_"):
        assert lives[0].case_id in found(service, q=q)
    for q in ("%", "_", "0%_"):
        assert found(service, q=q) == [lives[0].case_id]
    assert found(service, q="nobody is called this") == []


def test_no_person_is_found_by_name(service: Service, lives: list[Life]) -> None:
    lives[0].do("update-employer", contact=somebody("Wilhelmina"))

    assert found(service, q="Wilhelmina") == []


def test_due_before_finds_what_is_due_earlier_and_not_on_the_day(service: Service, lives: list[Life]) -> None:
    due_on = date.fromisoformat(lives[0].case()["deadlines"][0]["due_on"])

    assert lives[0].case_id not in found(service, due_before=due_on)
    assert lives[0].case_id in found(service, due_before=due_on + timedelta(days=1))
    assert lives[2].case_id not in found(service, due_before="2999-01-01"), "a closed case owes nothing"


@pytest.mark.parametrize(
    "query",
    [
        {"state": "Gone"}, {"limit": 0}, {"limit": -1}, {"limit": 201}, {"limit": 2**70}, {"limit": "x"},
        {"due_before": "soon"}, {"due_before": "2026-02-30"}, {"overdue": "perhaps"}, {"q": ""}, {"q": "x" * 101},
        {"q": "\x00"}, {"cursor": "x" * 101}, {"offset": 3},
    ],
    ids=lambda query: str(query)[:40],
)  # fmt: skip
def test_a_wrong_parameter_is_named(service: Service, query: dict[str, str | int]) -> None:
    problem = refused(service.reader.get("/v1/cases", params=query), 422, "invalid_request")

    assert [error["pointer"].split("/")[1] for error in problem["errors"]] == list(query)


@pytest.mark.parametrize("cursor", ["x", "!!!", "AAAA", "é", "00000000-0000-0000-0000-000000000000", "A" * 100, "="])
def test_a_cursor_that_was_never_given_out_is_a_bad_cursor(service: Service, cursor: str) -> None:
    refused(service.reader.get("/v1/cases", params={"cursor": cursor}), 400, "bad_cursor")


def test_what_was_missed_is_overdue_until_it_is_extended(service: Service, lives: list[Life]) -> None:
    assert found(service, overdue=True) == []
    service.live_through(31)
    late = [life.case_id for life in lives if life.case()["state"] == "Registered"]
    assert found(service, overdue=True) == late
    assert found(service, overdue=False) == [life.case_id for life in lives if life.case_id not in late]

    lives[0].do("extend-deadline", deadline="name_champion", due_on=service.on(9), reason="Away.")

    assert found(service, overdue=True) == late[1:]
