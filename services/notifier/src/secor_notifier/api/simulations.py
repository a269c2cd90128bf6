"""What changed rules would have sent: tried on the last days of real cases, and nothing sent."""

import asyncio
from datetime import datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from secor_notifier.api import simulation_example
from secor_notifier.api.callers import Previewer
from secor_notifier.api.cursors import unwrap_id, wrap
from secor_notifier.api.documented import documented
from secor_notifier.api.once import OnlyOnce
from secor_notifier.api.permissions import Guarded
from secor_notifier.api.problems import invalid
from secor_notifier.api.rooms import House
from secor_notifier.api.sandbox import only_json
from secor_notifier.api.shapes import CaseId, Decision, Instant, Nothing, Strict
from secor_notifier.domain.letters import names
from secor_notifier.domain.rules import Rules
from secor_notifier.domain.rules_text import RulesError, read_rules
from secor_notifier.simulation import Difference, Sent, Window, difference
from secor_notifier.workflow import NotThereError
from secor_notifier.zone import ZONE

LONGEST = 100_000
LONGEST_LINE = 1_000
"""Names with dots in them cost the square of their length to read."""
router = APIRouter(
    route_class=Guarded,
    prefix="/v1",
    tags=["reminders"],
    responses=documented(401, 403, 413, 415, 422, 503),
)


class SimulationWish(Strict):
    """A whole rules.toml, and on what to try it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rules": simulation_example.RULES, "days": 30}]})

    rules: Annotated[str, Field(min_length=1, max_length=LONGEST)] = Field(description="The text of a rules.toml.")
    days: Annotated[int, Field(ge=1, le=366, description="How many days back, today included.")] = 30
    case_id: CaseId | None = Field(default=None, description="Only this case.")
    cursor: Annotated[str, Field(max_length=128)] | None = Field(default=None, description="`next` of the page before.")
    limit: Annotated[int, Field(ge=1, le=200, description="Cases of a page at most.")] = 50


class SentDecision(Decision):
    """A letter that would have gone out."""

    sent_at: Instant

    @classmethod
    def of(cls, sent: Sent) -> "SentDecision":
        return cls.model_validate({**cls.fields_of(sent.decision), "sent_at": sent.at})


class MovedDecision(SentDecision):
    """A letter that would have gone out at another time; as it was, and when instead."""

    instead_at: Instant


class CaseDifference(BaseModel):
    """One case on which the two rules differ."""

    case_id: str
    added: list[SentDecision] = Field(description="Sent by the new rules only.")
    removed: list[SentDecision] = Field(description="Sent by the rules in force only.")
    moved: list[MovedDecision] = Field(description="Sent by both, at different times.")

    @classmethod
    def of(cls, found: Difference) -> "CaseDifference":
        return cls(
            case_id=found.case_id,
            added=[SentDecision.of(one) for one in found.added],
            removed=[SentDecision.of(one) for one in found.removed],
            moved=[
                MovedDecision(**SentDecision.of(one).model_dump(), instead_at=instead.at)
                for one, instead in found.moved
            ],
        )


class Simulation(BaseModel):
    cases: int = Field(description="How many cases of this page were looked at.")
    added: int
    removed: int
    moved: int
    items: list[CaseDifference] = Field(description="The cases on which the two differ.")
    next: str | None = Field(description="The cursor of the next page, if there are more cases.")


@router.post(
    "/rules:simulate",
    operation_id="simulate_rules",
    summary="Try changed rules on the last days",
    dependencies=[Depends(only_json)],
    responses=documented(400, 409),
    response_model=Simulation,
)
async def simulate(
    wish: SimulationWish, _query: Annotated[Nothing, Query()], house: House, known: Previewer, only_once: OnlyOnce
) -> object:
    """Each case lives its last days again under both rules, with its holds, the silences and opt-outs of that time,
    good hours, and the notifier's own outages. Left out is what came after a letter was handed over, and that people
    who want reminders again once did not. Nothing is sent and nothing is kept.
    """

    async def work() -> Simulation:
        return await _simulate(wish, await asyncio.to_thread(_read, wish.rules), house)

    return await only_once.answer(known, work)


async def _simulate(wish: SimulationWish, rules: Rules, house: House) -> Simulation:
    clock = house.correspondence.clock
    begins = datetime.combine(clock.today() - timedelta(days=wish.days - 1), time(), ZONE)
    window = Window(begins, clock.now(), await house.wishes.past(begins))
    cases, more = await _cases(wish, house)
    found = []
    for case_id in cases:
        try:
            events = await house.correspondence.reads.events(case_id)
        except NotThereError:
            continue
        # In a thread: two hundred cases and a year of days take a while, and others ask meanwhile.
        one = await asyncio.to_thread(difference, case_id, events, house.correspondence.rules, rules, window)
        if one:
            found.append(CaseDifference.of(one))
    return Simulation(
        cases=len(cases),
        added=sum(len(one.added) for one in found),
        removed=sum(len(one.removed) for one in found),
        moved=sum(len(one.moved) for one in found),
        items=found,
        next=wrap(cases[-1]) if more else None,
    )


async def _cases(wish: SimulationWish, house: House) -> tuple[list[str], bool]:
    if wish.case_id:
        return [wish.case_id], False
    after = unwrap_id(wish.cursor) if wish.cursor else ""
    watches = await house.ledger.watches_after(after, wish.limit + 1)
    return [watch.case_id for watch in watches[: wish.limit]], len(watches) > wish.limit


def _read(text: str) -> Rules:
    if max(map(len, text.splitlines())) > LONGEST_LINE:
        raise invalid("/rules", f"A line of the rules has {LONGEST_LINE} characters at most.")
    try:
        return read_rules(text, names())
    except RulesError as error:
        raise invalid("/rules", str(error)) from None
