"""What the workflow is asked when a letter is about to be written: the case, the person, texts, policy, package."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter, ValidationError

from secor_notifier.domain.case import CaseNow
from secor_notifier.domain.event import Event
from secor_notifier.domain.programme import Element, Policy
from secor_notifier.workflow.client import JSON, WorkflowAwayError, WorkflowClient, WorkflowRefusalError
from secor_notifier.workflow.feed import History

T = TypeVar("T")
OK = 200
NOT_FOUND = 404
GONE = 410


class NotThereError(Exception):
    """The workflow knows no such thing, or does not show it to us."""


class GoneError(Exception):
    """It was erased, for good."""


@dataclass(frozen=True)
class Person:
    """Held for as long as one letter takes, and kept nowhere."""

    person_id: str
    name: str
    email: str


@dataclass(frozen=True)
class _Text:
    text: str


@dataclass(frozen=True)
class _Number:
    value: int


@dataclass(frozen=True)
class _Numbers:
    notice_lead_days: _Number | None = None


@dataclass(frozen=True)
class _Term:
    months: int | None = None


@dataclass(frozen=True)
class _Policy:
    elements: tuple[Element, ...] = ()
    numbers: _Numbers = field(default_factory=_Numbers)
    deadlines: Mapping[str, _Term] = field(default_factory=dict)


@dataclass(frozen=True)
class _PackageDocument:
    size: int | None = None


@dataclass(frozen=True)
class _Package:
    documents: tuple[_PackageDocument, ...] = ()


@dataclass(frozen=True)
class Package:
    """What WorkSafeBC is told of an audit, byte for byte, and what its documents come to."""

    details: bytes
    documents_bytes: int


CASE = TypeAdapter(CaseNow)
HISTORY = TypeAdapter(History)
PERSON = TypeAdapter(Person)
TEXT = TypeAdapter(_Text)
POLICY = TypeAdapter(_Policy)
PACKAGE = TypeAdapter(_Package)


@dataclass(frozen=True)
class Reads:
    """Each question is asked anew: an address is never remembered."""

    client: WorkflowClient

    async def case(self, case_id: str) -> CaseNow:
        return parse(CASE, await self.get(f"/v1/cases/{_one(case_id)}"))

    async def events(self, case_id: str) -> list[Event]:
        """Everything that happened on a case, oldest first."""
        return list(parse(HISTORY, await self.get(f"/v1/cases/{_one(case_id)}/events")).events())

    async def person(self, person_id: str) -> Person:
        return parse(PERSON, await self.get(f"/v1/people/{_one(person_id)}"))

    async def text(self, text_id: str) -> str | None:
        """The text, or nothing when it is no longer kept."""
        try:
            return parse(TEXT, await self.get(f"/v1/texts/{_one(text_id)}")).text
        except (GoneError, NotThereError):
            return None

    async def policy(self) -> Policy:
        found = parse(POLICY, await self.get("/v1/policy"))
        lead, student_audit = found.numbers.notice_lead_days, found.deadlines.get("student_audit")
        return Policy(
            {element.code: element for element in found.elements},
            notice_lead_days=lead.value if lead else None,
            student_audit_months=student_audit.months if student_audit else None,
        )

    async def package(self, case_id: str) -> Package:
        """The audit's details, without its documents."""
        answer = await self.get(f"/v1/cases/{_one(case_id)}/worksafebc-package")
        return Package(answer.content, sum(document.size or 0 for document in parse(PACKAGE, answer).documents))

    async def package_zip(self, case_id: str) -> bytes:
        """The audit's details, its documents, and a manifest."""
        return (await self.get(f"/v1/cases/{_one(case_id)}/worksafebc-package.zip", "application/zip")).content

    async def get(self, path: str, accept: str = JSON) -> httpx.Response:
        answer = await self.client.ask_ours(path, accept=accept)
        if answer.status_code == NOT_FOUND:
            raise NotThereError(path)
        if answer.status_code == GONE:
            raise GoneError(path)
        if answer.status_code != OK:
            raise WorkflowRefusalError(answer.status_code, path)
        return answer


def parse(adapter: TypeAdapter[T], answer: httpx.Response) -> T:
    try:
        return adapter.validate_json(answer.content)
    except ValidationError as error:
        places = [one["loc"] for one in error.errors(include_url=False, include_input=False)]
        raise WorkflowAwayError(f"The workflow's answer is not in the contract, at {places[:3]}.") from None


def _one(part: str) -> str:
    """One segment of a path, whatever it holds."""
    return quote(part, safe="")
