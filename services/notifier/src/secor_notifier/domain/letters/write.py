"""Writes letters: each template says what is particular, the shared pages say what every letter must."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from css_inline import CSSInliner
from jinja2 import Template, TemplateError

from secor_notifier.domain.digest import Contents
from secor_notifier.domain.letters import frame
from secor_notifier.domain.letters.action import Target, action
from secor_notifier.domain.letters.environment import DEADLINE, PURPOSE, deadline_of, environment, template
from secor_notifier.domain.letters.fault import UnwritableError
from secor_notifier.domain.letters.language import SOURCE, Language, UntranslatedError, languages
from secor_notifier.domain.letters.material import Desk, Material
from secor_notifier.domain.letters.stopped import STOPPED, Stopped
from secor_notifier.domain.letters.typeset import paragraphs
from secor_notifier.domain.letters.words import on_one_line

SUBJECT_LENGTH = 200
INLINER = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
FAULTS = (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True)
class Written:
    """A finished letter, and the language it is in."""

    subject: str
    text: str
    html: str
    locale: str


def write(letter: str, material: Material) -> Written:
    """A letter about one case, and about its own deadline if it has one."""
    about = replace(material, deadline=material.deadline or material.case.deadline(_own_deadline(letter)))
    return _compose(letter, material.locale, lambda language: frame.of_case(about, language), about)


def write_several(letter: str, materials: Sequence[Material]) -> Written:
    """One letter for several dates of one person, the earliest first."""
    first, *_ = by_date = sorted(materials, key=lambda one: one.deadline.due_on if one.deadline else date.max)
    return _compose(letter, first.locale, lambda language: frame.of_dates(by_date, language), first)


def write_digest(letter: str, contents: Contents, today: date, desk: Desk) -> Written:
    """What needs somebody at go2HR today; its readers' language is the programme's own."""
    return _compose(letter, SOURCE, lambda _: frame.of_digest(contents, today, desk))


def write_stopped(stopped: Stopped, desk: Desk) -> Written:
    """To staff, of a webhook endpoint that was disabled."""
    return _compose(STOPPED, SOURCE, lambda _: frame.of_stopped(stopped, desk))


def _own_deadline(letter: str) -> str:
    try:
        return deadline_of(letter)
    except FAULTS as error:
        raise UnwritableError(letter, error) from error


def _compose(
    letter: str, tag: str, values: Callable[[Language], Mapping[str, object]], material: Material | None = None
) -> Written:
    """In one language from beginning to end: where a sentence lacks its translation, all of it is in English.

    A fault in template or material is told as such, and stops no other letter.
    """
    try:
        try:
            return _set(letter, languages().get(tag, languages()[SOURCE]), values, material)
        except UntranslatedError:
            return _set(letter, languages()[SOURCE], values, material)
    except FAULTS as error:
        raise UnwritableError(letter, error) from error


def _set(
    letter: str, language: Language, values: Callable[[Language], Mapping[str, object]], material: Material | None
) -> Written:
    around = values(language)
    said = _said(template(letter, language.tag), around)
    subject = on_one_line(said["subject"])[:SUBJECT_LENGTH]
    page = {
        **around,
        **said,
        "lang": language.tag,
        "subject": subject,
        "body": paragraphs(said["body"]),
        "step": on_one_line(said["next"]),
        "action": action(Target(said["action"].strip()), material, language) if material else None,
    }
    pages = environment(language.tag)
    return Written(
        subject=subject,
        text=pages.get_template("page.txt").render(page).strip() + "\n",
        html=INLINER.inline(pages.get_template("page.html").render(page)),
        locale=language.tag,
    )


def _said(letter: Template, values: Mapping[str, object]) -> dict[str, str]:
    """Each block of the letter, or the one it inherits; running its root is how Jinja collects both."""
    context = letter.new_context(dict(values))
    for _ in letter.root_render_func(context):
        pass
    read = {name: blocks[0] for name, blocks in context.blocks.items() if name not in {PURPOSE, DEADLINE}}
    return {name: "".join(block(context)) for name, block in read.items()}
