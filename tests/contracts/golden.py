"""`make golden` writes an example of each event that has none yet; what is there is never touched.

Each is decided by the machine itself, with ids and dates that are always the same. An example stands for all the events
of its version that were ever written: it is parsed for ever, so that it must never change.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from secor_workflow.domain import commands as c
from secor_workflow.domain.case import Case
from secor_workflow.domain.context import Role
from secor_workflow.domain.events import Event
from secor_workflow.log.envelope import placed, write
from workflow.domain import examples as x
from workflow.specification import TODAY, Given, Step, as_, as_whoever_may, given, on

EXAMPLES = Path(__file__).parents[2] / "contracts" / "examples"
LONG_AFTER = TODAY + timedelta(days=900)


def events() -> Iterator[Event]:
    """Every event of a few cases, of which each type is somewhere."""
    for life in _lives():
        yield from life.events


def _lives() -> Iterator[Given]:
    yield _certified()
    yield _led("update", c.UpdateEmployer(employer=replace(x.CAFE, headcount=25), contact=x.BORIS))
    yield _led("replace", x.name_champion(), x.replace_champion())
    yield _led("hold", x.place_hold(date(2026, 12, 24)), c.ReleaseHold())
    yield _led("extend", x.extend_deadline("name_champion", date(2027, 6, 30)))
    yield _led("miss", on(LONG_AFTER), as_(Role.CLOCK), c.MissDeadline(deadline="name_champion"))
    yield _led("lapse", *_TRAINED, on(LONG_AFTER), as_(Role.CLOCK), c.LapseTraining())
    yield _led("refuse", *_NOTICED, x.refuse_notice())
    yield _led("cancel", *_NOTICED, x.cancel_notice())
    yield _led("reject", *_REVIEWED, x.reject_audit())
    yield _led("fail", *_REVIEWED, x.decide_qa(x.scores(79)))
    yield _led("take back", x.add_document("supporting"), x.withdraw_document("supporting"))
    yield _led("advise", x.record_advice("staff-2", TODAY, ("hazards", "training")))
    yield _led("erase", x.close(), x.erase_person(requested_by="authority"))
    yield _led("withdraw", x.withdraw())
    yield _led("close", x.close())


_TRAINED = (x.name_champion(), x.enrol_in_training(), x.record_training())
_NOTICED = (
    *_TRAINED,
    x.assess("gap", x.ELEMENTS[:2]),
    x.assess(),
    c.DeclareSms(),
    x.file_notice(scope="The whole café"),
)
_HANDED_IN = (x.add_document("audit_tool"), x.add_document("scorecard"))
_REVIEWED = (*_NOTICED, on(x.SUBMITTED), *_HANDED_IN, x.submit_audit(), x.assign_reviewer())


def _led(name: str, *past: c.Wish | Step) -> Given:
    """A case of its own, led this way."""
    unregistered = Given(case=Case(case_id=uuid5(NAMESPACE_URL, f"golden {name}")))
    return given(unregistered, x.register_employer(), as_whoever_may, *past)


def _certified() -> Given:
    return _led(
        "certify",
        *_NOTICED,
        c.AcceptNotice(),
        x.amend_notice(x.START + timedelta(days=1), x.END),
        on(x.SUBMITTED),
        *_HANDED_IN,
        x.submit_audit(x.START + timedelta(days=1)),
        x.assign_reviewer(),
        x.return_audit(element="hazards"),
        x.resubmit_audit(started_on=x.START + timedelta(days=1)),
        x.decide_qa(),
        c.ForwardToWorksafebc(),
        x.refuse_certificate(),
        c.ForwardToWorksafebc(),
        x.record_standing(good=True),
        x.record_certificate(),
    )


def write_missing(folder: Path) -> list[str]:
    """The names of the examples that were written."""
    folder.mkdir(exist_ok=True)
    written = []
    for event in events():
        path = folder / f"{event.type}.v{event.fact.schema_version}.json"
        if not path.exists():
            example = json.loads(placed(write(event), event.position))
            path.write_text(json.dumps(example, indent=2, ensure_ascii=False) + "\n", "utf-8")
            written.append(path.name)
    return written


if __name__ == "__main__":
    for name in write_missing(EXAMPLES):
        sys.stdout.write(f"{name} is new; commit it.\n")
