"""Staff are told where they work, too: by a real HTTP server in the place of a chat, which may fail as mail may."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from notifier.house import House, text_of
from notifier.stand_in import Json, due
from notifier.webhooks.receiver import Receiver, answering
from secor_notifier.channels.staff_targets import UnknownTargetError, open_targets
from secor_notifier.settings import Settings

SECRET = "the-secret-of-the-chat"
# Of Apprise, while it loads its plugins.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def chat() -> Iterator[Receiver]:
    with Receiver(answering(200)) as running:
        yield running


@pytest.fixture
def house(tmp_path: Path, chat: Receiver) -> Iterator[House]:
    """A house whose staff have a chat; on its case staff owe an answer in a week."""
    more = {"staff_targets": f"json://127.0.0.1:{chat.port}/{SECRET}"}
    with House(tmp_path, f"sqlite:///{tmp_path / 'notifier.db'}", more=more) as running:
        running.set_clock(now="2026-12-01T12:00:00-07:00")
        running.workflow.now = datetime(2026, 12, 1, 19, tzinfo=UTC)
        yield running


def file_a_notice(house: House) -> str:
    contact = house.workflow.person("Ana Ng", "ana@inn.example")
    case = house.workflow.case(contact)
    house.workflow.tell(case, "EmployerRegistered", {"contact_id": contact})
    fact = {"audit_kind": "certification", "starts_on": "2027-01-04", "ends_on": "2027-01-08"}
    notice = {"starts_on": "2027-01-04", "ends_on": "2027-01-08"}
    deadlines = [due("notice_answer", "2026-12-08", "staff")]
    house.workflow.tell(case, "NoticeFiled", fact, state="NoticeFiled", notice=notice, deadlines=deadlines)
    house.settle()
    return case


def to_staff(house: House, case: str) -> list[Json]:
    return [one for one in house.reminders(case_id=case) if one["recipient"] == "staff"]


def test_a_letter_to_staff_goes_to_the_chat_as_plain_text_besides_the_mail(house: House, chat: Receiver) -> None:
    case = file_a_notice(house)

    [mail] = [letter for letter in house.letters() if letter["To"] == "staff@go2hr.example"]
    [post] = chat.posts
    assert post.path == f"/{SECRET}"
    assert post.event["title"] == mail["Subject"]
    assert post.event["message"].split() == text_of(mail).split()
    assert [one["status"] for one in to_staff(house, case)] == ["sent", "sent"]


def test_letters_to_others_do_not(house: House, chat: Receiver) -> None:
    contact = house.workflow.person("Ana Ng", "ana@inn.example")
    house.workflow.tell(house.workflow.case(contact), "EmployerRegistered", {"contact_id": contact})
    house.settle()

    assert [str(letter["To"]) for letter in house.letters()] == ["Ana Ng <ana@inn.example>"]
    assert chat.posts == []


def test_a_chat_that_fails_is_tried_again_and_the_mail_is_not_sent_twice(
    house: House, chat: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "apprise")
    chat.behave = answering(500)
    case = file_a_notice(house)
    by_status = {one["status"]: one for one in to_staff(house, case)}
    assert by_status.keys() == {"sent", "failed"}
    assert by_status["failed"]["last_error"].startswith("The staff target target-")
    assert by_status["failed"]["attempts"] == 1

    chat.behave = answering(200)
    house.set_clock(advance="PT2M")
    assert [one["status"] for one in to_staff(house, case)] == ["sent", "sent"]
    assert len([letter for letter in house.letters() if letter["To"] == "staff@go2hr.example"]) == 1
    assert SECRET not in caplog.text
    assert SECRET not in house.ask("/v1/reminders").text


def test_a_target_of_no_known_kind_is_named_by_its_place_and_not_by_its_words() -> None:
    with pytest.raises(UnknownTargetError, match="URL number 2") as error:
        open_targets(["json://127.0.0.1/a", f"nonsense://{SECRET}"])
    assert SECRET not in str(error.value)


def test_a_target_keeps_its_name() -> None:
    first, second = "json://127.0.0.1/a", "json://127.0.0.1/b"

    assert {*open_targets([first, second])} == {*open_targets([second, first])}
    assert len(open_targets([first, second])) == 2


def test_the_environment_names_several_with_blanks_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFIER_STAFF_TARGETS", "json://a/b\n  slack://c/d,e ")

    targets = Settings().staff_targets
    assert [target.get_secret_value() for target in targets] == ["json://a/b", "slack://c/d,e"]
    assert "slack" not in repr(Settings())
