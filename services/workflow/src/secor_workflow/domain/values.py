"""The small values that wishes, facts and cases are made of, and what their texts and numbers may look like."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from annotated_types import Ge, Le, Len
from pydantic import (
    AfterValidator,
    AllowInfNan,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from secor_workflow.domain.in_the_open import in_the_open


def _written_out(value: object) -> object:
    """A date in words such as 2026-11-22. A bare number would be taken for the seconds of some clock."""
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("Write a date as 2026-11-22.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("There is no such day; write a date as 2026-11-22.") from None


ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f]+$"
SEVERAL_LINES = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+$"
CODE = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
DIGEST = r"^[0-9a-f]{64}$"
ACTOR_ID = r"^[A-Za-z0-9][A-Za-z0-9_.:-]*$"
ACCOUNT = r"^[0-9]{6,10}$"
PHONE = r"^[0-9+()./ x-]{5,40}$"
EMAIL = (
    # HTML Living Standard, "valid e-mail address", with at least one dot in the domain.
    # and no dot at an end or twice, nor the question mark that begins an encoded word in mail headers.
    r"^[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$"
)

LocalDate = Annotated[date, BeforeValidator(_written_out)]

Day = Annotated[LocalDate, Ge(date(2000, 1, 1)), Le(date(2099, 12, 31)), Field(examples=["2026-11-22"])]
"""A local date in America/Vancouver; the bounds keep every count of days and months inside the calendar."""

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=ONE_LINE),
]
"""One line of text: no control characters."""

OpenLine = Annotated[Line, AfterValidator(in_the_open)]
"""A line that stands in the log as it is, for ever: nobody's address or number may be in it."""

Prose = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000, pattern=SEVERAL_LINES),
]
"""Text of several lines: no control characters but tabs and line ends."""

Code = Annotated[
    str,
    StringConstraints(max_length=60, pattern=CODE),
    AfterValidator(in_the_open),
]
"""The code of a thing listed in the policy."""

Digest = Annotated[str, StringConstraints(pattern=DIGEST), Field(examples=[64 * "0"])]
"""SHA-256, in hex."""

ActorId = Annotated[
    str,
    StringConstraints(max_length=100, pattern=ACTOR_ID),
    AfterValidator(in_the_open),
]
"""Who acts; no e-mail address, since it stands in the log."""

AccountNumber = Annotated[str, StringConstraints(pattern=ACCOUNT), Field(examples=["201001"])]

Email = Annotated[
    str,
    StringConstraints(max_length=254, pattern=EMAIL),
    Field(examples=["robin@example.com"]),
]

Phone = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=PHONE),
    Field(examples=["604-555-0142"]),
]


def _decimal(value: object) -> object:
    """Digits with at most two decimals; nothing else that Decimal would read."""
    if isinstance(value, int | float):
        raise ValueError('Write an amount in quotes, such as "1200.00".')  # noqa: TRY004 (Pydantic reads ValueError)
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,2})?", value, re.ASCII):
        raise ValueError('Write an amount in digits with two decimals at most, such as "1200.00".')
    return Decimal(value)  # what is strict takes no string after this


Amount = Annotated[
    Decimal,
    Ge(Decimal(0)),
    Le(Decimal(1_000_000_000)),
    AfterValidator(lambda amount: amount.quantize(Decimal("0.01"))),
    BeforeValidator(_decimal),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,10}(\.[0-9]{1,2})?$", "examples": ["1200.00"]}),
]

Headcount = Annotated[
    float,
    Ge(0),
    Le(1_000_000),
    AllowInfNan(allow_inf_nan=False),
    AfterValidator(lambda count: count + 0.0),  # no negative zero
    Field(examples=[12]),
]
"""Full-time equivalents; may be fractional."""

MOST_POINTS = 1_000_000
Points = Annotated[int, Ge(0), Le(MOST_POINTS), Field(examples=[10])]

Employment = Literal["permanent", "owner", "other"]
AuditKind = Literal["certification"]
ElementStatus = Literal["in_place", "gap", "not_applicable"]
Requester = Literal["person", "employer", "authority", "retention"]
"""Who asked that somebody be erased: they themselves, the employer, an authority, or our own rules of retention."""

ClosingReason = Literal["inactive", "moved_to_large_cor", "other_partner", "duplicate", "business_closed"]


class _Strict:
    """Unknown fields and look-alike types (a number as text) are refused, so that a typing error is never lost."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Money(_Strict):
    """A decimal amount as a string, with its currency."""

    amount: Amount
    currency: Literal["CAD"] = "CAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Employer(_Strict):
    """The participant: a legal entity with one WorkSafeBC account."""

    legal_name: Annotated[OpenLine, Field(examples=["Blue Heron Inn Ltd."])]
    worksafebc_account: AccountNumber
    classification_units: Annotated[tuple[Code, ...], Len(1, 20), Field(examples=[["761056"]])]
    headcount: Headcount
    trade_name: Annotated[OpenLine | None, Field(examples=["Blue Heron Inn"])] = None
    base_premium: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed(_Strict):
    """Where one element stands in the self-assessment."""

    code: Annotated[Code, Field(examples=["hazards"])]
    status: ElementStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(_Strict):
    name: Annotated[OpenLine, Field(examples=["Main site"])]
    city: Annotated[OpenLine, Field(examples=["Nelson"])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(_Strict):
    """Points of one element; questions that do not apply leave the available total."""

    code: Annotated[Code, Field(examples=["hazards"])]
    earned: Points
    available: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(_Strict):
    """A document that was handed in, and what it is submitted as."""

    kind: Annotated[Code, Field(examples=["audit_tool"])]
    document_id: Annotated[UUID, Field(examples=["0195c1d0-5ec0-7000-8000-000000000001"])]


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedDocument:
    """A document as it was submitted: these bytes and no others; audits of before files were kept name none."""

    kind: str
    document_id: UUID
    sha256: str | None = None
    size: int | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    earned: int
    available: int

    def reaches(self, percent: int) -> bool:
        """Compared in exact integers, never rounded."""
        return self.earned * 100 >= self.available * percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A named local date by which something is owed; it is over at the end of that day."""

    name: str
    due_on: date
    owner: Literal["employer", "staff"]
    anchor: str
    explanation: tuple[str, ...]
    missed: bool = False


def total(scorecard: tuple[Score, ...]) -> Total:
    return Total(earned=sum(score.earned for score in scorecard), available=sum(score.available for score in scorecard))
