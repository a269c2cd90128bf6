"""From a letter's plain text to what a page is set from: paragraphs and lists."""

import re
from dataclasses import dataclass

from markupsafe import Markup, escape

LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


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
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
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


def linked(text: str) -> Markup:
    """The text made safe for a page, with its addresses to click on."""
    safe = Markup()
    at = 0
    for link in LINK.finditer(text):
        safe += escape(text[at : link.start()])
        safe += Markup('<a href="{0}">{0}</a>').format(link.group())
        at = link.end()
    return safe + escape(text[at:])
