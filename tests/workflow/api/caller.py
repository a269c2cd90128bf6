"""A caller of the API, who holds every single answer to what the contract promises of all answers."""

import re
from typing import Any

import httpx

from contracts.declared import WORKFLOW
from loopback import NO_TLS
from secor_workflow.domain.in_the_open import personal_data_in

PROBLEM = "application/problem+json"
MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id", "errors"}
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,100}")


class Caller(httpx.Client):
    """An HTTP client with somebody's key; whatever it asks, an answer that breaks the contract fails the test."""

    def __init__(self, url: str, key: str | None = None) -> None:
        super().__init__(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=30,
            verify=NO_TLS,
            event_hooks={"response": [holds_the_contract]},
        )
        self.key = key

    def read(self, path: str, **query: Any) -> Any:  # noqa: ANN401 (whatever JSON says)
        """What stands there, which must be there."""
        answer = self.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


def holds_the_contract(answer: httpx.Response) -> None:
    """As declared, never a 500; every request has an id; every error is a whole problem, and says when to come back."""
    answer.read()
    WORKFLOW.holds(answer)
    asked = answer.request.headers.get("x-request-id", "")
    request_id = answer.headers["x-request-id"]
    assert WELL_FORMED.fullmatch(request_id)
    assert request_id == asked or not WELL_FORMED.fullmatch(asked) or personal_data_in(asked)
    if answer.status_code < 400:
        return
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == PROBLEM
    if answer.request.method != "HEAD":
        is_a_whole_problem(answer.json(), answer.status_code, request_id)
    assert "retry-after" in answer.headers or answer.status_code not in {429, 503}
    assert "www-authenticate" in answer.headers or answer.status_code != 401
    assert "allow" in answer.headers or answer.status_code != 405


def is_a_whole_problem(problem: dict[str, Any], status: int, request_id: str) -> None:
    """RFC 9457, with this project's members."""
    assert problem.keys() >= MEMBERS
    assert problem["type"] == f"/problems/{problem['code']}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"].startswith("/")
    assert problem["request_id"] == request_id
    for error in problem["errors"]:
        assert error.keys() == {"pointer", "detail"}
        assert error["detail"]
        assert error["pointer"] == "" or error["pointer"].startswith("/")


def refused(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """The problem that an answer is, which must be this one."""
    assert answer.status_code == status, answer.text
    problem: dict[str, Any] = answer.json()
    assert code is None or problem["code"] == code, answer.text
    return problem
