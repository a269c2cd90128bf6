"""WorkSafeBC gets an audit's documents with its letter, or is told where they are: as the rule says, and their size."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from notifier.house import House, html_of, text_of
from secor_notifier.settings import PACKAGED_RULES

MOST = 7_000_000
LINKING = PACKAGED_RULES.read_text("utf-8").replace('package = "attach"', 'package = "link"')


@pytest.fixture
def linking_house(tmp_path: Path) -> Iterator[House]:
    """An installation whose rule is never to attach, and whose workflow has a name on the web."""
    rules = tmp_path / "rules.toml"
    rules.write_text(LINKING, "utf-8")
    more = {"rules": rules, "package_url": "https://secor.example/packages/{case_id}"}
    with House(tmp_path, f"sqlite:///{tmp_path / 'notifier.db'}", more=more) as running:
        yield running


def forwarded(house: House, *sizes: int | None) -> tuple[str, EmailMessage]:
    """A case with such documents is forwarded; the letter that WorkSafeBC gets."""
    house.workflow.packaged = sizes
    case = house.workflow.case(house.workflow.person("Ana Ng", "ana@inn.example"))
    house.workflow.tell(case, "ForwardedToWorkSafeBC", {"forwarded_on": "2026-12-01"}, state="QAPassed")
    house.settle()
    [letter] = [letter for letter in house.letters() if letter["To"].addresses[0].addr_spec == "cor@worksafebc.example"]
    return case, letter


def said(letter: EmailMessage) -> str:
    return " ".join(text_of(letter).split())


def attached(letter: EmailMessage) -> tuple[str | None, str, bytes]:
    [attachment] = letter.iter_attachments()
    content = attachment.get_content()
    return attachment.get_filename(), attachment.get_content_type(), content


@pytest.mark.parametrize("sizes", [(), (None, None), (1,), (MOST - 1, 1)])
def test_documents_go_with_the_letter(house: House, sizes: tuple[int | None, ...]) -> None:
    case, letter = forwarded(house, *sizes)
    assert attached(letter) == ("secor-200100.zip", "application/zip", b"PK of " + case.encode())
    assert "attached to this letter, as an archive" in said(letter)


def test_too_large_ones_are_linked_and_the_letter_says_so(house: House) -> None:
    case, letter = forwarded(house, MOST, 1)
    name, media_type, details = attached(letter)
    assert (name, media_type) == ("secor-200100.json", "application/json")
    assert case.encode() in details
    assert "documents come to 8 MB, too much for a letter" in said(letter)
    assert f"{house.settings.workflow_url}/v1/cases/{case}/worksafebc-package.zip" in said(letter)


def test_by_the_other_rule_they_are_always_linked(linking_house: House) -> None:
    case, letter = forwarded(linking_house, 1)
    name, _, _ = attached(letter)
    assert name == "secor-200100.json"
    assert "too much for a letter" not in said(letter)
    assert f"https://secor.example/packages/{case}" in said(letter)
    assert f'href="https://secor.example/packages/{case}"' in html_of(letter)
