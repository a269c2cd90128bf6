"""Requests that were made to do harm, or that somebody mistyped: refused with a sentence, never a fault of ours."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from notifier.house import ADMIN, CLIENT, House
from notifier.stand_in import Json
from secor_notifier.settings import PACKAGED_RULES

RULES = PACKAGED_RULES.read_text("utf-8")
SILENCE = {"matcher": {"letter": "gaps"}, "until": "2027-02-01T12:00:00Z", "comment": "x"}
REPORT = {"message_id": "<a@b>", "delivery": "failed"}
LISTS = ("/v1/webhooks", "/v1/calendars", "/v1/silences", "/v1/opt-outs")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all: nothing that is refused changes anything."""
    home: Path = tmp_path_factory.mktemp("house")
    with House(home, f"sqlite:///{home / 'notifier.db'}") as running:
        running.set_clock(now="2026-12-01T12:00:00-07:00")
        yield running


def post(house: House, path: str, wish: object, **headers: str) -> httpx.Response:
    headers["Content-Type"] = "application/json"
    return house.ask(path, method="POST", content=json.dumps(wish), headers=headers)


def refused(answer: httpx.Response) -> Json:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text[:500]
    told: Json = answer.json()
    return told


@pytest.mark.parametrize(
    "rules",
    [
        "a=" + "[" * 900,
        "a=" + "[\n" * 40_000,
        "a=" + "{a=\n" * 20_000,
        "a=" + "{a=" * 300,
        ".".join("a" * 49_000) + "=1",
        "\n".join(".".join("a" * 400) + f".b{number}=1" for number in range(100)),
        "a=" + "9" * 990,
        "a=1" + "\n0" * 40_000,
        "[[events.x]]\n" * 7_000,
        RULES + "\n[deadlines.audit_submission]\n",
        RULES.replace("stale_after_days", "stale_after_day"),
        "\x00",
        "a=9999-99-99",
    ],
)
def test_rules_that_cannot_be_read_are_refused_soon(house: House, rules: str) -> None:
    told = refused(post(house, "/v1/rules:simulate", {"rules": rules}))

    assert (told["code"], told["errors"][0]["pointer"]) == ("invalid_request", "/rules")
    assert len(told["detail"]) < 2000


def test_rules_have_a_length(house: House) -> None:
    assert refused(post(house, "/v1/rules:simulate", {"rules": RULES + "\n" * 100_000}))["status"] == 422


@pytest.mark.parametrize(
    "instant",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59Z",
        "2026-12-01T12:00:00",
        "1e400",
        1e308,
        -62135596800,
    ],
)
def test_instants_from_beyond_the_calendar_are_refused(house: House, instant: object) -> None:
    for path, wish, field in (
        ("/v1/silences", SILENCE | {"until": instant}, "/until"),
        ("/v1/delivery-reports", REPORT | {"at": instant}, "/at"),
    ):
        told = refused(post(house, path, wish))
        assert (told["status"], told["errors"][0]["pointer"]) == (422, field), told


@pytest.mark.parametrize("place", ["\x00", "'; DROP TABLE", "x" * 60, "01930000-0000-7000-8000-00000000000\n"])
def test_a_cursor_that_somebody_made_up_is_refused(house: House, place: str) -> None:
    cursor = base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")

    for path in LISTS:
        assert refused(house.ask(path, params={"cursor": cursor}))["code"] == "bad_cursor"
    assert refused(post(house, "/v1/rules:simulate", {"rules": RULES, "cursor": cursor}))["code"] == "bad_cursor"


def test_a_name_that_there_is_not_is_refused_with_those_there_are(house: House) -> None:
    hook = {"url": "https://hooks.example/", "events": ["NoticeFiled", "NoticeField"]}
    event = refused(post(house, "/v1/webhooks", hook))
    date = refused(post(house, "/v1/webhooks", hook | {"events": ["*"], "deadlines": ["audit_submision"]}))
    shown = refused(post(house, "/v1/calendars", {"filter": {"deadlines": ["qa_decision", "qa"]}}))
    quiet = refused(post(house, "/v1/silences", SILENCE | {"matcher": {"deadline": "trainings"}}))
    letter = refused(post(house, "/v1/silences", SILENCE | {"matcher": {"letter": "gap"}}))

    assert [told["code"] for told in (event, date, shown, quiet, letter)] == ["invalid_request"] * 5
    assert [told["errors"][0]["pointer"] for told in (event, date, shown, quiet, letter)] == [
        "/events/1",
        "/deadlines/0",
        "/filter/deadlines/1",
        "/matcher/deadline",
        "/matcher/letter",
    ]
    assert "no event 'NoticeField'" in event["detail"]
    assert "NoticeFiled, NoticeRefused" in event["detail"]
    for told in (date, shown, quiet):
        assert "audit_submission, certificate_expiry" in told["errors"][0]["detail"]
    assert "gaps" in letter["detail"]


def test_a_body_of_wrong_fields_is_not_answered_with_as_many_sentences(house: House) -> None:
    told = refused(post(house, "/v1/silences", SILENCE | {f"a/b~{number}": 1 for number in range(20_000)}))

    assert (told["status"], len(told["errors"])) == (422, 50)
    assert told["errors"][0] == {
        "pointer": "/a~1b~00",
        "detail": "There is no such field here; correct its name, or leave it out.",
    }
    assert len(told["detail"]) < 500


@pytest.mark.parametrize("key", ["a b", "x" * 256, ""])
def test_a_header_of_the_wrong_form_is_named(house: House, key: str) -> None:
    told = refused(post(house, "/v1/silences", SILENCE, **{"Idempotency-Key": key}))

    assert (told["status"], told["code"]) == (400, "bad_header")
    assert told["errors"][0]["pointer"] == "/Idempotency-Key"
    assert house.ask("/v1/silences").json()["items"] == []


def test_two_credentials_are_none(house: House) -> None:
    where = house.ask("/v1/silences").url
    headers = [("Authorization", f"Bearer {ADMIN}"), ("Authorization", "Bearer key-of-staff")]
    answer = CLIENT.get(where, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="secor"'


def test_a_token_that_has_expired_is_told_so_as_the_workflow_tells_it(house: House) -> None:
    house.workflow.refusing["an-old-token"] = ("token_expired", "The token expired on 2026-11-30.")
    answer = house.ask("/v1/silences", key="an-old-token")

    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")
    assert answer.json()["detail"] == "The token expired on 2026-11-30."
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
