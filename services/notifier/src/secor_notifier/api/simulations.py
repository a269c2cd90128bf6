"""What changed rules would have sent: tried on the last days of real cases, and nothing sent."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from secor_notifier.api.callers import Previewer
from secor_notifier.api.cursors import unwrap, wrap
from secor_notifier.api.documented import documented
from secor_notifier.api.once import OnlyOnce
from secor_notifier.api.problems import Problem
from secor_notifier.api.rooms import House
from secor_notifier.api.sandbox import only_json
from secor_notifier.api.shapes import CaseId, Decision, Nothing, Strict
from secor_notifier.domain.letters import names
from secor_notifier.domain.rules import Rules
from secor_notifier.domain.rules_text import RulesError, read_rules
from secor_notifier.simulation import Difference, difference, last_days
from secor_notifier.workflow import NotThereError

router = APIRouter(prefix="/v1", tags=["reminders"], responses=documented(401, 403, 413, 415, 422, 503))


class SimulationWish(Strict):
    """A whole rules.toml, and on what to try it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"rules": "[sending]\nstale_after_days = 60\n# and so on", "days": 30}]}
    )

    rules: Annotated[str, Field(min_length=1, max_length=500_000)] = Field(description="The text of a rules.toml.")
    days: Annotated[int, Field(ge=1, le=366, description="How many days back, today included.")] = 30
    case_id: CaseId | None = Field(default=None, description="Only this case.")
    cursor: Annotated[str, Field(max_length=128)] | None = Field(default=None, description="`next` of the page before.")
    limit: Annotated[int, Field(ge=1, le=200, description="Cases of a page at most.")] = 50


class CaseDifference(BaseModel):
    """One case on which the two rules differ."""

    case_id: str
    added: list[Decision] = Field(description="Sent by the new rules only.")
    removed: list[Decision] = Field(description="Sent by the rules in force only.")

    @classmethod
    def of(cls, found: Difference) -> "CaseDifference":
        def told(decisions: tuple[object, ...]) -> list[Decision]:
            return [Decision.model_validate(Decision.fields_of(one)) for one in decisions]  # type: ignore[arg-type]

        return cls(case_id=found.case_id, added=told(found.added), removed=told(found.removed))


class Simulation(BaseModel):
    cases: int = Field(description="How many cases of this page were looked at.")
    added: int
    removed: int
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
    """Each case lives its last days again under both rules, as if the notifier had looked at it once a day; silences
    and outages are left out. Nothing is sent and nothing is kept.
    """

    async def work() -> Simulation:
        return await _simulate(wish, _read(wish.rules), house)

    return await only_once.answer(known, work)


async def _simulate(wish: SimulationWish, rules: Rules, house: House) -> Simulation:
    days = last_days(house.correspondence.clock.today(), wish.days)
    cases, more = await _cases(wish, house)
    found = []
    for case_id in cases:
        try:
            events = await house.correspondence.reads.events(case_id)
        except NotThereError:
            continue
        one = difference(case_id, events, house.correspondence.rules, rules, days)
        if one.added or one.removed:
            found.append(CaseDifference.of(one))
    return Simulation(
        cases=len(cases),
        added=sum(len(one.added) for one in found),
        removed=sum(len(one.removed) for one in found),
        items=found,
        next=wrap(cases[-1]) if more else None,
    )


async def _cases(wish: SimulationWish, house: House) -> tuple[list[str], bool]:
    if wish.case_id:
        return [wish.case_id], False
    after = unwrap(wish.cursor) if wish.cursor else ""
    watches = await house.ledger.watches_after(after, wish.limit + 1)
    return [watch.case_id for watch in watches[: wish.limit]], len(watches) > wish.limit


def _read(text: str) -> Rules:
    try:
        return read_rules(text, names())
    except RulesError as error:
        raise Problem("invalid", str(error), errors=({"pointer": "/body/rules", "detail": str(error)},)) from None
