"""What a letter says of the deadline it has in view: what is owed, by when, the next step, and what otherwise."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

from secor_notifier.domain.letters.material import Material
from secor_notifier.domain.letters.words import day, distance

OTHER = "_other"
# The workflow may see the day end before our own clock does.
NOW_OVER = "now over"


@dataclass(frozen=True)
class Said:
    """The sentences for one kind of reader."""

    owed: str
    next: str
    otherwise: str
    late: str


@dataclass(frozen=True)
class DeadlineWording:
    """All sentences about one deadline."""

    title: str
    employer: Said
    staff: Said


@dataclass(frozen=True)
class View:
    """A deadline in words, for one reader on one day."""

    name: str
    title: str
    owed: str
    by: str
    distance: str
    over: bool
    otherwise: str
    next: str
    counted: str
    theirs: bool


def view(material: Material) -> View | None:
    """The deadline in view, put into words; nothing when the reader owes nothing."""
    deadline = material.in_view
    if deadline is None:
        return None
    wording = sentences().get(deadline.name, sentences()[OTHER])
    of_employer = material.addressee.of_employer
    said = wording.employer if of_employer else wording.staff
    over = deadline.missed or deadline.due_on < material.today
    numbers = {
        "lead": material.policy.lead,
        "window": material.policy.window,
        "recertification_days": material.programme.recertification_days,
    }
    return View(
        name=deadline.name,
        title=wording.title if of_employer else wording.title.replace("your ", "the employer's "),
        owed=said.owed.format(**numbers),
        by=day(deadline.due_on),
        distance=NOW_OVER if over and deadline.due_on >= material.today else distance(deadline.due_on, material.today),
        over=over,
        otherwise=(said.late if over else said.otherwise).format(**numbers),
        next=said.next.format(**numbers),
        counted=" ".join(deadline.explanation),
        theirs=of_employer == (deadline.owner == "employer"),
    )


@cache
def sentences() -> Mapping[str, DeadlineWording]:
    text = files("secor_notifier.domain.letters").joinpath("deadlines.toml").read_text("utf-8")
    return TypeAdapter(dict[str, DeadlineWording]).validate_python(tomllib.loads(text))
