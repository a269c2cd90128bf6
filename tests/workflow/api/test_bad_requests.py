"""A request that is wrong outside its body: path, method, parameters, headers; each has its own status and word."""

import socket

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service


@pytest.fixture(scope="module")
def life(service: Service) -> Life:
    return a_life(service, "Registered")


NOWHERE = (
    "/", "/v1", "/v1/", "/v1/cases/", "/v1/nonsense", "/v2/cases", "/v1/cases/x/y", "/..", "/v1/cases//events", "/%00",
    "/%ff", "/%F0%9F%8F%A0", "/v1/cases/%2e%2e/keys", "/" + "x" * 8000, "/v1/sandbox", "/problems", "/%",
)  # fmt: skip


@pytest.mark.parametrize("path", NOWHERE, ids=lambda path: path[:30])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_where_nothing_is_nothing_is_found(service: Service, method: str, path: str) -> None:
    refused(service.staff.request(method, path), 404, "not_found")


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/cases", "GET, POST"),
        ("/v1/cases/{}", "GET"),
        ("/v1/cases/{}/events", "GET"),
        ("/v1/cases/{}/commands", "GET"),
        ("/v1/cases/{}/commands/place-hold", "POST"),
        ("/v1/events", "GET"),
        ("/v1/keys", "GET, POST"),
        ("/v1/keys/{}", "DELETE, GET"),
        ("/v1/people/{}", "GET"),
        ("/v1/machine", "GET"),
        ("/v1/sandbox/clock", "GET, PUT"),
        ("/livez", "GET"),
    ],
)
def test_another_method_is_refused_with_all_that_are_allowed(life: Life, path: str, methods: str) -> None:
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - set(methods.split(", ")):
        answer = life.service.admin.request(method, path.format(life.case_id))

        refused(answer, 405, "method_not_allowed")
        assert answer.headers["allow"] == methods


@pytest.mark.parametrize(
    "case_id",
    ["00000000-0000-7000-8000-000000000000", "nonsense", "0", "-1", "%00", "é", "{}", "x" * 3000, str(2**200)],
)
def test_a_command_to_a_case_that_does_not_exist_is_not_found(service: Service, case_id: str) -> None:
    answer = service.staff.post(f"/v1/cases/{case_id}/commands/release-hold", json={})

    refused(answer, 404, "not_found")


@pytest.mark.parametrize("query", ["dry_run=maybe", "dry_run=", "dryrun=true", "dry_run=true&x=1", "dry_run=2"])
def test_a_command_with_a_wrong_parameter_is_refused_and_not_done(life: Life, query: str) -> None:
    before = life.case()

    answer = life.service.staff.post(f"{life.path}/commands/place-hold?{query}", json={"reason": "Fire."})

    refused(answer, 422, "invalid_request")
    assert life.case() == before


@pytest.mark.parametrize("request_id", ["a", "A-b_c.1", "x" * 100])
def test_a_well_formed_request_id_is_echoed(service: Service, request_id: str) -> None:
    answer = service.staff.get("/v1/nonsense", headers={"X-Request-ID": request_id})

    assert answer.headers["x-request-id"] == refused(answer, 404)["request_id"] == request_id


@pytest.mark.parametrize("request_id", ["", "a b", "x" * 101, '"', "a\tb", "\xff", "<script>"])
def test_a_malformed_request_id_is_replaced(service: Service, request_id: str) -> None:
    answer = service.staff.get("/v1/nonsense", headers={b"X-Request-ID": request_id.encode("latin-1")})

    assert refused(answer, 404)["request_id"] == answer.headers["x-request-id"] != request_id


def test_a_well_formed_traceparent_is_echoed_and_another_is_not(service: Service) -> None:
    good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    assert service.nobody.get("/livez", headers={"traceparent": good}).headers["traceparent"] == good
    for bad in ("00-" + "0" * 32 + "-b7ad6b7169203331-01", good.upper(), good[:-1], "x"):
        assert "traceparent" not in service.nobody.get("/livez", headers={"traceparent": bad}).headers


HEADERS = ("Authorization", "Idempotency-Key", "If-Match", "If-None-Match", "Content-Type", "Accept", "X-Request-ID")


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize(
    "value", [b"", b"x", b"x" * 30_000, b"\xff\x80", b",", b'"'], ids=lambda value: repr(value[:9])
)
def test_a_strange_header_is_no_fault_of_ours(life: Life, name: str, value: bytes) -> None:
    strange = {name.encode(): value}

    for path in (life.path, "/v1/events", "/v1/cases"):
        assert life.service.reader.get(path, headers=strange).status_code in {200, 400, 401, 406, 422}
    headers = {b"Content-Type": b"application/json"} | strange
    answer = life.service.staff.post(f"{life.path}/commands/declare-sms", content=b"{}", headers=headers)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_given_twice_is_no_fault_of_ours(life: Life, name: str) -> None:
    answer = life.service.staff.post(
        f"{life.path}/commands/declare-sms", content=b"{}", headers=[(name, "1"), (name, "application/json")]
    )

    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize(
    "raw",
    [
        b"nonsense\r\n\r\n",
        b"GET /livez HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /v1/cases HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"POST /v1/cases HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/cases HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET //x@y:z/ HTTP/1.1\r\nHost: [x\r\nConnection: close\r\n\r\n",
        b"GET http://[x/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /v1/cases?%ff=%00&=& HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ],
    ids=lambda raw: repr(raw[:30]),
)
def test_what_is_hardly_http_gets_a_400_and_the_next_caller_an_answer(service: Service, raw: bytes) -> None:
    host, _, port = service.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").readline()

    assert answer.split()[1:2] in ([b"400"], [b"401"], [b"404"]) or not answer
    assert service.nobody.get("/livez").status_code == 200
