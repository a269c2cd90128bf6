"""What the programme's policy says that letters repeat: the audit elements and where to find help with each."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Resource:
    title: str
    url: str


@dataclass(frozen=True)
class Element:
    """A part of the safety management system which the audit looks at."""

    code: str
    title: str
    resources: tuple[Resource, ...] = ()


@dataclass(frozen=True)
class Policy:
    """The elements by code."""

    elements: Mapping[str, Element]

    def element(self, code: str) -> Element:
        """The element, or one named by its bare code when the policy has dropped it since."""
        return self.elements.get(code, Element(code, code))
