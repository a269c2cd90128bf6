"""What a letter says of the deadline it has in view: what is owed, by when, the next step, and what otherwise."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import TypeAdapter

from secor_notifier.domain.letters.action import Target
from secor_notifier.domain.letters.language import Language
from secor_notifier.domain.letters.material import Material
from secor_notifier.domain.letters.words import Words
from secor_notifier.domain.programme import Policy

OTHER = "_other"


@dataclass(frozen=True)
class Said:
    """The sentences for one kind of reader."""

    owed: str
    next: str
    otherwise: str
    late: str
    action: Target = Target.CASE


@dataclass(frozen=True)
class DeadlineWording:
    """All sentences about one deadline."""

    title: str
    employer: Said
    staff: Said

    @property
    def title_for_staff(self) -> str:
        return self.title.replace("your ", "the employer's ")


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
    action: Target
    counted: str
    theirs: bool
    own: bool


def view(material: Material, language: Language) -> View | None:
    """The deadline in view, put into words; nothing when the reader owes nothing."""
    deadline = material.in_view
    if deadline is None:
        return None
    wording = wording_of(deadline.name)
    of_employer = material.addressee.of_employer
    said = wording.employer if of_employer else wording.staff
    title = wording.title if of_employer else wording.title_for_staff
    over = deadline.missed or deadline.due_on < material.today
    words, say = Words(language), language.says.gettext
    numbers = spans(material.policy, language) | {"recertification_days": material.programme.recertification_days}
    # The workflow may see the day end before our own clock does.
    early = over and deadline.due_on >= material.today
    return View(
        name=deadline.name,
        title=say(title),
        owed=say(said.owed).format(**numbers),
        by=words.day(deadline.due_on),
        distance=say("now over") if early else words.distance(deadline.due_on, material.today),
        over=over,
        otherwise=say(said.late if over else said.otherwise).format(**numbers),
        next=say(said.next).format(**numbers),
        action=said.action,
        # The workflow counts in English; in another language half a sentence of it would only puzzle.
        counted=" ".join(deadline.explanation) if language.is_source else "",
        theirs=of_employer == (deadline.owner == "employer"),
        own=material.deadline is not None,
    )


def spans(policy: Policy, language: Language) -> dict[str, str | int]:
    """The policy's spans of time as parts of a sentence; without the number when the policy does not say it."""
    say, days, months = language.says, policy.notice_lead_days, policy.student_audit_months
    return {
        # To be followed by what comes after the notice.
        "lead": say.ngettext("at least %(num)d day before", "at least %(num)d days before", days) % {"num": days}
        if days
        else say.gettext("in good time before"),
        # To be followed by what the student audit comes after.
        "window": say.ngettext("within %(num)d month of", "within %(num)d months of", months) % {"num": months}
        if months
        else say.gettext("in good time after"),
    }


def wording_of(deadline: str) -> DeadlineWording:
    """Its own, or what is said of a deadline that nobody has thought of yet."""
    return sentences().get(deadline, sentences()[OTHER])


@cache
def sentences() -> Mapping[str, DeadlineWording]:
    text = files("secor_notifier.domain.letters").joinpath("deadlines.toml").read_text("utf-8")
    return TypeAdapter(dict[str, DeadlineWording]).validate_python(tomllib.loads(text))
