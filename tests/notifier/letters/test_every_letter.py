"""What holds for every letter, to every reader, for a case in every state in which it may be sent."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import cycle, product

import pytest

from notifier.given import CASE, DUE, RULES
from notifier.letters.examples import (
    ABOUT_A_DEADLINE,
    ABOUT_ONE_CASE,
    ALL,
    DESK,
    FACTS,
    MATERIAL,
    can_be_sent,
    letter,
    of,
    readers,
)
from notifier.letters.page import Page, words
from secor_notifier.domain.case import CaseNow, Employer
from secor_notifier.domain.event import Deadline
from secor_notifier.domain.letters import STOPPED, Material, Written, languages
from secor_notifier.domain.letters.environment import LETTER, source
from secor_notifier.domain.letters.words import Words

HOSTILE = "</title><script>alert(1)</script>\n\n- {{ 7*7 }} %(x)s {0}\u202e https://evil.example/\x00&amp;"
LARGEST = 60_000
WAY_OUT = "https://notifier.example/unsubscribe/abc"
WAITS = ("There is nothing for you to do", "Wait for go2HR's answer before", "Nothing, unless", "Show the certificate")


def about(name: str, case: CaseNow) -> list[Deadline | None]:
    """The deadlines that a reminder of this kind may be about; none for other letters."""
    return [*case.deadlines] if name in ABOUT_A_DEADLINE else [None]


@cache
def everywhere(name: str) -> list[tuple[Material, Written]]:
    """The letter in each state to each reader; in turn before the date with a page for the case, and after it."""
    cases = [(case, deadline) for case in can_be_sent(name) for deadline in about(name, case)]
    turns = cycle([(-11, "https://secor.example/cases/{case_id}"), (3, None), (-11, None)])
    found = []
    for ((case, deadline), reader), (days, case_url) in zip(product(cases, readers(name)), turns, strict=False):
        material = replace(
            MATERIAL,
            case=case,
            addressee=reader,
            deadline=deadline,
            fact=FACTS.get(name, {}),
            today=DUE + timedelta(days=days),
            desk=replace(DESK, case_url=case_url),
            way_out=WAY_OUT if reader.of_employer and case_url else None,
        )
        found.append((material, of(name, material)))
    assert found
    return found


@pytest.mark.parametrize("name", ALL)
def test_it_says_the_same_as_text_and_as_a_page(name: str) -> None:
    for _, written in everywhere(name):
        page = Page(written.html)
        assert page.open == []
        assert words(page.text) == words(written.text)


@pytest.mark.parametrize("name", ALL)
def test_it_leaves_nothing_unsaid_and_nothing_unmade(name: str) -> None:
    for _, written in everywhere(name):
        for sign in ("None", "{{", "}}", "%(", "Undefined", "  .", " ,"):
            assert sign not in written.text, sign
        assert written.subject
        assert "\n" not in written.subject


@pytest.mark.parametrize("name", ALL)
def test_it_has_one_call_to_action_unless_it_says_that_there_is_nothing_to_do(name: str) -> None:
    for material, written in everywhere(name):
        page = Page(written.html)
        assert page.classes.count("step") == 1
        assert written.text.count("YOUR NEXT STEP") == 1
        assert page.actions == (0 if _calls_for_nothing(name, written) else 1), material.case.state


def _calls_for_nothing(name: str, written: Written) -> bool:
    step = " ".join(written.text.partition("YOUR NEXT STEP")[2].partition("WHO TO ASK")[0].split())
    waits = (
        "There is nothing for you to do",
        "Wait for go2HR's answer before",
        "Nothing, unless",
        "Show the certificate",
    )
    return step.startswith(waits) or name in {RULES.digest.letter, STOPPED}


@pytest.mark.parametrize("name", ALL)
def test_a_date_in_view_is_named_in_words_and_by_its_distance(name: str) -> None:
    for material, written in everywhere(name):
        page = Page(written.html)
        if "due" in page.classes:
            distance = "in 11 days" if material.today < DUE else "3 days ago"
            assert f"Friday, 5 February 2027, {distance}" in page.text


@pytest.mark.parametrize("name", ALL)
def test_a_way_out_is_told_to_whom_it_is_given(name: str) -> None:
    for material, written in everywhere(name):
        assert (material.way_out is not None) == (
            "https://notifier.example/unsubscribe/abc" in Page(written.html).links
        )


@pytest.mark.parametrize("name", ABOUT_ONE_CASE)
def test_it_names_the_case_and_whom_to_ask(name: str) -> None:
    for _, written in everywhere(name):
        said = " ".join(written.text.split())
        for part in ("Harbour & Sons <Inn> Ltd.", "WorkSafeBC account 200100", "SECOR case 00000001", CASE):
            assert part in said
        assert "go2HR's Industry Health & Safety Team" in said
        assert "secor@go2hr.example" in said


@pytest.mark.parametrize("name", ALL)
def test_it_is_small_and_asks_for_nothing_from_elsewhere(name: str) -> None:
    for _, written in everywhere(name):
        page = Page(written.html)
        assert len(written.html.encode()) < LARGEST
        assert not {"img", "link", "script", "iframe", "object", "video", "table", "svg"} & {*page.tags}
        assert not {"src", "srcset", "background"} & {attribute for attribute, _ in page.attributes}
        assert not any(word in written.html for word in ("url(", "@import", "@font-face"))


@pytest.mark.parametrize("name", ALL)
def test_what_people_typed_stays_text(name: str) -> None:
    for reader in readers(name):
        case = replace(MATERIAL.case, employer=Employer(HOSTILE, "200100"))
        reader_of_that_name = replace(reader, name=HOSTILE if reader.name else None)
        texts = dict.fromkeys(("reason", "n1", "n2"), HOSTILE)
        written = letter(name, case=case, addressee=reader_of_that_name, texts=texts)
        page = Page(written.html)
        assert "script" not in page.tags
        assert page.open == []
        assert not [
            link for link in page.links if "evil" in link and not link.startswith("mailto:secor@go2hr.example?")
        ]
        assert not {"\u202e", "\x00"} & {*written.html, *written.text, *written.subject}
        assert words(page.text) == words(written.text)
        if name in ABOUT_ONE_CASE:
            assert "{{ 7*7 }} %(x)s {0}" in " ".join(written.text.split())


@pytest.mark.parametrize("length", [1, 200, 2000])
def test_a_name_may_be_as_long_as_it_likes(length: int) -> None:
    case = replace(MATERIAL.case, employer=Employer("W" * length, "200100"))
    written = letter("welcome", case=case)
    assert len(written.subject) <= 200
    assert "W" * length in written.text


@pytest.mark.parametrize("name", ALL)
def test_who_writes_a_next_step_says_where_it_is_taken(name: str) -> None:
    text = source(f"{name}.j2")
    assert ("{% block next %}" in text) == ("{% block action %}" in text)
    assert f'{{% extends "{LETTER}" %}}' in text
    assert "{% block purpose %}" in text


@pytest.mark.parametrize("on", ["2026-11-01", "2026-12-04", "2028-02-29"])
def test_a_day_is_written_without_doubt(on: str) -> None:
    assert Words(languages()["en-CA"]).day(on) == f"{date.fromisoformat(on):%A, %-d %B %Y}"
