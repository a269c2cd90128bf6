"""Time as an actor: the clock sends its own commands when a deadline's day is over."""

import asyncio
from uuid import UUID

from secor_workflow.asking import Ask, RefusedNow, StillRunning
from secor_workflow.domain.clockwork import due
from secor_workflow.domain.context import Actor, Role
from secor_workflow.handler import Handler
from secor_workflow.logs import about, logger

CLOCK = Actor("clock", Role.CLOCK)
_AT_ONCE = 200
_log = logger(__name__)


async def sweep(handler: Handler) -> int:
    """Send every command that is due; returns how many were. Several processes may sweep at once.

    What another process did first is refused or decided anew, never done twice. After an outage everything that
    fell due meanwhile is found again, since the read model says what is due, not when somebody looked.
    """
    sent, looked_at = 0, set[UUID]()
    while True:
        today = handler.circumstances.context(CLOCK).today
        found = await handler.log.due_before(today, _AT_ONCE + len(looked_at))
        if not (new := [case_id for case_id in found if case_id not in looked_at]):
            return sent
        for case_id in new:
            looked_at.add(case_id)
            about.set({})  # the log's lines are about another case from here on
            try:
                sent += await _settle(handler, case_id)
            except (ValueError, LookupError):  # a case that cannot be read must not stop the clock for the others
                _log.exception("the sweep cannot read a case", case_id=str(case_id))


async def _settle(handler: Handler, case_id: UUID) -> int:
    sent = 0
    ctx = handler.circumstances.context(CLOCK)
    for wish in due(await handler.log.case(case_id), ctx.today, ctx.policy):
        try:
            await handler.handle(case_id, Ask(actor=CLOCK, wish=wish))
            sent += 1
        except (RefusedNow, StillRunning):  # another process was first, or somebody acts on the case right now
            _log.info("a wish of the clock was not needed any more", wish=type(wish).__name__, case_id=str(case_id))
    return sent


async def sweep_forever(handler: Handler, seconds: float) -> None:
    """Sweep at once and then every so often; an error is logged and the next sweep tries again."""
    while True:
        try:
            await sweep(handler)
        except Exception:  # noqa: BLE001 (whatever it was, time goes on)
            _log.exception("the sweep failed", again_in_seconds=seconds)
        await asyncio.sleep(seconds)
