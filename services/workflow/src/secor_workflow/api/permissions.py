"""What a route declares: who may use it and how far that reaches. A route that declares nothing stops the start."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from secor_workflow.api.requests import each_once
from secor_workflow.domain.context import Role

ROLES = tuple(role for role in Role if role is not Role.CLOCK)
"""Who may come over HTTP; the clock is the system itself."""
OF_A_CASE = {"case_id": "case", "person_id": "person", "text_id": "text"}
"""Parameters of a path that name a case, or what stands on one."""
THE_DOCUMENT = {"/openapi.json": "It says how to ask, and nothing about anybody."}
"""The one route that the framework makes by itself, and why it is public."""


class Reach(StrEnum):
    """What an employer gets; whoever else may use the route gets all of it."""

    ALL = "all"
    OWN_CASE = "own case"
    OWN_CASES = "own cases of a list"
    OWN_ACCOUNT = "own account"


@dataclass(frozen=True)
class Permission:
    """Whom a route lets in. `public` says why it needs no credential."""

    roles: tuple[Role, ...] = ()
    reach: Reach = Reach.ALL
    by_the_machine: bool = False
    """The machine refuses a role, once the case is found to be visible; else the door does, before anything is read."""
    public: str = ""


@dataclass(frozen=True)
class Access:
    """A line of the table of access: for each role what happens on its own case, and on another's."""

    method: str
    path: str
    name: str
    permission: Permission
    cells: dict[str, tuple[str, str]]
    """`yes`, `own` (let in, and shown its own alone), or the status of the refusal."""


class UndeclaredRouteError(Exception):
    """A route does not say who may use it."""


def public(reason: str) -> Callable[[Request], Awaitable[None]]:
    """A dependency that declares a route to be for everybody, and says why."""

    async def anybody(request: Request) -> None:
        await each_once(request)

    anybody.__dict__["permission"] = Permission(public=reason)
    return anybody


def access(app: FastAPI) -> Iterator[Access]:
    """Every route with what it declares. Raises UndeclaredRouteError."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        path = str(getattr(route, "path_format", None) or getattr(route, "path", route))
        name = str(getattr(route, "operation_id", None) or getattr(route, "name", path))
        permission = _declared(route, path)
        cells = {role.value: _cell(permission, role) for role in ROLES}
        for method in sorted(getattr(route, "methods", None) or {"GET"}):
            yield Access(method, path, name, permission, cells)


def permission_of(route: APIRoute) -> Permission:
    """What the route's own dependencies declare. Raises UndeclaredRouteError."""
    found = set(_permissions(route.dependant))
    if len(found) != 1:
        said = "declares no permission" if not found else "declares more than one permission"
        raise UndeclaredRouteError(f"{route.path_format} {said}: give it one of api/access.py, or public(why).")
    (permission,) = found
    if Role.EMPLOYER in permission.roles and permission.reach is not Reach.OWN_CASE and _is_of_a_case(route):
        raise UndeclaredRouteError(f"{route.path_format} is of a case: an employer may reach its own alone.")
    return permission


def gate_of(route: APIRoute) -> Callable[[Request], Awaitable[Any]]:
    """The dependency in which the route's permission is declared, and which lets nobody else in."""
    (gate,) = (one.call for one in route.dependant.dependencies if one.call and hasattr(one.call, "permission"))
    return gate


def _declared(route: object, path: str) -> Permission:
    if isinstance(route, APIRoute):
        return permission_of(route)
    if path in THE_DOCUMENT:
        return Permission(public=THE_DOCUMENT[path])
    raise UndeclaredRouteError(f"{path} is no route that could declare a permission.")


def _permissions(dependant: Dependant) -> Iterator[Permission]:
    for dependency in dependant.dependencies:
        if permission := getattr(dependency.call, "permission", None):
            yield permission
        yield from _permissions(dependency)


def _is_of_a_case(route: APIRoute) -> bool:
    return not OF_A_CASE.keys().isdisjoint(route.param_convertors)


def _cell(permission: Permission, role: Role) -> tuple[str, str]:
    own_alone = role is Role.EMPLOYER and permission.reach is Reach.OWN_CASE
    if permission.public:
        return "yes", "yes"
    if role not in permission.roles:
        return "403", "404" if permission.by_the_machine and own_alone else "403"
    if role is not Role.EMPLOYER:
        return "yes", "yes"
    others = {Reach.ALL: "yes", Reach.OWN_CASE: "404", Reach.OWN_CASES: "own", Reach.OWN_ACCOUNT: "403"}
    return "yes", others[permission.reach]
