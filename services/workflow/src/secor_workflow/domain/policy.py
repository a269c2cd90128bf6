"""The programme's numbers and lists as dated editions, each value with its source."""

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import ClassVar, Generic, Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter

from secor_workflow.domain.calendar import (
    Addition,
    BusinessCalendar,
    Counted,
    count_business_days,
    count_days,
    count_months,
)

T = TypeVar("T")
Owner = Literal["employer", "staff"]
PACKAGED = Path(__file__).with_name("policy.toml")


class _NoStrangers:
    """A misspelt key in the file stops the service at start."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")


@dataclass(frozen=True, kw_only=True)
class Parameter(_NoStrangers, Generic[T]):
    """One value of the programme: what it says, and whose word it is (`own` = ours, to be confirmed by go2HR)."""

    value: T
    source: str
    says: str
    unit: str | None = None


@dataclass(frozen=True, kw_only=True)
class Numbers(_NoStrangers):
    programme_started_on: Parameter[date]
    max_headcount: Parameter[int]
    notice_lead_days: Parameter[int]
    audit_max_days: Parameter[int]
    overall_pass_percent: Parameter[int]
    element_pass_percent: Parameter[int]
    max_rounds: Parameter[int]
    advice_window_months: Parameter[int]
    certificate_months: Parameter[int]
    incentive_cap: Parameter[Decimal]
    incentive_share_percent: Parameter[int]


@dataclass(frozen=True, kw_only=True)
class CalendarRules(_NoStrangers):
    zone: Parameter[str]
    province: Parameter[str]
    additions: Parameter[tuple[Addition, ...]]
    closures: Parameter[tuple[date, ...]]


@dataclass(frozen=True, kw_only=True)
class Term(_NoStrangers):
    """How long a deadline runs from its anchor (exactly one of the three units) and who owes it."""

    owner: Owner
    source: str
    says: str
    days: int | None = None
    months: int | None = None
    business_days: int | None = None
    appointment: bool = False
    """Nothing is handed in on that day, so nobody can say that it was missed."""

    def __post_init__(self) -> None:
        if [self.days, self.months, self.business_days].count(None) != 2:  # noqa: PLR2004 (one of three is given)
            raise ValueError(f"'{self.says}' needs exactly one of days, months, business_days")

    def count(self, label: str, start: date, calendar: BusinessCalendar) -> Counted:
        """The date by which it is owed, counted from `start`."""
        return _counted(self, label, start, calendar)


@lru_cache(maxsize=1000)
def _counted(term: Term, label: str, start: date, calendar: BusinessCalendar) -> Counted:
    """Most cases of a day count the same."""
    if term.months is not None:
        return count_months(label, start, term.months)
    if term.business_days is not None:
        return count_business_days(label, start, term.business_days, calendar)
    return count_days(label, start, term.days or 0)


@dataclass(frozen=True, kw_only=True)
class Rule(_NoStrangers):
    source: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Resource(_NoStrangers):
    title: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Element(_NoStrangers):
    """One part of the audit tool that is assessed and scored by itself."""

    code: str
    title: str
    points: int
    source: str
    resources: tuple[Resource, ...]


@dataclass(frozen=True, kw_only=True)
class Course(_NoStrangers):
    code: str
    title: str
    source: str
    url: str


@dataclass(frozen=True, kw_only=True)
class DocumentKind(_NoStrangers):
    code: str
    title: str
    required: bool
    source: str


@dataclass(frozen=True, kw_only=True)
class DocumentRules(_NoStrangers):
    """How much may be handed in, how much an archive may unpack to, and how long the bytes are kept."""

    max_bytes: Parameter[int]
    max_count: Parameter[int]
    archive_max_entries: Parameter[int]
    archive_max_bytes: Parameter[int]
    archive_max_ratio: Parameter[int]
    retention_months: Parameter[int]


@dataclass(frozen=True, kw_only=True)
class PeopleRules(_NoStrangers):
    """How long names and addresses are kept, before it is proposed that they be erased."""

    decision_months: Parameter[int]
    after_close_months: Parameter[int]


@dataclass(frozen=True, kw_only=True)
class FourEyes(_NoStrangers):
    """What one admin asks for and another one must approve, and for how long that may be done."""

    erasure: Parameter[bool]
    admin_credentials: Parameter[bool]
    approval_days: Parameter[int]


@dataclass(frozen=True, kw_only=True)
class MediaType(_NoStrangers):
    """What a document may be, by its bytes; `extensions` are those under which people name it."""

    code: str
    title: str
    extensions: tuple[str, ...]
    source: str


@dataclass(frozen=True, kw_only=True)
class ClassificationUnit(_NoStrangers):
    code: str
    title: str


@dataclass(frozen=True, kw_only=True)
class ClassificationUnits(_NoStrangers):
    source: str
    units: tuple[ClassificationUnit, ...]

    @cached_property
    def codes(self) -> frozenset[str]:
        return frozenset(unit.code for unit in self.units)


@dataclass(frozen=True, kw_only=True)
class Policy(_NoStrangers):
    """One edition: everything that holds from `effective_from` until the next edition."""

    effective_from: date
    audit_tool_version: Parameter[str]
    numbers: Numbers
    calendar: CalendarRules
    deadlines: dict[str, Term]
    rules: dict[str, Rule]
    elements: tuple[Element, ...]
    courses: tuple[Course, ...]
    document_kinds: tuple[DocumentKind, ...]
    documents: DocumentRules
    media_types: tuple[MediaType, ...]
    classification_units: ClassificationUnits
    people: PeopleRules
    four_eyes: FourEyes

    @property
    def version(self) -> str:
        return self.effective_from.isoformat()

    @cached_property
    def business_calendar(self) -> BusinessCalendar:
        rules = self.calendar
        return BusinessCalendar(
            province=rules.province.value, additions=rules.additions.value, closures=rules.closures.value
        )

    @cached_property
    def element_titles(self) -> dict[str, str]:
        return {element.code: element.title for element in self.elements}


_EDITIONS = TypeAdapter(tuple[Policy, ...])


@dataclass(frozen=True)
class Policies:
    """All editions, oldest first. The first also holds for the days before it."""

    editions: tuple[Policy, ...]

    def on(self, day: date) -> Policy:
        """The edition in force on a local date."""
        for edition in reversed(self.editions):
            if edition.effective_from <= day:
                return edition
        return self.editions[0]

    def version(self, version: str) -> Policy:
        """The edition an event was decided by."""
        return next(edition for edition in self.editions if edition.version == version)

    @classmethod
    def load(cls, path: Path = PACKAGED) -> "Policies":
        """Read and check the editions; a wrong key or value raises with its place in the file."""
        editions = _EDITIONS.validate_python(tomllib.loads(path.read_text("utf-8"))["edition"])
        return cls(tuple(sorted(editions, key=lambda edition: edition.effective_from)))
