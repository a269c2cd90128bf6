"""Looking at cases one by one: each text is its row's, and the read model's row is what the texts tell."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from secor_workflow.domain.policy import Policies
from secor_workflow.log.archives import all_archived_cases
from secor_workflow.log.envelope import CloudEvent, envelope_of, event_of
from secor_workflow.log.histories import ROW, WHOLE, Between, Reading, Stored, read_model, whole
from secor_workflow.log.read_model import TELLING, row_told

LookedAt = Callable[[int], None]
"""Is told of so many more cases."""
_TYPE, _BODY = WHOLE.index("type"), WHOLE.index("body")


async def faults_between(
    engine: AsyncEngine, connection: AsyncConnection, between: Between, policies: Policies, looked_at: LookedAt
) -> list[str]:
    """What is wrong with these cases: their versions, their events' texts, their rows."""
    faults, archived = list[str](), await all_archived_cases(connection)
    async with aclosing(_with_rows(engine, connection, between)) as some:
        async for case_id, history, row in some:
            if case_id in archived:
                continue
            if not history:
                faults.append(f"case {case_id}: the read model has a row, the log has no event")
                continue
            faults += _faults_of(case_id, history, row, policies)
            looked_at(1)
    return faults


async def _with_rows(
    engine: AsyncEngine, connection: AsyncConnection, between: Between
) -> AsyncGenerator[tuple[UUID, list[Stored], dict[str, Any] | None], None]:
    """Every case with its events and its row in the read model; one of the two may be missing."""
    reading = Reading(connection, between)
    async with (
        aclosing(reading.histories(whole(engine))) as told,
        aclosing(reading.histories(read_model(engine))) as written,
    ):
        row = await anext(written, None)
        async for history in told:
            case_id = history[0][0]
            while row and row[0][0] < case_id:
                yield row[0][0], [], _named(row)
                row = await anext(written, None)
            if row and row[0][0] == case_id:
                yield case_id, history, _named(row)
                row = await anext(written, None)
            else:
                yield case_id, history, None
        while row:
            yield row[0][0], [], _named(row)
            row = await anext(written, None)


def _named(row: list[Stored]) -> dict[str, Any]:
    return dict(zip(ROW, row[0], strict=True))


def _faults_of(case_id: UUID, history: list[Stored], row: dict[str, Any] | None, policies: Policies) -> list[str]:
    faults = []
    if [version for _, version, *_ in history] != list(range(1, len(history) + 1)):
        faults.append(f"case {case_id}: versions have a gap")
    try:
        texts = [envelope_of(stored[_TYPE], stored[_BODY]) for stored in history]
        telling = [i for i, stored in enumerate(history) if stored[_TYPE] in TELLING or stored is history[-1]]
        expected = row_told(case_id, [event_of(texts[i]) for i in telling], policies)
    except (ValueError, LookupError, AssertionError) as error:
        return [*faults, f"case {case_id}: does not fold: {error}"]
    for stored, told in zip(history, texts, strict=True):
        if stored[:_TYPE] != (told.subject, told.caseversion, told.position, told.id, told.actor):
            faults += _differences(case_id, stored, told)
    if row != expected:
        faults.append(f"case {case_id}: the read model is not the log's; run `secor-workflow rebuild`")
    return faults


def _differences(case_id: UUID, stored: Stored, told: CloudEvent[Any]) -> list[str]:
    others = (told.subject, told.caseversion, told.position, told.id, told.actor)
    return [
        f"case {case_id}: the text at position {stored[2]} names another {name} than its row"
        for name, mine, other in zip(WHOLE, stored, others, strict=False)
        if mine != other
    ]
