"""What letters repeat of the programme's policy: the audit elements with help for each, and two spans of time."""

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
    """The elements by code; how early a notice is due, and how long training lasts until the student audit."""

    elements: Mapping[str, Element]
    notice_lead_days: int | None = None
    student_audit_months: int | None = None

    def element(self, code: str) -> Element:
        """The element, or one named by its bare code when the policy has dropped it since."""
        return self.elements.get(code, Element(code, code))
