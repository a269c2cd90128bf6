"""What a reader of a letter's page sees, and what a program that shows it is asked to do."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

VOID = {"meta", "br"}
WITHIN_A_LINE = {"a", "span", "strong"}


class Page(HTMLParser):
    """The page, read once: its words, its links, the classes of its elements, and whether its tags are well nested."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []
        self.tags: list[str] = []
        self.classes: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.links: list[str] = []
        self._action: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.classes += given.get("class", "").split()
        self.attributes += given.items()
        if tag not in VOID:
            self.open.append(tag)
        if tag not in WITHIN_A_LINE:
            self.seen.append(" ")
        if tag == "a":
            self.links.append(given["href"])
            self._action = given["href"] if "action" in given.get("class", "").split() else None

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "a" and self._action:
            # The label leads there: plain text says where.
            self.seen.append(f": {place_of(self._action)}")
            self._action = None
        if tag not in WITHIN_A_LINE:
            self.seen.append(" ")

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"style", "title"}:
            self.seen.append(data)

    @property
    def text(self) -> str:
        """On one line, with where its action leads."""
        return re.sub(r"[ \n]+", " ", "".join(self.seen)).strip()

    @property
    def actions(self) -> int:
        return self.classes.count("action")


def place_of(href: str) -> str:
    """An address as people write it."""
    return unquote(urlsplit(href).path) if href.startswith("mailto:") else href


def words(text: str) -> list[str]:
    """What is said, whatever its case, its lines and dashes, and the space which French puts before a colon."""
    return [word for word in text.replace("\xa0:", ":").casefold().split() if word not in {"-", "--"}]
