"""Until a process has read what it needs from its database, it answers probes and turns all else away."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from secor_workflow.api.patience import Receive, Scope, Send
from secor_workflow.api.problems import Problem, render
from secor_workflow.opened import Opened


class Opening:
    """Around the application, for the first moments of a process and as long as there is no database."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], opened: Opened) -> None:
        self._app, self._opened = app, opened

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._opened.done or scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        not_yet = Problem("unavailable", "The service is starting and waits for its database; try again.")
        await render(Request(scope), not_yet)(scope, receive, send)
