"""Two reviewers at once, through two processes on one PostgreSQL: one decision stands, the other is told why not."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from databases import PostgresServer
from workflow.api.caller import Caller, refused
from workflow.api.life import Life, a_life, scorecard
from workflow.api.service import Service
from workflow.api.serving import Serving

DECISIONS = {"ca.go2hr.secor.QAPassed.v1", "ca.go2hr.secor.QAFailed.v1"}
TIMES = range(2)


@pytest.fixture(scope="module")
def service(postgres: PostgresServer) -> Iterator[Service]:
    database = postgres.create_database()
    with Service(postgres.url(database)) as running:
        yield running
    postgres.drop_database(database)


@pytest.fixture(scope="module")
def submitted(service: Service) -> Iterator[Life]:
    """Cases with an audit to be reviewed."""
    return iter([a_life(service, "AuditSubmitted") for _ in range(2 * len(TIMES) + 1)])


@pytest.fixture(scope="module")
def elsewhere(service: Service, submitted: Iterator[Life]) -> Iterator[Callable[[str, str], Caller]]:
    """Callers of a second process on the same database, which has seen their keys.

    It starts once the cases have come so far: a sandbox's clock is moved in its own process alone.
    """
    assert submitted
    with Serving(service.settings) as second:
        callers: list[Caller] = []

        def caller(role: str, actor_id: str) -> Caller:
            new = Caller(second.url, service.new_key(role, actor_id=actor_id)["key"])
            assert new.read("/v1/me")["actor_id"] == actor_id
            callers.append(new)
            return new

        yield caller
        for each in callers:
            each.close()


def at_once(*steps: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """What each is answered, all having begun together."""
    begin = Barrier(len(steps))

    def take(step: Callable[[], httpx.Response]) -> httpx.Response:
        begin.wait()
        return step()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(take, steps))


def decisions(life: Life) -> list[str]:
    """Who decided, as the log tells it."""
    return [event["actor"] for event in life.history() if event["type"] in DECISIONS]


@pytest.mark.parametrize("_time", TIMES)
def test_of_two_reviewers_one_decides_although_the_other_is_being_assigned(
    service: Service, submitted: Iterator[Life], elsewhere: Callable[[str, str], Caller], _time: int
) -> None:
    first = service.new_caller("qa_reviewer", actor_id="first")
    second, clerk = elsewhere("qa_reviewer", "second"), elsewhere("staff", "second-clerk")
    life = next(submitted)
    life.do("assign-reviewer", reviewer="first")

    def taken_over() -> httpx.Response:
        life.send("assign-reviewer", clerk, reviewer="second")
        return life.send("decide-qa", second)

    answers = at_once(lambda: life.send("decide-qa", first), taken_over)

    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert won.status_code == 200
    assert decisions(life) == [won.json()["event"]["actor"]]
    told = refused(lost, lost.status_code)
    assert (lost.status_code, told["code"]) in {(403, "not_the_assigned_reviewer"), (409, "not_now")}
    if told["code"] == "not_now":
        assert (told["state"], "decide-qa" in told["allowed_commands"]) == ("QAPassed", False)


@pytest.mark.parametrize("_time", TIMES)
def test_one_person_who_decides_twice_at_once_under_two_ids_decides_once(
    service: Service, submitted: Iterator[Life], elsewhere: Callable[[str, str], Caller], _time: int
) -> None:
    one, other = service.new_caller("qa_reviewer", actor_id="kim"), elsewhere("qa_reviewer", "kim-too")
    admin = elsewhere("admin", "second-admin")
    for actor in ("kim", "kim-too"):
        for each in (service.admin, admin):  # the second process need not wait until it reads this anew
            assert each.put(f"/v1/actors/{actor}/person", json={"email": "kim@example.org"}).is_success
    life = next(submitted)
    life.do("assign-reviewer", reviewer="kim")

    answers = at_once(
        lambda: life.send("decide-qa", one),
        lambda: life.send("decide-qa", other, scorecard=scorecard(10)),
    )

    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert won.status_code == 200
    assert refused(lost, 409, "not_now")["state"] == won.json()["case"]["state"] == life.case()["state"]
    assert decisions(life) == [won.json()["event"]["actor"]]


def test_of_two_assigned_at_once_the_later_one_reviews(
    service: Service, submitted: Iterator[Life], elsewhere: Callable[[str, str], Caller]
) -> None:
    reviewers = {name: service.new_caller("qa_reviewer", actor_id=name) for name in ("left", "right")}
    clerk = elsewhere("staff", "third-clerk")
    for name in reviewers:
        elsewhere("qa_reviewer", name)
    life = next(submitted)

    answers = at_once(
        lambda: life.send("assign-reviewer", reviewer="left"),
        lambda: life.send("assign-reviewer", clerk, reviewer="right"),
    )

    assert [answer.status_code for answer in answers] == [200, 200]
    last = life.history()[-1]["data"]["fact"]["reviewer"]
    (earlier,) = reviewers.keys() - {last}
    assert last in refused(life.send("decide-qa", reviewers[earlier]), 403, "not_the_assigned_reviewer")["detail"]
    assert life.do("decide-qa", reviewers[last])
