"""The letters over HTTP: which there are, and how one reads for a real case in each form and language."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from notifier.given import RULES
from notifier.house import House
from notifier.letters.examples import ALL
from notifier.stand_in import due
from secor_notifier.domain.letters import template_version


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all questions: they change nothing."""
    home: Path = tmp_path_factory.mktemp("house")
    case_url = "https://secor.example/cases/{case_id}"
    more = {"staff_phone": "604-555-0100", "case_url": case_url}
    with House(home, f"sqlite:///{home / 'notifier.db'}", more=more) as running:
        yield running


@pytest.fixture(scope="module")
def case(house: House) -> str:
    house.set_clock(now="2026-12-01T12:00:00-07:00")
    house.workflow.now = None
    contact = house.workflow.person("Ana Ng", "ana@inn.example")
    case_id = house.workflow.case(contact)
    deadlines = [due("name_champion", "2026-12-08"), due("training", "2027-03-01")]
    house.workflow.tell(case_id, "EmployerRegistered", {"contact_id": contact}, deadlines=deadlines)
    house.workflow.tell(case_id, "CertificateIssued", {"a": "fact that lacks all"})
    house.settle()
    return case_id


def test_the_list_tells_what_each_letter_is_for_and_who_gets_it(house: House) -> None:
    items = {one["letter"]: one for one in house.ask("/v1/letters", key="key-of-reader").json()["items"]}

    assert sorted(items) == ALL
    for name, item in items.items():
        assert item["purpose"].endswith(".")
        assert item["to"]
        assert item["occasions"]
        assert item["version"] == template_version(name)
    assert items["welcome"]["to"] == ["contact"]
    assert items["welcome"]["locales"] == ["en-CA", "fr-CA"]
    assert items["gaps"]["locales"] == ["en-CA"]
    assert items["notice_to_answer"]["occasions"][0] == {
        "kind": "event",
        "name": "NoticeFiled",
        "to": ["staff"],
        "days": [],
    }
    assert {"kind": "deadline", "name": "training", "to": ["employer"], "days": [-60, -30, -14, -7, -1]} in items[
        "deadline_reminder"
    ]["occasions"]


def test_the_list_is_for_everybody_with_a_key_and_takes_no_parameter(house: House) -> None:
    assert house.ask("/v1/letters", key=None).status_code == 401
    assert house.ask("/v1/letters", key="key-of-employer").status_code == 200
    assert house.ask("/v1/letters?verbose=1").status_code == 422


@pytest.mark.parametrize(
    ("format_", "accept", "media_type"),
    [
        ("html", "text/plain", "text/html; charset=utf-8"),
        ("text", "text/html", "text/plain; charset=utf-8"),
        ("text", "image/png", "text/plain; charset=utf-8"),
        (None, "text/plain", "text/plain; charset=utf-8"),
    ],
)
def test_the_form_asked_for_comes_before_the_one_accepted(
    house: House, case: str, format_: str | None, accept: str, media_type: str
) -> None:
    wanted = f"&format={format_}" if format_ else ""
    answer = house.ask(f"/v1/letters/welcome/preview?case_id={case}{wanted}", headers={"Accept": accept})

    assert answer.headers["Content-Type"] == media_type


@pytest.mark.parametrize(
    ("asked", "became", "says"),
    [
        ("welcome/preview?locale=fr-CA", "fr-CA", "Bienvenue dans SECOR, Harbour"),
        ("welcome/preview?locale=en-CA", "en-CA", "Welcome to SECOR, Harbour"),
        ("welcome/preview?format=text", "en-CA", "Welcome to SECOR, Harbour"),
        ("deadline_reminder/preview?locale=fr-CA", "fr-CA", "mardi 8 décembre 2026, dans 7 jours"),
        ("deadline_missed/preview?locale=fr-CA", "en-CA", "Tuesday, 8 December 2026, in 7 days"),
    ],
)
def test_a_preview_is_in_the_language_asked_for_as_far_as_there_is_one(
    house: House, case: str, asked: str, became: str, says: str
) -> None:
    answer = house.ask(f"/v1/letters/{asked}&case_id={case}")

    assert answer.headers["Content-Language"] == became
    assert says in answer.text


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("locale=tlh", "locale"), ("locale=%00", "locale"), ("locale=", "locale"), ("format=pdf", "format")],
)
def test_a_form_or_language_that_there_is_not_is_pointed_at(house: House, case: str, query: str, pointer: str) -> None:
    answer = house.ask(f"/v1/letters/welcome/preview?case_id={case}&{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"][0]["pointer"] == f"/{pointer}"


def test_a_letter_that_cannot_be_written_for_the_case_names_template_and_line(house: House, case: str) -> None:
    answer = house.ask(f"/v1/letters/certificate_issued/preview?case_id={case}")

    assert (answer.status_code, answer.json()["code"]) == (409, "letter_unwritable")
    assert answer.json()["detail"] == (
        "The letter 'certificate_issued' could not be written (UndefinedError): template certificate_issued.j2, line 4."
    )


def test_the_installations_telephone_and_case_page_are_told(house: House, case: str) -> None:
    text = house.ask(f"/v1/letters/deadline_reminder/preview?case_id={case}&format=text").text

    assert "604-555-0100" in text
    assert f"Open the SECOR case: https://secor.example/cases/{case}" in text


def test_several_dates_of_a_case_are_previewed_as_one_letter(house: House, case: str) -> None:
    text = house.ask(f"/v1/letters/{RULES.together}/preview?case_id={case}&format=text").text

    assert "2 dates of your SECOR certification, the first on Tuesday, 8 December 2026" in " ".join(text.split())
    assert "Monday, 1 March 2027, in 90 days" in text
    assert text.count("YOUR NEXT STEP") == 1


def test_the_digest_is_previewed_as_the_case_alone_would_make_it(house: House, case: str) -> None:
    text = house.ask(f"/v1/letters/{RULES.digest.letter}/preview?case_id={case}&format=text").text

    assert "1 coming" in text
    line = "Harbour & Sons Inn <Ltd.>: the employer's safety champion, Tuesday, 8 December 2026, owed by the employer"
    assert line in " ".join(text.split())


def test_a_preview_gives_nobody_elses_way_out_away(house: House, case: str) -> None:
    assert "unsubscribe" not in house.ask(f"/v1/letters/deadline_reminder/preview?case_id={case}").text
