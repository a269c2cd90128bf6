"""The command line of the feed: what happens, as it happens."""

import json
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from secor_workflow.api.rooms import Rooms
from secor_workflow.cli.house import within
from secor_workflow.cli.speech import AsJson, answer
from secor_workflow.domain.events import FACTS
from secor_workflow.log.envelope import TYPE_PREFIX

commands = typer.Typer(help="The log, event by event.", no_args_is_help=True)
_PAGE, _WAIT_SECONDS = 200, 60.0


@commands.callback()
def _feed() -> None:
    """The log, event by event."""


def _known_type(name: str) -> str:
    if name not in FACTS:
        raise typer.BadParameter(f"there is no event {name}; there are: {', '.join(FACTS)}")
    return name


@commands.command()
def follow(
    start: Annotated[
        int | None, typer.Option("--from", min=0, help="After this position; 0: from the first. Default: from now on.")
    ] = None,
    types: Annotated[list[str] | None, typer.Option("--type", help="Only such events; may be said again.")] = None,
    *,
    stop: Annotated[bool, typer.Option("--stop", help="Stop at the newest event instead of waiting.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print events in order, and wait for more until Ctrl-C. They hold ids, no names."""
    wanted = [_known_type(name) for name in types or ()]

    async def run(rooms: Rooms) -> None:
        position = await rooms.log.head() if start is None else start
        await print_events(rooms, position, wanted, stop=stop, as_json=as_json)

    within(run)


async def print_events(  # noqa: PLR0913 (from where, which, how)
    rooms: Rooms,
    position: int,
    types: Sequence[str] = (),
    *,
    case_id: UUID | None = None,
    stop: bool,
    as_json: bool,
) -> None:
    """Everything after a position, and what comes then."""
    while True:
        page = await rooms.log.page(position, _PAGE, types=types, case_id=case_id)
        for text in page.texts:
            answer(text if as_json else _line(text))
        position = page.scanned_to
        if position < await rooms.log.head():
            continue
        if stop:
            return
        await rooms.log.follow(position, _WAIT_SECONDS)


def _line(text: str) -> str:
    """An event, for a person."""
    told = json.loads(text)
    name = told["type"].removeprefix(TYPE_PREFIX).rpartition(".")[0]
    who = f"{told['actor']} ({told['actorrole']})"
    return f"{told['position']}  {told['time']}  {name}  case {told['subject']} → {told['data']['state']}  by {who}"
