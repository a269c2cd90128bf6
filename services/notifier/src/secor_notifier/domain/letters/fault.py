"""What is told when a letter cannot be written: which template, on which line, and nothing of anybody's data."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from types import TracebackType

from jinja2 import TemplateSyntaxError

FOLDER = "templates"


@dataclass(frozen=True)
class Place:
    """A line of a template."""

    template: str
    line: int


class UnwritableError(Exception):
    """This letter cannot be written for this case; `reason` names the fault and nobody."""

    def __init__(self, letter: str, error: Exception) -> None:
        self.place = _place(error)
        where = f": template {self.place.template}, line {self.place.line}" if self.place else ""
        self.reason = f"The letter {letter!r} could not be written ({type(error).__name__}){where}."
        super().__init__(self.reason)


def _place(error: Exception) -> Place | None:
    """The innermost line of a template that the error came through."""
    if isinstance(error, TemplateSyntaxError):
        return Place(error.name or "", error.lineno)
    *_, innermost = (None, *_places(error.__traceback__))
    return innermost


def _places(trace: TracebackType | None) -> Iterator[Place]:
    while trace is not None:
        frame, line = trace.tb_frame, trace.tb_lineno
        at = PurePath(frame.f_code.co_filename)
        if at.parent.name == FOLDER:
            template = frame.f_globals.get("__jinja_template__")
            # Where Jinja has not yet put the template's own lines into the traceback, they are asked for.
            yield Place(at.name, template.get_corresponding_lineno(line) if template else line)
        trace = trace.tb_next
