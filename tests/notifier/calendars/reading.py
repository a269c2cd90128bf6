"""Reads iCalendar by the letter of RFC 5545, independently of the library that writes ours, and forgives nothing."""

import re
from dataclasses import dataclass, field
from typing import Self

import vobject

LINE = re.compile(r"(?P<name>[A-Z0-9-]+)(?P<parameters>(?:;[A-Z0-9-]+=[^;:,\"]+)*):(?P<value>.*)")
ESCAPES = {"\\\\": "\\", "\\;": ";", "\\,": ",", "\\n": "\n", "\\N": "\n"}
LONGEST = 75


@dataclass(frozen=True)
class Property:
    value: str
    parameters: dict[str, str]

    @property
    def text(self) -> str:
        assert not re.search(r"(?<!\\)[;,]", re.sub(r"\\\\", "", self.value)), f"unescaped: {self.value}"
        return re.sub(r"\\[\\;,nN]", lambda found: ESCAPES[found.group()], self.value)


@dataclass
class Component:
    name: str
    properties: dict[str, Property] = field(default_factory=dict)
    children: list[Self] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.properties[name].text

    def of(self, name: str) -> list[Self]:
        return [child for child in self.children if child.name == name]


def read(content: bytes) -> Component:
    """The calendar, which must be one whole calendar and nothing else, and one for another library too."""
    others = vobject.readOne(content.decode())
    open_ones: list[Component] = []
    whole: Component | None = None
    for line in unfolded(content):
        found = LINE.fullmatch(line)
        assert found, f"not a content line: {line!r}"
        name, value = found["name"], found["value"]
        assert whole is None, "something after the end"
        if name == "BEGIN":
            open_ones.append(Component(value))
        elif name == "END":
            done = open_ones.pop()
            assert done.name == value
            if open_ones:
                open_ones[-1].children.append(done)
            else:
                whole = done
        else:
            parameters = dict(part.split("=") for part in found["parameters"].split(";")[1:])
            assert name not in open_ones[-1].properties, f"{name} twice"
            open_ones[-1].properties[name] = Property(value, parameters)
    assert whole
    assert whole.name == "VCALENDAR"
    theirs = [(event.uid.value, event.summary.value) for event in others.contents.get("vevent", [])]
    assert theirs == [(event["UID"], event["SUMMARY"]) for event in whole.of("VEVENT")]
    return whole


def unfolded(content: bytes) -> list[str]:
    """Lines end in CRLF and have 75 octets at most; one that begins with a blank goes on with the one before."""
    assert content.endswith(b"\r\n")
    lines: list[bytes] = []
    for line in content.removesuffix(b"\r\n").split(b"\r\n"):
        assert b"\n" not in line
        assert b"\r" not in line
        assert len(line) <= LONGEST, f"{len(line)} octets"
        line.decode()  # folded between signs, not within one
        if line.startswith((b" ", b"\t")):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    return [line.decode() for line in lines]
