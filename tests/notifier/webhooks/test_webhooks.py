"""Webhooks as integrators meet them: made over HTTP, verified with their library, repeated until they arrive."""

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from notifier.house import House, eventually, text_of
from notifier.stand_in import Json, due
from notifier.webhooks.receiver import Receiver, answering, saying

INTEGRATION = "key-of-integration"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all tests but those to whom it matters what happened before; each leaves it without endpoints."""
    home: Path = tmp_path_factory.mktemp("house")
    with House(home, f"sqlite:///{home / 'notifier.db'}") as running:
        yield running


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path, f"sqlite:///{tmp_path / 'notifier.db'}") as running:
        yield running


@pytest.fixture(autouse=True)
def leave_no_endpoint(house: House) -> Iterator[None]:
    yield
    for one in house.ask("/v1/webhooks").json()["items"]:
        house.ask(at(one), method="DELETE")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def case(house: House) -> str:
    return a_case(house)


def a_case(house: House) -> str:
    return house.workflow.case(house.workflow.person("Ana Ng", "ana@inn.example"))


def subscribe(house: House, receiver: Receiver, *events: str, key: str = INTEGRATION, **more: Any) -> Json:  # noqa: ANN401
    answer = house.ask(
        "/v1/webhooks", method="POST", key=key, json={"url": receiver.url, "events": events or ["*"], **more}
    )
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


def at(endpoint: Json, action: str = "") -> str:
    return f"/v1/webhooks/{endpoint['endpoint_id']}{action}"


def act(house: House, endpoint: Json, action: str) -> Json:
    answer = house.ask(at(endpoint, action), method="POST", key=INTEGRATION)
    assert answer.status_code == 200, answer.text
    done: Json = answer.json()
    return done


def read(house: House, endpoint: Json) -> Json:
    found: Json = house.ask(at(endpoint), key=INTEGRATION).json()
    return found


def deliveries(house: House, endpoint: Json, **wanted: str) -> list[Json]:
    items: list[Json] = house.ask(at(endpoint, "/deliveries"), key=INTEGRATION, params=wanted).json()["items"]
    return items


def test_an_event_arrives_as_the_feed_tells_it_and_signed(house: House, receiver: Receiver, case: str) -> None:
    house.workflow.tell(case, "EmployerRegistered")
    endpoint = subscribe(house, receiver, "NoticeFiled")
    for kind in ("ChampionNamed", "NoticeFiled"):
        house.workflow.tell(case, kind, {"note": "Café – ok"}, deadlines=[due("audit_submission", "2027-02-05")])
    house.settle()

    [post] = receiver.posts
    assert Webhook(endpoint["secret"]).verify(post.body, post.headers) == house.workflow.events[-1]
    assert post.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    [delivery] = deliveries(house, endpoint)
    assert delivery["delivery_id"] == post.headers["webhook-id"]
    assert (delivery["status"], delivery["attempts"], delivery["last_status"]) == ("delivered", 1, 204)
    head = len(house.workflow.events)
    assert (delivery["position"], delivery["case_id"], delivery["event_type"]) == (head, case, "NoticeFiled")
    assert read(house, endpoint)["position"] == head


def test_the_signature_holds_though_the_sandboxs_clock_is_years_ahead(fresh: House, receiver: Receiver) -> None:
    case = a_case(fresh)
    fresh.set_clock(advance="P1000D")
    endpoint = subscribe(fresh, receiver)
    fresh.workflow.tell(case, "EmployerRegistered")
    fresh.settle()

    assert Webhook(endpoint["secret"]).verify(receiver.posts[0].body, receiver.posts[0].headers)


def test_it_arrives_by_itself(house: House, receiver: Receiver, case: str) -> None:
    subscribe(house, receiver)
    house.workflow.tell(case, "EmployerRegistered")

    eventually(lambda: receiver.types() == ["EmployerRegistered"])


def test_only_events_about_the_deadlines_named_arrive(house: House, receiver: Receiver, case: str) -> None:
    subscribe(house, receiver, "*", deadlines=["audit_submission"])
    house.workflow.tell(case, "EmployerRegistered", deadlines=[due("name_champion", "2027-01-05")])
    house.workflow.tell(case, "NoticeFiled", deadlines=[due("audit_submission", "2027-02-05")])
    house.workflow.tell(case, "AuditSubmitted", deadlines=[])
    house.settle()

    assert receiver.types() == ["NoticeFiled"]


def test_what_is_refused_is_tried_again_under_the_same_id(house: House, receiver: Receiver, case: str) -> None:
    endpoint = subscribe(house, receiver)
    receiver.behave = answering(500)
    house.workflow.tell(case, "EmployerRegistered")
    house.settle()
    [waiting] = deliveries(house, endpoint, status="pending")
    assert (waiting["attempts"], waiting["last_status"]) == (1, 500)
    assert waiting["last_error"] == "It answered 500."
    for _ in range(2):
        house.set_clock(advance="PT1H")
    receiver.behave = answering(204)
    house.set_clock(advance="PT3H")

    assert [one["attempts"] for one in deliveries(house, endpoint, status="delivered")] == [4]
    assert len(receiver.posts) == 4
    assert len({post.headers["webhook-id"] for post in receiver.posts}) == 1
    for post in receiver.posts:
        assert Webhook(endpoint["secret"]).verify(post.body, post.headers)


def test_behind_one_that_is_refused_the_others_wait_a_little_and_lose_no_attempt(
    house: House, receiver: Receiver, case: str
) -> None:
    endpoint = subscribe(house, receiver)
    receiver.behave = answering(503)
    for kind in ("EmployerRegistered", "ChampionNamed", "NoticeFiled"):
        house.workflow.tell(case, kind)
    house.settle()
    assert len(receiver.posts) == 1

    receiver.behave = answering(204)
    house.set_clock(advance="PT10S")
    assert sorted(receiver.types()[1:]) == ["ChampionNamed", "EmployerRegistered", "NoticeFiled"]
    assert sorted(one["attempts"] for one in deliveries(house, endpoint)) == [1, 1, 2]


def test_after_days_of_failures_it_is_disabled_and_staff_are_told_once(fresh: House, receiver: Receiver) -> None:
    case = a_case(fresh)
    endpoint = subscribe(fresh, receiver, description="The payroll system")
    receiver.behave = answering(500)
    fresh.workflow.tell(case, "EmployerRegistered")
    for _ in range(7):
        fresh.set_clock(advance="P1D")
        fresh.workflow.tell(case, "NoteWritten")
    asked = len(receiver.posts)
    fresh.settle()

    now = read(fresh, endpoint)
    assert (now["enabled"], now["disabled_because"]) == (False, "failing")
    notices = [one for one in fresh.letters() if one["Subject"] == "A webhook endpoint was disabled"]
    assert [one["To"] for one in notices] == ["staff@go2hr.example"]
    assert "YOUR NEXT STEP" in text_of(notices[0])
    assert "The payroll system" in text_of(notices[0])
    assert endpoint["endpoint_id"] in text_of(notices[0])
    assert "key=of-theirs" not in text_of(notices[0])
    assert len(receiver.posts) == asked

    receiver.behave = answering(204)
    assert act(fresh, endpoint, ":enable")["enabled"]
    fresh.set_clock(advance="P4D")
    told = [one["event_type"] for one in deliveries(fresh, endpoint, status="delivered")]
    assert told.count("NoteWritten") == 7


def test_the_letter_about_it_is_listed_and_can_be_read_beforehand(fresh: House, receiver: Receiver) -> None:
    [told] = [one for one in fresh.ask("/v1/letters").json()["items"] if one["letter"] == "webhook_disabled"]
    example = fresh.ask("/v1/letters/webhook_disabled/preview?format=text")
    endpoint = subscribe(fresh, receiver, description="The payroll system <b>")
    receiver.behave = answering(410)
    fresh.workflow.tell(a_case(fresh), "EmployerRegistered")
    fresh.settle()
    [letter] = [one for one in fresh.letters() if one["Subject"] == "A webhook endpoint was disabled"]
    real = fresh.ask("/v1/letters/webhook_disabled/preview?format=text")

    assert ([one["kind"] for one in told["occasions"]], told["to"]) == (["webhook"], ["staff"])
    assert "01930000-0000-7000-8000-0000000000aa" in example.text
    assert text_of(letter).split() == real.text.split()
    assert endpoint["endpoint_id"] in real.text
    assert "&lt;b&gt;" in fresh.ask("/v1/letters/webhook_disabled/preview?format=html").text
    other = fresh.ask("/v1/letters/welcome/preview")
    assert (other.status_code, other.json()["errors"][0]["pointer"]) == (422, "/case_id")


def test_410_disables_at_once(house: House, receiver: Receiver, case: str) -> None:
    endpoint = subscribe(house, receiver)
    receiver.behave = answering(410)
    house.workflow.tell(case, "EmployerRegistered")
    house.settle()

    assert read(house, endpoint)["disabled_because"] == "gone"
    assert [one["status"] for one in deliveries(house, endpoint)] == ["failed"]
    [notice] = [one for one in house.letters() if endpoint["endpoint_id"] in text_of(one)]
    assert notice["Subject"] == "A webhook endpoint was disabled"


def test_no_secret_and_no_address_is_logged(fresh: House, receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    endpoint = subscribe(fresh, receiver)
    calendar = fresh.ask("/v1/calendars", method="POST", json={"filter": {}}).json()["url"]
    token = calendar.rpartition("/")[2].removesuffix(".ics")
    for behave in (answering(204), answering(500), saying(b"garbage"), answering(302, Location=receiver.url)):
        receiver.behave = behave
        act(fresh, endpoint, ":ping")
    receiver.behave = answering(410)
    fresh.workflow.tell(a_case(fresh), "EmployerRegistered")
    fresh.settle()
    for path in (f"/calendars/{token}.ics", f"/calendars/{token}x.ics", f"/unsubscribe/{token}"):
        fresh.ask(path, key=None)

    logged = "\n".join(one.getMessage() for one in caplog.records if one.name.startswith("secor_notifier"))
    assert "disabled" in logged
    for secret in (endpoint["secret"], "of-theirs", receiver.url, token, INTEGRATION):
        assert secret not in logged


def test_while_it_was_disabled_nothing_was_lost(house: House, receiver: Receiver, case: str) -> None:
    endpoint = subscribe(house, receiver)
    assert act(house, endpoint, ":disable")["disabled_because"] == "requested"
    house.workflow.tell(case, "EmployerRegistered")
    house.settle()
    assert receiver.posts == []

    act(house, endpoint, ":enable")
    house.workflow.tell(case, "ChampionNamed")
    house.settle()
    assert receiver.types() == ["EmployerRegistered", "ChampionNamed"]


def test_a_restart_loses_nothing_and_repeats_nothing(fresh: House, receiver: Receiver) -> None:
    case = a_case(fresh)
    subscribe(fresh, receiver)
    fresh.workflow.tell(case, "EmployerRegistered")
    fresh.settle()
    fresh.stop()
    fresh.workflow.tell(case, "ChampionNamed")
    fresh.start()
    fresh.settle()

    assert receiver.types() == ["EmployerRegistered", "ChampionNamed"]


def test_after_a_rotation_both_secrets_verify_for_a_day(house: House, receiver: Receiver, case: str) -> None:
    old = subscribe(house, receiver)
    new = act(house, old, ":rotate")
    assert new["secret"] != old["secret"]
    house.workflow.tell(case, "EmployerRegistered")
    house.settle()
    house.set_clock(advance="P1D")
    house.workflow.tell(case, "ChampionNamed")
    house.settle()

    during, afterwards = receiver.posts
    for secret in (old["secret"], new["secret"]):
        assert Webhook(secret).verify(during.body, during.headers)
    assert Webhook(new["secret"]).verify(afterwards.body, afterwards.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old["secret"]).verify(afterwards.body, afterwards.headers)


def test_a_secret_is_told_once(house: House, receiver: Receiver) -> None:
    endpoint = subscribe(house, receiver)

    assert endpoint["secret"].startswith("whsec_")
    for answer in (house.ask(at(endpoint), key=INTEGRATION), house.ask("/v1/webhooks", key=INTEGRATION)):
        assert 'secret"' not in answer.text
        assert endpoint["secret"] not in answer.text
    assert endpoint["secret"].encode() not in (house.home / "notifier.db").read_bytes()


def test_a_ping_tells_at_once_what_became_of_it(house: House, receiver: Receiver) -> None:
    endpoint = subscribe(house, receiver, "NoticeFiled")
    good = act(house, endpoint, ":ping")
    act(house, endpoint, ":disable")
    receiver.behave = answering(500)
    bad = act(house, endpoint, ":ping")

    assert (good["status"], good["event_type"], good["position"]) == ("delivered", "WebhookPinged", None)
    assert (bad["status"], bad["last_error"], bad["next_attempt_at"]) == ("failed", "It answered 500.", None)
    assert receiver.types() == ["WebhookPinged", "WebhookPinged"]
    assert Webhook(endpoint["secret"]).verify(receiver.posts[0].body, receiver.posts[0].headers)
    assert len(deliveries(house, endpoint)) == 2


def test_a_delivery_is_replayed_under_its_own_id(house: House, receiver: Receiver, case: str) -> None:
    endpoint = subscribe(house, receiver)
    house.workflow.tell(case, "EmployerRegistered")
    house.settle()
    [delivery] = deliveries(house, endpoint)
    again = act(house, endpoint, f"/deliveries/{delivery['delivery_id']}:replay")
    assert (again["status"], again["attempts"]) == ("pending", 0)
    house.settle()

    assert [post.headers["webhook-id"] for post in receiver.posts] == [delivery["delivery_id"]] * 2
    assert [one["status"] for one in deliveries(house, endpoint)] == ["delivered"]


def test_lists_come_in_pages(fresh: House, receiver: Receiver) -> None:
    case = a_case(fresh)
    made = [subscribe(fresh, receiver)["endpoint_id"] for _ in range(3)]
    for _ in range(3):
        fresh.workflow.tell(case, "NoteWritten")
    fresh.settle()

    def pages(path: str) -> list[list[Json]]:
        found, cursor = [], ""
        while True:
            page = fresh.ask(f"{path}?limit=2{cursor}", key=INTEGRATION).json()
            found.append(page["items"])
            if page["next"] is None:
                return found
            cursor = f"&cursor={page['next']}"

    listed = pages("/v1/webhooks")
    assert [one["endpoint_id"] for page in listed for one in page] == made
    assert [len(page) for page in listed] == [2, 1]
    of_one = pages(f"/v1/webhooks/{made[0]}/deliveries")
    assert [one["position"] for page in of_one for one in page] == [1, 2, 3]


def test_an_endpoint_is_its_owners_and_staffs(fresh: House, receiver: Receiver) -> None:
    of_integration = subscribe(fresh, receiver)
    of_staff = subscribe(fresh, receiver, key="key-of-staff")

    assert fresh.ask(at(of_staff), key=INTEGRATION).status_code == 404
    assert fresh.ask(at(of_staff, ":rotate"), key=INTEGRATION, method="POST").status_code == 404
    assert fresh.ask(at(of_integration), key="key-of-staff").status_code == 200
    assert len(fresh.ask("/v1/webhooks", key=INTEGRATION).json()["items"]) == 1
    assert len(fresh.ask("/v1/webhooks", key="key-of-admin").json()["items"]) == 2
    for key, status in (("key-of-employer", 403), ("key-of-reader", 403), ("nobody", 401)):
        assert fresh.ask("/v1/webhooks", key=key).status_code == status


def test_removed_it_is_told_nothing_more(house: House, receiver: Receiver, case: str) -> None:
    endpoint = subscribe(house, receiver)
    assert house.ask(at(endpoint), key=INTEGRATION, method="DELETE").status_code == 204
    house.workflow.tell(case, "EmployerRegistered")
    house.settle()

    assert receiver.posts == []
    assert house.ask(at(endpoint), key=INTEGRATION).status_code == 404
    assert house.ask(at(endpoint), key=INTEGRATION, method="DELETE").status_code == 404


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house as in production: webhooks go to the public internet alone."""
    home: Path = tmp_path_factory.mktemp("strict")
    with House(home, f"sqlite:///{home / 'notifier.db'}", more={"webhooks_anywhere": False}) as running:
        yield running


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"url": "http://hooks.example/", "events": ["*"]}, "/url"),
        ({"url": "https://127.0.0.1/", "events": ["*"]}, "/url"),
        ({"url": "https://[::ffff:10.0.0.1]/", "events": ["*"]}, "/url"),
        ({"url": "https://2130706433/", "events": ["*"]}, "/url"),
        ({"url": "https://169.254.169.254/latest", "events": ["*"]}, "/url"),
        ({"url": "x\x00", "events": ["*"]}, "/url"),
        ({"url": "https://hooks.example/", "events": []}, "/events"),
        ({"url": "https://hooks.example/", "events": ["notice filed"]}, "/events/0"),
        ({"url": "https://hooks.example/", "events": ["*"], "deadlines": []}, "/deadlines"),
        ({"url": "https://hooks.example/", "events": ["*"], "deadlines": ["A b"]}, "/deadlines/0"),
        ({"url": "https://hooks.example/", "events": ["*"], "description": "a\nb"}, "/description"),
        ({"url": "https://hooks.example/", "events": ["*"], "description": "\ud800"}, "/description"),
        ({"url": "https://hooks.example/", "events": ["*"], "secret": "mine"}, "/secret"),
        ({"events": ["*"]}, "/url"),
    ],
)
def test_what_cannot_be_wished_for_is_pointed_at(strict: House, wish: Json, pointer: str) -> None:
    body = {"content": json.dumps(wish), "headers": {"Content-Type": "application/json"}}
    answer = strict.ask("/v1/webhooks", method="POST", key=INTEGRATION, **body)

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert strict.ask("/v1/webhooks", key=INTEGRATION).json()["items"] == []


