"""The policy: dated editions of numbers with a source each; a slip in the file stops the service at start."""

import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pydantic import ValidationError

from secor_workflow.domain import deadlines
from secor_workflow.domain.commands import UpdateEmployer
from secor_workflow.domain.machine import CaseMachine
from secor_workflow.domain.policy import PACKAGED, Parameter, Policies, Policy
from workflow.domain.examples import CONTACT, register_employer, registered
from workflow.specification import POLICIES, TODAY, days_later, given, under

NOW = POLICIES.on(TODAY)
TEXT = PACKAGED.read_text("utf-8")


def sourced(value: object) -> Iterator[tuple[str, str]]:
    """Every source in a policy, with what it is said of."""
    if isinstance(value, dict):
        for part in value.values():
            yield from sourced(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from sourced(part)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name == "source":
                yield repr(value), str(getattr(value, field.name))
            yield from sourced(getattr(value, field.name))


def loaded(text: str, folder: Path) -> Policies:
    path = folder / "policy.toml"
    path.write_text(text, "utf-8")
    return Policies.load(path)


def edition(day: date) -> Policy:
    return replace(NOW, effective_from=day)


def test_every_number_and_list_has_its_source() -> None:
    sources = [source for edition in POLICIES.editions for _, source in sourced(edition)]
    assert len(sources) > 50
    assert all(source.strip() for source in sources)
    assert all(isinstance(getattr(NOW.numbers, field.name), Parameter) for field in fields(NOW.numbers))


def test_the_programme_s_own_numbers() -> None:
    numbers = NOW.numbers
    assert (numbers.max_headcount.value, numbers.notice_lead_days.value, numbers.audit_max_days.value) == (19, 14, 45)
    assert (numbers.overall_pass_percent.value, numbers.element_pass_percent.value) == (80, 50)
    assert (numbers.certificate_months.value, numbers.incentive_share_percent.value) == (36, 75)
    assert str(numbers.incentive_cap.value) == "1000.00"


@pytest.mark.parametrize(
    ("name", "unit", "length", "owner"),
    [
        ("name_champion", "days", 30, "employer"),
        ("training", "days", 90, "employer"),
        ("student_audit", "months", 12, "employer"),
        ("sms", "months", 6, "employer"),
        ("notice_answer", "business_days", 5, "staff"),
        ("audit_start", "days", 0, "employer"),
        ("audit_submission", "days", 45, "employer"),
        ("qa_decision", "days", 28, "staff"),
        ("corrections", "days", 21, "employer"),
        ("new_notice", "days", 180, "employer"),
        ("forwarding", "business_days", 10, "staff"),
        ("certificate_expiry", "days", 0, "employer"),
        ("idle", "months", 6, "staff"),
    ],
)
def test_the_deadlines_are_those_of_the_commands_page(name: str, unit: str, length: int, owner: str) -> None:
    term = NOW.deadlines[name]
    assert (getattr(term, unit), term.owner) == (length, owner)


def test_policy_and_rules_know_the_same_deadlines() -> None:
    for edition in POLICIES.editions:
        assert set(edition.deadlines) == set(deadlines.RULES)


def test_the_states_in_which_a_deadline_lives_are_states_of_the_machine() -> None:
    source = Path(deadlines.__file__).read_text("utf-8")
    named = {state.id for state in CaseMachine.states if f'"{state.id}"' in source}
    quoted = {word for word in source.split('"')[1::2] if word[:1].isupper() and word.isalnum()}
    assert quoted == named


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("notice_lead_days =", "notice_led_days ="),
        ("[edition.numbers]", "[edition.number]"),
        ("value = 19, unit", "vaule = 19, unit"),
        ("days = 30, owner", "day = 30, owner"),
        ("days = 30, owner", "days = 30, months = 1, owner"),
        ("days = 30, owner", "owner"),
        ('owner = "employer", source = "own", says = "Name', 'owner = "boss", source = "own", says = "Name'),
        ("value = 19, unit", 'value = "nineteen", unit'),
        ('source = "own", says = "Name the safety champion."', 'says = "Name the safety champion."'),
        ("required = true", "requierd = true"),
        ("effective_from = 2026-01-01", 'effective_from = "soon"'),
        ('"boxing_day"', '"boxing_night"'),
    ],
)
def test_a_slip_in_the_file_is_refused(right: str, wrong: str, tmp_path: Path) -> None:
    assert loaded(TEXT, tmp_path) == POLICIES
    assert right in TEXT
    with pytest.raises(ValidationError):
        loaded(TEXT.replace(right, wrong, 1), tmp_path)


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        loaded(TEXT + "[[", tmp_path)


def test_editions_are_read_in_any_order(tmp_path: Path) -> None:
    second = TEXT.replace("effective_from = 2026-01-01", "effective_from = 2027-01-01")
    read = loaded(second + "\n" + TEXT, tmp_path)
    assert [edition.version for edition in read.editions] == ["2026-01-01", "2027-01-01"]


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2020, 1, 1), "2026-01-01"),
        (date(2026, 1, 1), "2026-01-01"),
        (date(2026, 12, 31), "2026-01-01"),
        (date(2027, 1, 1), "2027-01-01"),
        (date(2028, 2, 29), "2028-02-29"),
        (date(2090, 1, 1), "2028-02-29"),
    ],
)
def test_an_edition_holds_from_its_day_until_the_next(day: date, version: str) -> None:
    editions = Policies((NOW, edition(date(2027, 1, 1)), edition(date(2028, 2, 29))))
    assert editions.on(day).version == version


@for_all(st.sets(st.dates(date(2020, 1, 1), date(2040, 1, 1)), min_size=1, max_size=5), st.dates())
def test_the_edition_of_a_day_is_the_latest_begun_or_the_first(days: set[date], day: date) -> None:
    editions = Policies(tuple(edition(begin) for begin in sorted(days)))
    begun = [begin for begin in days if begin <= day]
    assert editions.on(day).effective_from == (max(begun) if begun else min(days))
    assert editions.version(editions.on(day).version) == editions.on(day)


def test_a_later_policy_moves_no_older_promise() -> None:
    sooner = replace(NOW.deadlines["name_champion"], days=1)
    later = replace(edition(TODAY + timedelta(days=1)), deadlines={**NOW.deadlines, "name_champion": sooner})
    policies = Policies((NOW, later))
    promised = given(registered, under(policies), days_later(1)).when(UpdateEmployer(contact=CONTACT))
    assert str(promised.deadline("name_champion").due_on) == "2026-12-22"
    anew = given(under(policies), days_later(1)).when(register_employer())
    assert anew.deadline("name_champion").due_on == TODAY + timedelta(days=2)
    assert anew.granted().events[-1].policy_version == later.version
