"""The notifier's API: who may ask what, and an answer of the right kind to every question."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from notifier.house import House
from notifier.stand_in import Json, due
from secor_notifier.api.problems import MEANINGS

NOBODYS_CASE = "01930000-0000-7000-8000-0000000000ff"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all questions: they change nothing."""
    home: Path = tmp_path_factory.mktemp("house")
    with House(home, f"sqlite:///{home / 'notifier.db'}") as running:
        yield running


@pytest.fixture(scope="module")
def case(house: House) -> str:
    house.set_clock(now="2026-12-01T12:00:00-07:00")
    house.workflow.now = None
    contact = house.workflow.person("Ana Ng", "ana@inn.example")
    case_id = house.workflow.case(contact)
    house.workflow.tell(
        case_id, "EmployerRegistered", {"contact_id": contact}, deadlines=[due("name_champion", "2026-12-08")]
    )
    house.settle()
    return case_id


@pytest.mark.parametrize(
    ("key", "path", "status"),
    [
        (None, "/v1/reminders", 401),
        ("nonsense", "/v1/reminders", 401),
        ("key-of-reader", "/v1/reminders", 200),
        ("key-of-the-notifier", "/v1/reminders", 200),
        ("key-of-employer", "/v1/reminders", 403),
        ("key-of-employer", "/v1/reminders?case_id={case}", 200),
        ("key-of-stranger", "/v1/reminders?case_id={case}", 404),
        ("key-of-stranger", "/v1/reminders/upcoming?case_id={case}", 404),
        ("key-of-employer", "/v1/reminders/upcoming", 403),
        ("key-of-employer", "/v1/cursor", 403),
        ("key-of-reader", "/v1/cursor", 200),
        (None, "/v1/cursor", 401),
        ("key-of-reader", "/v1/letters/welcome/preview?case_id={case}", 403),
        ("key-of-employer", "/v1/letters/welcome/preview?case_id={case}", 403),
        ("key-of-staff", "/v1/letters/welcome/preview?case_id={case}", 200),
        ("key-of-staff", "/v1/letters/unheard_of/preview?case_id={case}", 404),
        ("key-of-staff", f"/v1/letters/welcome/preview?case_id={NOBODYS_CASE}", 404),
        ("key-of-staff", "/v1/letters/qa_failed/preview?case_id={case}", 409),
        ("key-of-staff", "/v1/letters/welcome/preview", 422),
        ("key-of-staff", "/v1/sandbox/clock", 403),
        (None, "/v1/sandbox/clock", 401),
        (None, "/livez", 200),
        (None, "/readyz", 200),
        (None, "/metrics", 200),
        (None, "/problems/forbidden", 200),
        (None, "/problems/unheard_of", 404),
        (None, "/nowhere", 404),
        (None, "/v1/reminders/", 404),
    ],
)
def test_who_may_ask_what(house: House, case: str, key: str | None, path: str, status: int) -> None:
    answer = house.ask(path.format(case=case), key=key)

    assert answer.status_code == status, answer.text
    if status >= 400:
        problem = answer.json()
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert problem["status"] == status == MEANINGS[problem["code"]].status
        assert problem["type"] == f"/problems/{problem['code']}"
        assert problem["request_id"] == answer.headers["X-Request-ID"]
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="secor"')


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "limit=0",
        "limit=501",
        "limit=x",
        "limit=99999999999999999999999999",
        "status=lost",
        "case_id=%00",
        "case_id=1",
        "case_id=%ED%A0%80",
        "case_id=",
        "cursor=" + "a" * 2000,
    ],
)
def test_a_wrong_parameter_is_pointed_at(house: House, query: str) -> None:
    answer = house.ask(f"/v1/reminders?{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"][0]["pointer"] == "/" + query.partition("=")[0]


@pytest.mark.parametrize(
    "path", ["/livez", "/readyz", "/metrics", "/v1/cursor", "/problems/invalid_request", "/v1/sandbox/clock"]
)
def test_an_unknown_parameter_is_refused_everywhere(house: House, path: str) -> None:
    assert house.ask(f"{path}?verbose=1").status_code == 422