def test_with_the_workflow_away_nothing_is_made(fresh: House, receiver: Receiver) -> None:
    subscribe(fresh, receiver)  # so that the caller is known
    fresh.take_workflow_away()
    wish = {"url": receiver.url, "events": ["*"]}
    answer = fresh.ask("/v1/webhooks", method="POST", key=INTEGRATION, json=wish)
    fresh.bring_workflow_back()

    assert (answer.status_code, answer.json()["code"]) == (503, "workflow_away")
    assert len(fresh.ask("/v1/webhooks", key=INTEGRATION).json()["items"]) == 1


def test_a_request_repeated_makes_one_endpoint_and_does_not_tell_the_secret_again(
    house: House, receiver: Receiver
) -> None:
    wish = {"url": receiver.url, "events": ["*"]}

    def create(events: list[str]) -> httpx.Response:
        headers = {"Idempotency-Key": "mine"}
        return house.ask(
            "/v1/webhooks", method="POST", key=INTEGRATION, headers=headers, json=wish | {"events": events}
        )

    first, again, other = create(["*"]), create(["*"]), create(["NoticeFiled"])
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json() | {"secret": None}
    assert again.headers["Location"] == first.headers["Location"]
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    for file in house.home.glob("notifier.db*"):
        assert first.json()["secret"].encode() not in file.read_bytes()


