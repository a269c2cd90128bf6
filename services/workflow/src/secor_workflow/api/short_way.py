"""The short way of a command: past the framework's general way of finding a route and solving what it depends on.

What is asked for and who may ask is taken from the route itself, so the document, the table of access and this say the
same. A request that is more than a plain command (one with a query) goes the general way.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from secor_workflow.api.commands import OPENING, CommandParameters, command_router, path_of, sent
from secor_workflow.api.deprecation import MARK
from secor_workflow.api.patience import Receive, Scope, Send
from secor_workflow.api.permissions import gate_of
from secor_workflow.api.rooms import Rooms
from secor_workflow.domain.context import Actor
from secor_workflow.domain.roads import COMMANDS, Command

Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_OF_A_CASE = re.compile(r"/v1/cases/([^/]+)/commands/([a-z-]+)")
_PLAIN = CommandParameters()


@dataclass(frozen=True, slots=True)
class Way:
    """One command's: what it is, the route that declares it, and who is let in."""

    command: Command
    route: APIRoute
    gate: Callable[[Request], Awaitable[Actor]]
    """Lets the caller in, or raises a Problem."""


class ShortWay:
    """Around the framework, and within all that is around it: answers commands by itself, and passes on the rest."""

    def __init__(self, app: Application, rooms: Rooms, handlers: Mapping[Any, Callable[[Request, Any], Any]]) -> None:
        self._app, self._rooms, self._handlers = app, rooms, handlers
        self._ways = {way.command.slug: way for way in ways()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._found(scope)
        if found is None:
            await self._app(scope, receive, send)
            return
        way, case_id = found
        scope["route"], scope["path_params"] = way.route, {} if case_id is None else {"case_id": case_id}
        request = Request(scope, receive)
        fault: Exception | None = None
        try:
            actor = await way.gate(request)
            response = await sent(request, case_id, way.command, actor, self._rooms, _PLAIN)
        except Exception as error:  # noqa: BLE001 (what has no answer of its own is raised below)
            response, fault = await self._answered(request, error)
        await response(scope, receive, send)
        if fault is not None:
            raise fault  # the server writes down where it happened

    def _found(self, scope: Scope) -> tuple[Way, str | None] | None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["query_string"]:
            return None
        if scope["path"] == path_of(OPENING):
            return self._ways[OPENING.slug], None
        named = _OF_A_CASE.fullmatch(scope["path"])
        way = self._ways.get(named[2]) if named else None
        return (way, named[1]) if way and named and way.command is not OPENING else None

    async def _answered(self, request: Request, error: Exception) -> tuple[Response, Exception | None]:
        """As the application answers an error, and what is left of it if that is a fault of ours."""
        for kind in type(error).__mro__:
            if kind is not Exception and (handler := self._handlers.get(kind)):
                try:
                    return await handler(request, error), None
                except Exception as fault:  # noqa: BLE001 (it found no answer)
                    error = fault
                    break
        return await self._handlers[Exception](request, error), error


def ways() -> Iterator[Way]:
    """Every command that has a route of its own among the commands; one that is to go has its dates told elsewhere."""
    for route in command_router().routes:
        if not isinstance(route, APIRoute) or not (told := route.openapi_extra or {}).get("x-command"):
            continue
        if MARK not in told:
            yield Way(COMMANDS[told["x-command"]], route, gate_of(route))
