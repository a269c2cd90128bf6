"""What templates may speak of, and what stands around their words: which cases, who reads, whom to ask."""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from secor_notifier.domain.digest import Contents
from secor_notifier.domain.letters.action import mail_to
from secor_notifier.domain.letters.language import Language
from secor_notifier.domain.letters.material import Desk, Material
from secor_notifier.domain.letters.stopped import Stopped
from secor_notifier.domain.letters.wording import View, spans, view, wording_of
from secor_notifier.domain.recipients import Role

Values = dict[str, Any]


@dataclass(frozen=True)
class About:
    """A case as its letters name it."""

    employer: str
    account: str
    reference: str
    case_id: str


@dataclass(frozen=True)
class Dated:
    """A deadline in words, and the case it is on."""

    about: About
    view: View


def of_case(material: Material, language: Language) -> Values:
    """For a letter about one case, with the deadline it has in view."""
    about, seen = _about(material), view(material, language)
    return _of_person([material], language) | {
        "abouts": (about,),
        "dates": (Dated(about, seen),) if seen else (),
        "view": seen,
    }


def of_dates(materials: Sequence[Material], language: Language) -> Values:
    """For one letter about several deadlines of one person, on one case or on more."""
    found = ((_about(material), view(material, language)) for material in materials)
    dates = tuple(Dated(about, seen) for about, seen in found if seen)
    return _of_person(materials, language) | {
        "abouts": tuple(dict.fromkeys(dated.about for dated in dates)),
        "dates": dates,
        "view": dates[0].view,
    }


def of_digest(contents: Contents, today: date, desk: Desk) -> Values:
    """For the staff's daily letter about all cases."""
    return _of_no_case(desk) | {
        "digest": contents,
        "today": today,
        "title_of": lambda deadline: wording_of(deadline).title_for_staff,
    }


def of_stopped(stopped: Stopped, desk: Desk) -> Values:
    """For the letter that tells staff of a disabled webhook endpoint."""
    return _of_no_case(desk) | {"stopped": stopped}


def _of_no_case(desk: Desk) -> Values:
    return {
        "role": Role.STAFF,
        "name": None,
        "desk": desk,
        "team": _team(),
        "abouts": (),
        "dates": (),
        "view": None,
        "links": {},
        "reference": None,
        "way_out": None,
    }


def _of_person(materials: Sequence[Material], language: Language) -> Values:
    first = materials[0]
    about = _about(first)
    say = language.says.gettext

    def text(text_id: object) -> str:
        return first.text(text_id) or say("(This text is no longer kept.)")

    return {
        "m": first,
        "case": first.case,
        "fact": first.fact,
        "text": text,
        "employer": about.employer,
        "account": about.account,
        "reference": about.reference,
        "role": first.addressee.role,
        "of_employer": first.addressee.of_employer,
        "name": first.addressee.name,
        "desk": first.desk,
        "way_out": first.way_out,
        "team": _team(),
        "links": dict(_links(materials)),
        **spans(first.policy, language),
    }


def _about(material: Material) -> About:
    employer = material.employer
    return About(employer.legal_name, employer.worksafebc_account, material.reference, material.case.case_id)


def _links(materials: Iterable[Material]) -> Iterator[tuple[str, str]]:
    """What a page makes clickable, and where it leads: go2HR's addresses and the programme's pages, nothing else."""
    for material in materials:
        programme, elements = material.programme, material.policy.elements.values()
        resources = (resource.url for element in elements for resource in element.resources)
        pages = (programme.manual_url, programme.training_url, programme.audit_guide_url, *resources)
        yield from ((url, url) for url in pages)
        yield from ((url, url) for url in (material.way_out, material.linked and material.linked.url) if url)
        yield material.desk.address, mail_to(material)
        if material.linked:
            yield material.linked.url, material.linked.url


@cache
def _team() -> str:
    text = files("secor_notifier.domain.letters").joinpath("contact.toml").read_text("utf-8")
    name: str = tomllib.loads(text)["team"]["value"]
    return name
