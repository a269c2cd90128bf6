"""From a letter's plain text to what a page is set from: paragraphs and lists."""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH = 76
ADDRESS = re.compile(r"(?:https?://|[^\s<>()\"@]+@)[^\s<>\"]*[^\s<>\".,;:!?)]")
SPACE = " \t\r\n"


@dataclass(frozen=True)
class Paragraph:
    lines: tuple[str, ...]
    is_list: bool

    @property
    def text(self) -> str:
        return " ".join(self.lines)


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Blank lines part paragraphs; one whose lines begin with a dash is a list."""
    found = []
    for block in re.split(r"\n\s*\n", text.strip(SPACE)):
        lines = [line.strip(SPACE) for line in block.split("\n") if line.strip(SPACE)]
        if not lines:
            continue
        is_list = lines[0].startswith("- ")
        found.append(Paragraph(_items(lines) if is_list else tuple(lines), is_list))
    return tuple(found)


def _items(lines: list[str]) -> tuple[str, ...]:
    items: list[str] = []
    for line in lines:
        if line.startswith("- "):
            items.append(line.removeprefix("- "))
        else:
            items[-1] += f" {line}"
    return tuple(items)


def linked(text: str, links: Mapping[str, str]) -> Markup:
    """The text made safe for a page, with our own addresses to click on: one that somebody typed is no link."""
    safe = Markup()
    at = 0
    for address in ADDRESS.finditer(text):
        href = links.get(address.group())
        if href is None:
            continue
        safe += escape(text[at : address.start()])
        safe += Markup('<a href="{}">{}</a>').format(href, address.group())
        at = address.end()
    return safe + escape(text[at:])


def wrapped(text: str, first: str = "", after: str = "") -> str:
    """Lines that fit a narrow window; an address on the web stays whole."""
    return textwrap.fill(
        text, WIDTH, initial_indent=first, subsequent_indent=after, break_long_words=False, break_on_hyphens=False
    )
