"""A calendar as it is written: from what the diary shows, the same text for the same dates, whatever somebody typed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from notifier.calendars.reading import read
from notifier.given import CASE, RULES
from secor_notifier.calendars.diary import Scope, Shown
from secor_notifier.calendars.entry import Entry
from secor_notifier.calendars.ics import Typesetter
from secor_notifier.calendars.library import Sheet
from secor_notifier.calendars.policy import CalendarPolicy
from secor_notifier.calendars.subscriptions import Subscriptions, TooManyCalendarsError
from secor_notifier.ledger.engine import open_engine, read_url
from secor_notifier.migrations import migrate

AT = datetime(2026, 12, 1, 18, tzinfo=UTC)
POLICY = CalendarPolicy.read()
TYPESETTER = Typesetter(RULES, POLICY, "secor@go2hr.example")


def shown(number: int = 0, name: str | None = "Harbour Inn") -> Shown:
    return Shown(Entry(CASE, f"deadline_{number}", date(2027, 2, 5), "employer", number, AT), name)


def sheet(*dates: Shown, rules: Typesetter = TYPESETTER, note: str | None = None) -> Sheet:
    return Sheet(rules, "SECOR deadlines", dates, note)


HOSTILE = [
    "Inn\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Pay here",
    "Inn\rEND:VCALENDAR",
    "Inn\x00\x07\x1b[31m\x7f",
    "Inn\u2028END:VEVENT\u2029\x85",
    "Inn \u202egnp.exe\u2066",
    'Inn;VALUE=URI:https://evil.example/,"\\n\\',
    "é" * 2000,
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_name_stays_a_name(name: str) -> None:
    content = await Sheet(TYPESETTER, f"SECOR deadlines: {name}", (shown(name=name), shown(1)), None).written()
    calendar = read(content)

    first, second = calendar.of("VEVENT")
    assert first["SUMMARY"].startswith("SECOR: ")
    assert second["SUMMARY"].endswith("(Harbour Inn)")
    assert {*first.properties} == {*second.properties}
    assert not {"\r", "\x00", "\x07", "\x1b", "\x7f", "\u2028", "\u202e"} & {*first["SUMMARY"]}


async def test_it_says_when_it_does_not_show_all() -> None:
    note = "Only the first 1000 dates are shown; ask for fewer."

    assert read(await sheet(shown(), note=note).written())["DESCRIPTION"] == note
    assert "DESCRIPTION" not in read(await sheet(shown()).written()).properties


async def test_a_date_that_was_written_before_reads_the_same_in_every_calendar() -> None:
    alone, beside = await sheet(shown(1)).written(), await sheet(shown(0), shown(1), shown(2)).written()

    [event] = read(alone).of("VEVENT")
    assert event == read(beside).of("VEVENT")[1]
    assert await sheet(shown(1)).written() == alone


def test_its_tag_is_another_as_soon_as_anything_in_it_is() -> None:
    other_rules = Typesetter(replace(RULES, fingerprint="other"), POLICY, "secor@go2hr.example")
    tags = [
        sheet(shown()).tag,
        sheet().tag,
        sheet(shown(1)).tag,
        sheet(shown(name="Other Inn")).tag,
        sheet(shown(), note="x").tag,
        sheet(shown(), rules=other_rules).tag,
    ]

    assert len({*tags}) == len(tags)
    assert sheet(shown()).tag == tags[0]


async def test_nobody_makes_calendars_without_end(tmp_path: Path) -> None:
    engine = open_engine(read_url(f"sqlite:///{tmp_path / 'notifier.db'}"))
    await migrate(engine)
    subscriptions = Subscriptions(engine)
    for _ in range(2):
        made, _token = await subscriptions.make("me", Scope(), AT, at_most=2)

    with pytest.raises(TooManyCalendarsError):
        await subscriptions.make("me", Scope(), AT, at_most=2)
    await subscriptions.make("another", Scope(), AT, at_most=2)
    await subscriptions.revoke(made.calendar_id, "me")
    await subscriptions.make("me", Scope(), AT, at_most=2)
    await engine.dispose()
