"""The templates as Jinja sees them: sandboxed, strict about what is not there, and in one language."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from jinja2 import PackageLoader, StrictUndefined, Template, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from secor_notifier.domain.letters import typeset, words
from secor_notifier.domain.letters.language import SOURCE, languages

ENDING = ".j2"
LETTER = f"letter{ENDING}"
PAGES = ("page.html", "page.txt", "letter.css")
PURPOSE = "purpose"
DEADLINE = "deadline"


def names() -> frozenset[str]:
    """Every letter there is a template for."""
    found = (file.name for file in files(__package__).joinpath("templates").iterdir())
    return frozenset(name.removesuffix(ENDING) for name in found if name.endswith(ENDING) and name != LETTER)


def template(letter: str, tag: str) -> Template:
    return environment(tag).get_template(f"{letter}{ENDING}")


def purpose(letter: str) -> str:
    """What the letter is for, as its template says."""
    return _aside(letter, PURPOSE)


def deadline_of(letter: str) -> str:
    """The name of the deadline which the letter is always about; empty if there is none."""
    return _aside(letter, DEADLINE)


def _aside(letter: str, block: str) -> str:
    """A block that is for us, not for the letter's reader."""
    found = template(letter, SOURCE)
    said = found.blocks.get(block)
    return " ".join("".join(said(found.new_context())).split()) if said else ""


def source(name: str) -> str:
    """A template as it is written."""
    return files(__package__).joinpath("templates", name).read_text("utf-8")


def messages(letter: str) -> Iterator[str]:
    """The sentences which a letter and its pages may say, deadlines apart; of a plural the first form."""
    for name in (f"{letter}{ENDING}", LETTER, *PAGES):
        for _, _, message in environment(SOURCE).extract_translations(source(name)):  # type: ignore[attr-defined]
            yield message[0] if isinstance(message, tuple) else message


@cache
def environment(tag: str) -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        loader=PackageLoader(__package__, "templates"),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"], default=False, default_for_string=False),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.policies["ext.i18n.trimmed"] = True
    language = languages()[tag]
    made.install_gettext_translations(language.says, newstyle=True)  # type: ignore[attr-defined]  # the extension's own
    said = words.Words(language)
    made.filters |= {
        "capfirst": words.capfirst,
        "day": said.day,
        "ended": words.ended,
        "linked": typeset.linked,
        "money": said.money,
        "on_one_line": words.on_one_line,
        "percent": said.percent,
        "wrapped": typeset.wrapped,
    }
    return made
