"""Asks for every cell of a service's table of access, and keeps what was not as the table says."""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import httpx

import secor_notifier.api.permissions as notifier
import secor_workflow.api.permissions as workflow
from access.asked import NothingToSendError, Route
from access.world import Ids, Side, World
from access_table import ROLES, Access
from secor_workflow.main import create_app

SIDES: tuple[Side, Side] = ("own", "other")
BY_THE_DOOR = {"forbidden", "role_not_allowed", "account_not_yours"}
"""Who is refused with another code was let in, and a guard of the case spoke."""
GUARDS_SPEAK = {409, 410, 412}
CONDITIONS = {"If-None-Match": "*", "If-Match": '"1"', "Range": "bytes=0-0"}
OF_THE_REQUEST = {"instance", "request_id"}
OF_THE_MOMENT = {"date", "x-request-id", "traceparent", "ratelimit", "content-length"}
NO_PEOPLE = {"reader", "integration"}


def routes_of(world: World, service: str) -> Iterator[tuple[Route, Access]]:
    """Every route with its line of the table."""
    lines: Iterable[Access] = (
        workflow.access(create_app(world.service.settings))
        if service == "workflow"
        else notifier.access(world.notifier_app)
    )
    document = world.nobody(service).get("/openapi.json").json()
    for line in lines:
        told = document["paths"].get(line.path, {}).get(line.method.lower())
        yield Route(world, service, line.method, line.path, line.name, told, document["components"]), line


class Walk:
    """`walk.line(route, line)` for each; then `walk.wrong` should be empty."""

    def __init__(self, world: World, caller: Callable[[str, str], httpx.Client] | None = None) -> None:
        self.world = world
        self._caller = caller or world.caller
        self.cells = 0
        self.wrong: list[str] = []
        self._people = world.people()

    def line(self, route: Route, line: Access) -> Access:
        """Nobody, and each role with its own and with another's."""
        try:
            self._nobody(route, line)
            for role, side in product(ROLES, SIDES):
                if side == "own" or role == "employer" or len({*line.cells[role]}) > 1:
                    self._cell(route, role, side, line.cells[role][SIDES.index(side)])
        except NothingToSendError as error:
            self.wrong.append(str(error))
        return line

    def _nobody(self, route: Route, line: Access) -> None:
        expected = "yes" if line.permission.public else "401"
        ids = route.ids("admin", "own", let_in=bool(line.permission.public))
        request = route.request(ids)
        answer = self.world.nobody(route.service).request(**request)
        hidden = self._people | (set() if line.permission.public else {*self.world.ids["own"].values()})
        self._look(f"{route} nobody", expected, answer, "", _unasked(hidden, request))
        if expected == "401" and route.method in {"POST", "PUT"}:
            self._before_anything_is_read(route, request["url"])

    def _before_anything_is_read(self, route: Route, url: str) -> None:
        """Nobody hears what would be wrong with the body."""
        for media_type in ("application/json", "text/plain"):
            headers = {"Content-Type": media_type}
            answer = self.world.nobody(route.service).request(route.method, url, content=b"{", headers=headers)
            if not _is("401", answer, ""):
                self.wrong.append(f"{route}: an unreadable body is looked at for nobody: {answer.text[:300]}")

    def _cell(self, route: Route, role: str, side: Side, expected: str) -> None:
        ids = route.ids(role, side, let_in=expected in {"yes", "own"})
        client = self._caller(route.service, role)
        request = route.request(ids)
        answer = client.request(**request)
        hidden = self._others(route, role) if side == "other" or role == "employer" else set()
        hidden |= self._people if role in NO_PEOPLE else set()
        self._look(f"{route} {role} {side}", expected, answer, role, _unasked(hidden, request))
        if expected == "404":
            self._as_if_it_did_not_exist(route, client, ids, f"{route} {role}")

    def _others(self, route: Route, role: str) -> set[str]:
        """What somebody may not come to know."""
        own, others = (route.ids(role, side, let_in=False) for side in SIDES)
        hidden = others if role == "employer" else {name: others[name] for name in ("endpoint_id", "calendar_id")}
        return {*hidden.values()} - {*own.values()}

    def _look(self, where: str, expected: str, answer: httpx.Response, role: str, hidden: set[str]) -> None:
        self.cells += 1
        if not _is(expected, answer, role):
            self.wrong.append(f"{where}: {expected} expected, {answer.status_code} came: {answer.text[:300]}")
        told = answer.text + str(answer.headers)
        self.wrong += [f"{where}: tells of {word}" for word in hidden if word in told]

    def _as_if_it_did_not_exist(self, route: Route, client: httpx.Client, ids: Ids, where: str) -> None:
        """What is another's and what is nowhere are told apart by nothing, whatever is asked on condition."""
        nowhere = {name: str(uuid4()) if _is_uuid(value) else value for name, value in ids.items()}
        for conditions in ({}, CONDITIONS):
            theirs, nobodys = (self._asked(route, client, some, conditions) for some in (ids, nowhere))
            if theirs != nobodys:
                self.wrong.append(f"{where}: another's and what is not there differ: {theirs} {nobodys}")

    def _asked(self, route: Route, client: httpx.Client, ids: Ids, conditions: dict[str, str]) -> tuple[Any, ...]:
        request = route.request(ids)
        answer = client.request(**{**request, "headers": {**request.get("headers", {}), **conditions}})
        body = json.loads(answer.text) if answer.text else {}
        told = {name: value for name, value in body.items() if name not in OF_THE_REQUEST}
        headers = {name: value for name, value in answer.headers.items() if name not in OF_THE_MOMENT}
        return answer.status_code, told, headers


def _is(expected: str, answer: httpx.Response, role: str) -> bool:
    """Whether an answer is what a cell says."""
    problem = answer.json() if answer.status_code >= 400 and answer.text else {}
    code = problem.get("code")  # an answer to HEAD has none
    if expected in {"yes", "own"}:
        by_a_guard = answer.status_code in GUARDS_SPEAK or (answer.status_code == 403 and code not in BY_THE_DOOR)
        return answer.status_code < 400 or by_a_guard
    if expected == "403" and code == "forbidden" and f"you are {role}" not in problem["detail"]:
        return False
    codes = {"401": {"unauthenticated"}, "403": BY_THE_DOOR, "404": {"not_found"}}
    return answer.status_code == int(expected) and code in codes[expected] | ({None} if not answer.text else set())


def _unasked(words: set[str], request: dict[str, Any]) -> set[str]:
    """What the caller did not say itself."""
    said = str(request)
    return {word for word in words if word not in said}


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
