"""One click and no more reminders: as mail programs press it, and as people do."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from notifier.house import House
from notifier.stand_in import due
from secor_notifier.installation import MasterKey
from secor_notifier.way_out import Kind, Leaving, WayOut

WAY_OUT = WayOut(MasterKey(b"k"), "https://letters.example/")
ANA = Leaving("01930000-0000-7000-8000-00000000000c", Kind.REMINDERS)


def test_a_link_names_one_person_and_one_kind_of_letter() -> None:
    url = WAY_OUT.url(ANA)

    assert url.startswith("https://letters.example/unsubscribe/")
    assert WAY_OUT.read(url.rpartition("/")[2]) == ANA


@pytest.mark.parametrize("token", ["", ".", "a.b", "é.é", "====.====", "x" * 300, "cmVtaW5kZXJz.AAAA"])
def test_what_is_no_link_of_ours_names_nobody(token: str) -> None:
    assert WAY_OUT.read(token) is None


def test_a_link_cannot_be_changed_or_made_up() -> None:
    said, _, signature = WAY_OUT.token(ANA).partition(".")
    another, _, _ = WAY_OUT.token(Leaving("somebody-else", Kind.REMINDERS)).partition(".")

    assert WAY_OUT.read(f"{another}.{signature}") is None
    assert WAY_OUT.read(f"{said}.{signature[:-2]}AA") is None
    assert WayOut(MasterKey(b"other"), "").read(f"{said}.{signature}") is None


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all tests; only the last one presses the button."""
    home: Path = tmp_path_factory.mktemp("house")
    with House(home, f"sqlite:///{home / 'notifier.db'}") as running:
        yield running


@pytest.fixture(scope="module")
def case(house: House) -> str:
    """A contact and a champion, two weeks and a half before the audit is due."""
    house.set_clock(now="2027-01-18T09:00:00-07:00")
    house.workflow.now = datetime(2027, 1, 18, 16, tzinfo=UTC)
    contact = house.workflow.person("Ana Ng", "ana@inn.example")
    champion = house.workflow.person("Bo Lee", "bo@inn.example")
    case_id = house.workflow.case(contact)
    house.workflow.tell(case_id, "EmployerRegistered", {"contact_id": contact})
    house.workflow.tell(
        case_id,
        "ChampionNamed",
        {"person_id": champion},
        champion={"person_id": champion},
        deadlines=[due("audit_submission", "2027-02-05")],
    )
    house.set_clock(advance="P4D")
    return case_id


def reminders_to(house: House, name: str) -> list[EmailMessage]:
    return [one for one in house.letters() if name in one["To"] and "due" in one["Subject"]]


def link(letter: EmailMessage) -> str:
    return urlsplit(str(letter["List-Unsubscribe"]).strip("<>")).path


def test_a_reminder_says_how_to_get_no_more_of_them(house: House, case: str) -> None:
    letter = reminders_to(house, "ana@inn")[0]

    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(letter["List-Unsubscribe"]).startswith("<http")
    assert letter["Auto-Submitted"] == "auto-generated"


def test_what_must_be_told_in_any_case_offers_no_way_out(house: House, case: str) -> None:
    [welcome] = [one for one in house.letters() if "Welcome" in one["Subject"] and "ana@inn" in one["To"]]

    assert welcome["List-Unsubscribe"] is None


def test_looking_at_the_link_changes_nothing(house: House, case: str) -> None:
    page = house.ask(link(reminders_to(house, "ana@inn")[0]), key=None)
    before = len(reminders_to(house, "ana@inn"))
    house.set_clock(advance="P7D")

    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert '<form method="post">' in page.text
    assert len(reminders_to(house, "ana@inn")) == before + 1


def test_a_link_that_is_none_is_not_found(house: House) -> None:
    for method in ("GET", "POST"):
        assert house.ask("/unsubscribe/x.y", method=method, key=None).status_code == 404


def test_the_letters_of_a_case_stand_together(house: House, case: str) -> None:
    other_contact = house.workflow.person("Cy Fox", "cy@lodge.example")
    another = house.workflow.case(other_contact)
    house.workflow.tell(another, "EmployerRegistered", {"contact_id": other_contact})
    house.settle()
    threads = {str(one["To"]).partition("<")[2]: set[str]() for one in house.letters()}
    for one in house.letters():
        threads[str(one["To"]).partition("<")[2]].add(str(one["References"]))
        assert one["In-Reply-To"] == one["References"]

    assert threads["ana@inn.example>"] == threads["bo@inn.example>"] == {f"<case.{case}@notifier.example>"}
    assert threads["cy@lodge.example>"] == {f"<case.{another}@notifier.example>"}


def test_a_mail_program_presses_once_without_key_or_redirect(house: House, case: str) -> None:
    letter = reminders_to(house, "ana@inn")[0]
    pressed = house.ask(link(letter), method="POST", key=None, data={"List-Unsubscribe": "One-Click"})
    again = house.ask(link(letter), method="POST", key=None)
    before = len(reminders_to(house, "ana@inn"))
    house.set_clock(advance="P7D")

    assert (pressed.status_code, again.status_code) == (200, 200)
    assert "Ana" not in pressed.text
    assert len(reminders_to(house, "ana@inn")) == before
    assert len(reminders_to(house, "bo@inn")) == before + 1
