"""What a route declares: who may use it and how far that reaches. A route that declares nothing stops the start."""

from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

EMPLOYER = "employer"
SEE_ALL = frozenset({"admin", "staff"})
READERS = SEE_ALL | {"integration", "reader", "qa_reviewer", "notifier"}
ROLES = sorted(READERS | {EMPLOYER})
THE_DOCUMENT = {"/openapi.json": "It says how to ask, and nothing about anybody."}
"""The one route that the framework makes by itself, and why it is public."""


class Reach(StrEnum):
    """How far it reaches for those who do not get all."""

    ALL = "all"
    CASE = "an employer its own case, which `case_id` names in the path or among the parameters"
    OF_A_CASE = "an employer what is of its own case; the route itself finds out of which it is"
    MADE = "what the caller made; staff and admins all"
    LIST_OF_MADE = "a list of what the caller made; staff and admins all"


@dataclass(frozen=True)
class Permission:
    """Whom a route lets in. `public` says why it needs no credential."""

    roles: frozenset[str] = frozenset()
    reach: Reach = Reach.ALL
    let_in: Callable[[Request], Awaitable[None]] | None = None
    """Raises a Problem for whoever may not. A public route has none."""
    public: str = ""


class Guarded(APIRoute):
    """A route that lets somebody in, or not, before anything else of the request is read: its body, its parameters."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            if let_in := permission_of(self).let_in:
                await let_in(request)
            return await handle(request)

        return guarded


@dataclass(frozen=True)
class Access:
    """A line of the table of access: for each role what happens with its own, and with another's."""

    method: str
    path: str
    name: str
    permission: Permission
    cells: dict[str, tuple[str, str]]
    """`yes`, `own` (let in, and shown its own alone), or the status of the refusal."""


class UndeclaredRouteError(Exception):
    """A route does not say who may use it."""


def public(reason: str) -> Callable[[], None]:
    """A dependency that declares a route to be for everybody, and says why."""

    def anybody() -> None:
        pass

    anybody.__dict__["permission"] = Permission(public=reason)
    return anybody


def access(app: FastAPI) -> Iterator[Access]:
    """Every route with what it declares. Raises UndeclaredRouteError."""
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        path = str(getattr(route, "path_format", None) or getattr(route, "path", route))
        name = str(getattr(route, "operation_id", None) or getattr(route, "name", path))
        permission = _declared(route, path)
        cells = {role: _cell(permission, role) for role in ROLES}
        for method in sorted(getattr(route, "methods", None) or {"GET"}):
            yield Access(method, path, name, permission, cells)


def permission_of(route: APIRoute) -> Permission:
    """What the route's own dependencies declare. Raises UndeclaredRouteError."""
    found = set(_permissions(route.dependant))
    if len(found) != 1:
        said = "declares no permission" if not found else "declares more than one permission"
        raise UndeclaredRouteError(f"{route.path_format} {said}: give it one of api/callers.py, or public(why).")
    (permission,) = found
    if EMPLOYER in permission.roles and permission.reach is not Reach.CASE and "case_id" in route.param_convertors:
        raise UndeclaredRouteError(f"{route.path_format} is of a case: an employer may reach its own alone.")
    return permission


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


def _cell(permission: Permission, role: str) -> tuple[str, str]:
    if permission.public:
        return "yes", "yes"
    if role not in permission.roles:
        return "403", "403"
    gets_all = role in SEE_ALL if permission.reach in {Reach.MADE, Reach.LIST_OF_MADE} else role != EMPLOYER
    if gets_all or permission.reach is Reach.ALL:
        return "yes", "yes"
    return "yes", "own" if permission.reach is Reach.LIST_OF_MADE else "404"
