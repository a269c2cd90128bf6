"""The sandbox's clock: an integrator lives through years, and finds done what fell due when the call returns."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service

CLOCK = "/v1/sandbox/clock"


def since(service: Service, cursor: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.reader.read("/v1/events", after=cursor, limit=1000)
    return found


def head(service: Service) -> str:
    return str(service.reader.get("/v1/events", params={"limit": 1000}).headers["next-cursor"])


def recorded(events: list[dict[str, Any]], life: Life) -> list[str]:
    """What happened to a case: events by name, misses by deadline."""
    facts = [(e["type"].split(".")[-2], e["data"]["fact"]) for e in events if e["subject"] == life.case_id]
    return [fact["deadline"] if name == "DeadlineMissed" else name for name, fact in facts]


def test_outside_sandbox_mode_there_is_no_such_clock(tmp_path: Path) -> None:
    with Service(f"sqlite:///{tmp_path / 'workflow.db'}", SECOR_SANDBOX=False) as service:
        refused(service.admin.get(CLOCK), 404, "not_found")
        refused(service.admin.put(CLOCK, json={"advance": "P1D"}), 404, "not_found")
        assert CLOCK not in service.nobody.read("/openapi.json")["paths"]


def test_a_service_started_without_sandbox_mode_lives_in_real_time(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'workflow.db'}"
    with Service(url) as service:
        service.live_through(365)
    with Service(url, SECOR_SANDBOX=False) as service:
        recorded_at = datetime.fromisoformat(Life(service).register()["event"]["time"])

    assert abs(datetime.now(UTC) - recorded_at) < timedelta(minutes=1)


def test_the_clock_goes_on_from_where_it_was_set(service: Service) -> None:
    then = datetime(2031, 5, 4, 12, tzinfo=UTC)

    told = service.admin.put(CLOCK, json={"now": then.isoformat()}).json()

    assert told["today"] == "2031-05-04"
    now = datetime.fromisoformat(service.admin.read(CLOCK)["now"])
    assert then <= datetime.fromisoformat(told["now"]) <= now < then + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("instant", "today"),
    [
        ("2032-11-02T06:59:59Z", "2032-11-01"),
        ("2032-11-02T07:00:00Z", "2032-11-02"),
        ("2032-12-01T06:59:00Z", "2032-11-30"),
        ("2032-12-01T07:00:00Z", "2032-12-01"),
        ("2032-12-01T16:00:00+09:00", "2032-12-01"),
    ],
)
def test_the_local_day_is_british_columbias_which_changes_its_clocks_no_more(
    service: Service, instant: str, today: str
) -> None:
    assert service.admin.put(CLOCK, json={"now": instant}).json()["today"] == today


def test_when_the_call_returns_what_fell_due_is_recorded(service: Service) -> None:
    life, before = a_life(service, "Registered"), head(service)
    service.live_through(30)
    assert recorded(since(service, before), life) == [], "a deadline is over at the end of its day"

    service.live_through(1)

    (miss,) = [event for event in since(service, before) if event["subject"] == life.case_id]
    assert miss["data"]["fact"]["deadline"] == "name_champion"
    assert (miss["actor"], miss["actorrole"], miss["data"]["state"]) == ("clock", "clock", "Registered")
    assert [d["missed"] for d in life.case()["deadlines"] if d["name"] == "name_champion"] == [True]


def test_what_was_recorded_once_is_not_recorded_again(service: Service) -> None:
    life, before = a_life(service, "Registered"), head(service)

    for _ in range(3):
        service.live_through(31)

    assert recorded(since(service, before), life) == ["name_champion"]


def test_three_years_pass_in_one_step(service: Service) -> None:
    lives = {state: a_life(service, state) for state in ("Registered", "ChampionNamed", "SMSDeveloped", "Certified")}
    before = head(service)

    service.live_through(3 * 365 + 2)

    events = since(service, before)
    assert recorded(events, lives["Registered"]) == ["name_champion", "idle"]
    assert recorded(events, lives["ChampionNamed"]) == ["training", "idle"]
    assert recorded(events, lives["SMSDeveloped"]) == ["idle", "student_audit", "TrainingLapsed"]
    assert recorded(events, lives["Certified"]) == ["idle", "certificate_expiry"]
    lapsed = lives["SMSDeveloped"].case()
    assert (lapsed["state"], lapsed["champion"]["trained_on"]) == ("ChampionNamed", None)


def test_many_cases_fall_due_at_once(service: Service) -> None:
    lives, before = [a_life(service, "Registered") for _ in range(25)], head(service)

    service.live_through(31)

    events = since(service, before)
    assert [recorded(events, life) for life in lives] == [["name_champion"]] * 25


@pytest.mark.parametrize(
    "body",
    [
        "{}", "[]", "1", '{"now": null}', '{"now": "tomorrow"}', '{"now": 1e400}', '{"now": "2033-01-01T00:00:00"}',
        '{"now": "9999-12-31T23:59:59-23:59"}', '{"now": "0001-01-01T00:00:00+23:59"}', '{"advance": "-P1D"}',
        '{"advance": "P9999999Y"}', '{"advance": "P1000000D"}', '{"advance": "soon"}', '{"to": "2033-01-01T00:00:00Z"}',
        '{"now": "2033-01-01T00:00:00Z", "advance": "P1D"}',
    ],
)  # fmt: skip
def test_garbage_is_refused_and_leaves_the_clock(service: Service, body: str) -> None:
    before = service.today

    answer = service.admin.put(CLOCK, content=body, headers={"Content-Type": "application/json"})

    refused(answer, 422, "invalid_request")
    assert service.today == before


def test_the_clock_does_not_run_beyond_the_calendar_of_the_programme(service: Service) -> None:
    before = service.today

    refused(service.admin.put(CLOCK, json={"advance": "P36525D"}), 422, "invalid_request")

    assert service.today == before


def test_the_clock_may_be_turned_back_and_undoes_nothing(service: Service) -> None:
    life = a_life(service, "Registered")
    service.live_through(31)
    before = life.case()
    yesterday = datetime.fromisoformat(service.admin.read(CLOCK)["now"]) - timedelta(days=1)

    assert service.admin.put(CLOCK, json={"now": yesterday.isoformat()}).status_code == 200

    assert life.case() == before
    assert life.name_champion()["case"]["state"] == "ChampionNamed"


def test_the_clock_survives_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'workflow.db'}"
    with Service(url) as service:
        service.live_through(400)
        before = datetime.fromisoformat(service.admin.read(CLOCK)["now"])

    with Service(url) as service:
        after = datetime.fromisoformat(service.admin.read(CLOCK)["now"])

    assert before <= after < before + timedelta(minutes=1)