def test_of_many_at_once_with_one_key_one_is_done(house: House, receiver: Receiver) -> None:
    wish = {"url": receiver.url, "events": ["*"]}

    def create(_number: int) -> httpx.Response:
        headers = {"Idempotency-Key": "all at once".replace(" ", "-")}
        return house.ask("/v1/webhooks", method="POST", key=INTEGRATION, headers=headers, json=wish)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(create, range(8)))

    assert [one.json().get("secret") is not None for one in answers].count(True) == 1
    assert {one.status_code for one in answers} <= {201, 409}
    assert {one.headers.get("Retry-After") for one in answers if one.status_code == 409} <= {"1"}
    assert len(house.ask("/v1/webhooks", key=INTEGRATION).json()["items"]) == 1


def test_every_action_can_be_repeated_with_its_key(house: House, receiver: Receiver) -> None:
    endpoint = subscribe(house, receiver)
    assert endpoint["made_by"] == "i"
    for action in (":ping", ":disable", ":enable", ":rotate"):
        key = {"Idempotency-Key": f"{endpoint['endpoint_id']}{action}"}
        first, again = (house.ask(at(endpoint, action), method="POST", key=INTEGRATION, headers=key) for _ in range(2))
        assert "Idempotency-Replayed" not in first.headers
        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.json() == first.json() | ({"secret": None} if action == ":rotate" else {})
        other = house.ask(at(endpoint, ":ping?"), method="POST", key=INTEGRATION, headers=key)
        assert (action == ":ping") == (other.json().get("code") is None)
    assert receiver.types() == ["WebhookPinged"]


def test_metrics_count_what_waits_and_who_is_disabled(fresh: House, receiver: Receiver) -> None:
    case = a_case(fresh)
    subscribe(fresh, receiver)
    act(fresh, subscribe(fresh, receiver), ":disable")
    receiver.behave = answering(500)
    fresh.workflow.tell(case, "EmployerRegistered")
    fresh.settle()
    told = fresh.ask("/metrics", key=None).text

    assert "secor_notifier_webhook_deliveries_waiting 1.0" in told
    assert 'secor_notifier_webhook_endpoints{state="enabled"} 1.0' in told
    assert 'secor_notifier_webhook_endpoints{state="requested"} 1.0' in told


def test_an_action_is_asked_for_by_post_alone(house: House, receiver: Receiver) -> None:
    endpoint = subscribe(house, receiver)
    answer = house.ask(at(endpoint, ":rotate"), method="PUT", key=INTEGRATION)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
