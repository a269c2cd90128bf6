"""A letter is in one language from beginning to end, and French ones are French."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from catalogues import place, updated
from notifier.given import DUE, RULES
from notifier.letters.examples import ALL, DESK, IN_FRENCH, STATES, case_in, letter, standing
from notifier.letters.page import Page, words
from secor_notifier.domain.event import Deadline
from secor_notifier.domain.letters import Addressee, Written, languages, tell
from secor_notifier.domain.letters.language import SOURCE, catalogue
from secor_notifier.domain.letters.words import Words
from secor_notifier.domain.recipients import Role
from secor_notifier.settings import Settings

FRENCH = "fr-CA"
# Common in our English, and no French word.
ENGLISH = {"the", "of", "and", "is", "you", "your", "to", "for", "with", "it", "go", "letter", "days", "due"}
NAMES = re.compile(r"Industry Health & Safety Team|\S+@\S+|https?://\S+")


def in_french(name: str, **changes: object) -> Written:
    return letter(name, locale=FRENCH, **changes)


def owed_by_employer() -> list[Deadline]:
    """Each deadline that the employer's people may be reminded of, and one that nobody has thought of yet."""
    return [standing(name) for name in (*RULES.ladders, "of_the_future")]


def everything_in_french() -> list[Written]:
    people = (Addressee(Role.CONTACT, "Ana Ng"), Addressee(Role.CHAMPION, "Bo Lee"), Addressee(Role.CONTACT))
    desks = (DESK, replace(DESK, phone="604-555-0100", case_url="https://secor.example/{case_id}"))
    reminders = [
        in_french("deadline_reminder", deadline=about, addressee=person, desk=desk)
        for about in owed_by_employer()
        for person, desk in zip(people, (*desks, DESK), strict=True)
    ]
    others = [
        in_french(name, case=case_in(state), addressee=person)
        for name in ("welcome", "notice_received")
        for state in STATES
        for person in people
    ]
    return reminders + others


def test_three_letters_have_no_english_sentence_left() -> None:
    for written in everything_in_french():
        assert written.locale == FRENCH
        assert '<html lang="fr-CA"' in written.html
        said = NAMES.sub("", " ".join(written.text.split()))
        assert not ENGLISH & {*re.findall(r"\w+", said.casefold())}, said


def test_french_says_the_same_as_text_and_as_a_page() -> None:
    for written in everything_in_french():
        assert words(Page(written.html).text) == words(written.text)


def test_the_list_of_letters_knows_which_are_in_french() -> None:
    assert [name for name in ALL if FRENCH in tell(name).locales] == IN_FRENCH
    assert all(tell(name).locales[0] == SOURCE for name in ALL)


@pytest.mark.parametrize("name", sorted({*ALL} - {*IN_FRENCH}))
def test_a_letter_with_a_sentence_untranslated_is_english_throughout(name: str) -> None:
    assert in_french(name) == letter(name)


def test_staff_read_english() -> None:
    assert in_french("deadline_reminder", addressee=Addressee(Role.STAFF)).locale == SOURCE


def test_a_language_that_there_is_not_is_english() -> None:
    assert letter("welcome", locale="tlh") == letter("welcome")


def test_french_dates_and_sums_are_written_as_in_french() -> None:
    french = Words(languages()[FRENCH])

    assert french.day(DUE) == "vendredi 5 février 2027"
    assert french.day(date(2027, 1, 1)) == "vendredi 1er janvier 2027"
    assert [french.distance(date(2027, 1, day), date(2027, 1, 4)) for day in (1, 3, 4, 5, 15)] == [
        "il y a 3 jours",
        "hier",
        "aujourd’hui",
        "demain",
        "dans 11 jours",
    ]
    assert french.money(Decimal(1000), "CAD") == "1\xa0000,00\xa0$ CAD"
    assert french.percent(7996, 10000) == "79,9\u00a0%"


def said_in_french() -> Iterator[tuple[str, str]]:
    """Each sentence that is translated, of a plural each form, with its original."""
    for one in catalogue(FRENCH):
        original = one.id if isinstance(one.id, str) else one.id[-1]
        forms = (one.string,) if isinstance(one.string, str) else one.string or ()
        yield from ((original, form) for form in forms if original and form)


def test_french_puts_a_space_that_does_not_break_before_its_signs() -> None:
    assert not [said for _, said in said_in_french() if re.search(r"[^\xa0][:;?!»]", said)]


def test_a_translation_speaks_of_the_same_things_as_the_original() -> None:
    for original, said in said_in_french():
        assert {*_places(said)} == {*_places(original)}, said


def _places(text: str) -> list[str]:
    return re.findall(r"%\(\w+\)[sd]|\{\w+\}", text)


@pytest.mark.parametrize("tag", [tag for tag in languages() if tag != SOURCE])
def test_the_catalogue_is_current(tag: str) -> None:
    """If not: run deploy/catalogues.py, and translate what is new if a letter was in this language before."""
    assert place(tag).read_bytes() == updated(tag)


def test_an_installation_cannot_be_set_to_a_language_that_there_is_not() -> None:
    assert Settings(locale=FRENCH).locale == FRENCH
    with pytest.raises(ValidationError, match="There are no letters in 'fr'; there are: en-CA, fr-CA"):
        Settings(locale="fr")


@pytest.mark.parametrize("url", ["https://secor.example/cases", "javascript:alert({case_id})", "https://a b/{case_id}"])
def test_a_case_page_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        Settings(case_url=url)