@pytest.mark.parametrize("cursor", ["x", "%00", "é", "====", "LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "MS8y"])
def test_a_cursor_that_is_not_ours_is_refused(house: House, cursor: str) -> None:
    answer = house.ask(f"/v1/reminders?cursor={cursor}")

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


def test_an_address_names_all_its_methods_when_asked_with_another(house: House) -> None:
    answer = house.ask("/v1/sandbox/clock", method="DELETE")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, PUT")
    assert answer.json()["code"] == "method_not_allowed"
    assert house.ask("/v1/reminders", method="POST", json={}).headers["Allow"] == "GET"


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"null",
        b'{"now": "2026-12-01T12:00:00Z", "advance": "P1D"}',
        b'{"now": "2026-12-01T12:00:00"}',
        b'{"now": "tomorrow"}',
        b'{"now": 1e400}',
        b'{"now": "9999-12-31T23:59:59-12:00"}',
        b'{"now": "1999-12-31T23:59:59Z"}',
        b'{"advance": "-P1D"}',
        b'{"advance": "P99999999999999999999D"}',
        b'{"advance": "P400Y"}',
        b'{"advance": "14 days"}',
        b'{"advance": "\\u0000"}',
        b'{"advance": "\\ud800"}',
        b'{"advance": 14}',
        b'{"then": "2026-12-01T12:00:00Z"}',
        b'{"now": "2026-12-01T12:00:00Z", "why": "x"}',
    ],
)
def test_a_wish_for_a_clock_that_makes_no_sense_is_refused(house: House, body: bytes) -> None:
    answer = house.ask("/v1/sandbox/clock", method="PUT", content=body, headers={"Content-Type": "application/json"})

    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"advance": "P1D"}', "text/plain", 415),
        (b" " * (1024 * 1024 + 1), "application/json", 413),
        (b"[" * 100_000, "application/json", 400),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(house: House, body: bytes, media_type: str, status: int) -> None:
    answer = house.ask("/v1/sandbox/clock", method="PUT", content=body, headers={"Content-Type": media_type})

    assert answer.status_code == status, answer.text
    codes = {400: "malformed_json", 413: "body_too_large", 415: "unsupported_media_type"}
    assert answer.json()["code"] == codes[status]


def test_a_request_id_and_a_trace_are_echoed_if_they_are_such(house: House) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    echoed = house.ask("/livez", headers={"X-Request-ID": "abc-1", "traceparent": trace}).headers
    made = house.ask("/livez", headers={"X-Request-ID": "no good!", "traceparent": "junk"}).headers

    assert (echoed["X-Request-ID"], echoed["traceparent"]) == ("abc-1", trace)
    assert len(made["X-Request-ID"]) == 36
    assert "traceparent" not in made


@pytest.mark.parametrize("header", ["Bearer", "Basic abc", b"Bearer caf\xe9", "Bearer " + "a" * 9000])
def test_what_is_no_credential_is_not_even_asked_about(house: House, header: str | bytes) -> None:
    house.workflow.asked.clear()

    assert house.ask("/v1/reminders", key=None, headers={"Authorization": header}).status_code == 401
    assert "/v1/me" not in house.workflow.asked


def test_a_caller_is_asked_about_once_a_minute_at_most(house: House) -> None:
    house.workflow.keys["key-for-once"] = {"actor_id": "o", "role": "reader"}
    house.workflow.asked.clear()
    for _ in range(3):
        assert house.ask("/v1/reminders", key="key-for-once").status_code == 200

    assert house.workflow.asked.count("/v1/me") == 1


def test_reminders_come_page_by_page_oldest_first(house: House, case: str) -> None:
    whole = house.ask("/v1/reminders").json()["items"]
    seen: list[Json] = []
    path: str | None = "/v1/reminders?limit=1"
    while path:
        page = house.ask(path)
        assert len(page.json()["items"]) == 1
        assert ("Link" in page.headers) == bool(page.json()["next"])
        seen += page.json()["items"]
        path = page.headers["Link"].split(">")[0].lstrip("<") if "Link" in page.headers else None

    assert seen == whole
    assert house.ask("/v1/reminders").json()["next"] is None
    assert "Link" not in house.ask("/v1/reminders").headers


