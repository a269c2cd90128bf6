"""Writes a letter: its own template says what is particular, the shared page says what every letter must."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import PackageLoader, StrictUndefined, Template, TemplateError, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from secor_notifier.domain.letters import signature, words
from secor_notifier.domain.letters.material import Material
from secor_notifier.domain.letters.typeset import linked, paragraphs
from secor_notifier.domain.letters.wording import view

WIDTH = 76
SUBJECT_LENGTH = 200
NOTHING_TO_DO = "There is nothing for you to do now."


class UnwritableError(Exception):
    """This letter cannot be written for this case; `reason` names the fault and nobody."""

    def __init__(self, letter: str, error: Exception) -> None:
        self.reason = f"The letter {letter!r} could not be written ({type(error).__name__})."
        super().__init__(self.reason)


@dataclass(frozen=True)
class Written:
    """A finished letter."""

    subject: str
    text: str
    html: str


def names() -> frozenset[str]:
    """Every letter there is a template for."""
    found = (file.name for file in files(__package__).joinpath("templates").iterdir())
    return frozenset(name.removesuffix(".j2") for name in found if name.endswith(".j2"))


def write(letter: str, material: Material) -> Written:
    """The letter in its three parts; a fault in template or material is told as such, and stops no other letter."""
    try:
        return _write(_environment().get_template(f"{letter}.j2"), material)
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise UnwritableError(letter, error) from error


def _write(template: Template, material: Material) -> Written:
    in_view = view(material)
    context = {"m": material, "case": material.case, "fact": material.fact, "view": in_view}
    parts = {name: _part(template, name, context) for name in template.blocks}
    subject = " ".join(parts["subject"].split())[:SUBJECT_LENGTH]
    page = {
        **context,
        "greeting": signature.greeting(material),
        "about": signature.about(material),
        "why": signature.why(material),
        "subject": subject,
        "body": paragraphs(parts["body"]),
        "step": paragraphs(parts.get("next") or (in_view.next if in_view else NOTHING_TO_DO)),
    }
    return Written(
        subject=subject,
        text=_environment().get_template("page.txt").render(page).strip() + "\n",
        html=_environment().get_template("page.html").render(page),
    )


def _part(template: Template, name: str, context: Mapping[str, object]) -> str:
    return "".join(template.blocks[name](template.new_context(dict(context))))


def _wrapped(text: str, first: str = "", after: str = "") -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=after, break_long_words=False, break_on_hyphens=False
    )


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=PackageLoader(__package__, "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"], default=False, default_for_string=False),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "capfirst": words.capfirst,
        "day": words.day,
        "ended": words.ended,
        "money": words.money,
        "percent": words.percent,
        "linked": linked,
        "wrapped": _wrapped,
    }
    return environment
