"""Nobody asks for more than their share: callers, addresses, and those whose credentials open nothing."""

import re
from collections.abc import Iterator

import httpx
import pytest

from secor_workflow.api.rates import MOST_COUNTED, Counters
from workflow.api.caller import Caller, refused
from workflow.api.service import Service

PER_CALLER, PER_ADDRESS, FAILURES = 60, 200, 20
KNOWN = re.compile(r'"caller";r=(\d+);t=(\d+), "address";r=(\d+);t=\d+')


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One of the test's own, with small limits: a minute's counting begins anew."""
    url = f"sqlite:///{tmp_path_factory.mktemp('rates') / 'workflow.db'}"
    limits = {"rate_per_caller": PER_CALLER, "rate_per_address": PER_ADDRESS, "failures_per_address": FAILURES}
    with Service(url, **limits) as running:
        yield running


def spend(caller: Caller, times: int, address: str = "127.0.0.1") -> list[int]:
    headers = {"X-Forwarded-For": address}
    return [caller.get("/v1/me", headers=headers).status_code for _ in range(times)]


def too_many(answer: httpx.Response) -> None:
    refused(answer, 429, "too_many_requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_a_caller_has_so_many_requests_a_minute_and_each_answer_says_what_is_left(service: Service) -> None:
    first = service.reader.get("/v1/me")
    assert first.headers["ratelimit-policy"] == f'"caller";q={PER_CALLER};w=60, "address";q={PER_ADDRESS};w=60'
    told = KNOWN.fullmatch(first.headers["ratelimit"])
    assert told
    assert int(told[1]) == PER_CALLER - 1

    assert set(spend(service.reader, PER_CALLER - 1)) == {200}

    answer = service.reader.get("/v1/me")
    too_many(answer)
    assert '"caller";r=0' in answer.headers["ratelimit"]
    assert service.staff.get("/v1/me").status_code == 200  # another's share is another's


def test_two_keys_of_one_actor_share_and_so_do_two_addresses_of_one_key(service: Service) -> None:
    other = service.new_caller("reader", actor_id="dashboard")

    spend(service.reader, PER_CALLER // 2, "192.0.2.1")
    spend(other, PER_CALLER // 2, "192.0.2.2")

    too_many(service.reader.get("/v1/me"))


def test_an_address_has_its_share_whoever_comes_from_it(service: Service) -> None:
    callers = [service.new_caller("reader") for _ in range(4)]
    for caller in callers:
        spend(caller, PER_CALLER - 5, "192.0.2.9")

    too_many(service.staff.get("/v1/me", headers={"X-Forwarded-For": "192.0.2.9"}))
    assert service.staff.get("/v1/me", headers={"X-Forwarded-For": "192.0.2.10"}).status_code == 200


def test_a_network_of_ipv6_is_one_address(service: Service) -> None:
    wrong = service.caller("secor_wrong")
    for number in range(FAILURES):
        spend(wrong, 1, f"2001:db8::{number:x}")

    too_many(wrong.get("/v1/me", headers={"X-Forwarded-For": "2001:db8::ffff"}))
    assert spend(wrong, 1, "2001:db8:0:1::1") == [401]


def test_wrong_credentials_are_soon_too_many_but_lock_nobody_out(service: Service) -> None:
    answers = spend(service.caller("secor_wrong"), FAILURES + 10)

    assert answers == [401] * FAILURES + [429] * 10
    too_many(service.nobody.get("/v1/cases"))
    assert service.reader.get("/v1/me").status_code == 200  # from the same address, with a key that opens


def test_too_much_is_told_before_anything_is_read(service: Service) -> None:
    spend(service.staff, PER_CALLER)

    too_many(service.staff.post("/v1/cases", content=b"{", headers={"Content-Type": "application/json"}))
    too_many(service.staff.post("/v1/cases", json={"no": "such field"}))


def test_probes_are_answered_whatever_was_spent(service: Service) -> None:
    spend(service.reader, PER_CALLER + 1)

    assert {service.nobody.get("/livez").status_code for _ in range(PER_ADDRESS + 10)} == {200}


def test_with_all_limits_off_nothing_is_counted(tmp_path_factory: pytest.TempPathFactory) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('off') / 'workflow.db'}"
    with Service(url, rate_per_caller=0, rate_per_address=0, failures_per_address=0) as service:
        assert set(spend(service.caller("secor_wrong"), 700)) == {401}
        assert "ratelimit" not in service.reader.get("/v1/me").headers


def test_counting_takes_no_more_room_than_it_may() -> None:
    counters = Counters()
    for number in range(MOST_COUNTED + 1000):
        counters.add("address", str(number))

    assert counters.of("address", "0") == 0
    assert counters.of("address", str(MOST_COUNTED + 999)) == 1
    assert len(counters) == MOST_COUNTED