def test_a_reminder_names_no_one(house: House, case: str) -> None:
    answer = house.ask("/v1/reminders")

    assert "Ana" not in answer.text
    assert "@inn.example" not in answer.text
    assert set(answer.json()["items"][0]) >= {
        "reminder_id",
        "rung",
        "letter",
        "recipient",
        "status",
        "reason",
        "sent_at",
    }


def test_what_is_coming_can_be_paged_and_filtered(house: House, case: str) -> None:
    coming = house.ask(f"/v1/reminders/upcoming?days=10&case_id={case}").json()["items"]
    first = house.ask("/v1/reminders/upcoming?days=10&limit=1").json()
    rest = house.ask(f"/v1/reminders/upcoming?days=10&cursor={first['next']}").json()["items"]

    assert [(one["rung"], one["owed_on"]) for one in coming] == [(-1, "2026-12-07"), *[(1, "2026-12-09")] * 2]
    assert {one["recipient_role"] for one in coming[1:]} == {"contact", "staff"}
    assert first["items"] + rest == house.ask("/v1/reminders/upcoming?days=10").json()["items"]
    assert house.ask("/v1/reminders/upcoming?days=0").json()["items"] == []
    assert house.ask("/v1/reminders/upcoming?days=367").status_code == 422


def test_a_preview_is_html_or_text(house: House, case: str) -> None:
    path = f"/v1/letters/deadline_reminder/preview?case_id={case}"
    page = house.ask(path)
    text = house.ask(path, headers={"Accept": "text/plain"})

    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Cache-Control"] == "no-store"
    assert "Ana Ng" in page.text
    assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "YOUR NEXT STEP" in text.text
    assert house.ask(path, headers={"Accept": "image/png"}).status_code == 406
    assert "Tuesday, 8 December 2026" in house.ask(f"{path}&deadline=name_champion").text
    assert house.ask(f"{path}&deadline=corrections").status_code == 409


def test_metrics_tell_position_lag_and_counts(house: House, case: str) -> None:
    text = house.ask("/metrics", key=None).text

    assert "secor_notifier_cursor_position 1.0" in text
    assert 'secor_notifier_reminders{status="sent"} 2.0' in text
    assert "secor_notifier_active 1.0" in text


def test_the_clock_tells_its_time(house: House) -> None:
    assert house.ask("/v1/sandbox/clock").json()["now"].startswith("2026-12-01T19:")


def test_the_openapi_document_tells_of_every_route_and_its_problems(house: House) -> None:
    document = house.ask("/openapi.json").json()

    assert set(document["paths"]) >= {"/v1/reminders", "/v1/reminders/upcoming", "/v1/cursor", "/livez", "/readyz"}
    listing = document["paths"]["/v1/reminders"]["get"]
    assert "application/problem+json" in listing["responses"]["422"]["content"]
    assert listing["security"] == [{"apiKey": []}]


def test_without_a_sandbox_there_is_no_clock(tmp_path: Path) -> None:
    with House(tmp_path, f"sqlite:///{tmp_path / 'notifier.db'}", more={"sandbox": False}) as house:
        for method in ("GET", "PUT"):
            assert house.ask("/v1/sandbox/clock", method=method).status_code == 404
        assert "/v1/sandbox/clock" not in house.ask("/openapi.json").json()["paths"]


def test_the_workflow_away_nobody_can_be_known(tmp_path: Path) -> None:
    with House(tmp_path, f"sqlite:///{tmp_path / 'notifier.db'}") as house:
        house.take_workflow_away()
        answer = house.ask("/v1/reminders")

        assert (answer.status_code, answer.json()["code"]) == (503, "workflow_away")
        assert answer.headers["Retry-After"]
        assert house.ask("/livez").status_code == 200
