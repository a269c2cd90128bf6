"""Whatever happened and whenever the notifier was awake: what arrives is what was owed at each send, and no more."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.lives import Notifier, Town, owed_at, set_clock, town
from notifier.stand_in import Json, due
from secor_notifier.domain.watch import Watch
from secor_notifier.zone import local_date

START = datetime(2026, 11, 2, 19, tzinfo=UTC)  # a Monday, noon in British Columbia
NAMES = ("name_champion", "sms", "audit_submission", "qa_decision")
CASES = 200

happenings = st.lists(
    st.tuples(
        st.integers(0, 90 * 24),
        st.sampled_from(["SomethingChanged", "CaseHeld", "CaseReleased", "CaseClosed"]),
        st.dictionaries(st.sampled_from(NAMES), st.integers(-20, 120), max_size=3),
    ),
    min_size=1,
    max_size=5,
)
ticks = st.lists(st.integers(0, 150 * 24), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as one:
        yield one


@given(happenings, ticks)
@settings(max_examples=10, deadline=None)
def test_what_arrives_is_what_was_owed_at_each_send(
    place: Town, told: list[tuple[int, str, dict[str, int]]], awake: list[int]
) -> None:
    asyncio.run(_lived(place, sorted(told, key=lambda one: one[0]), sorted(awake)))


async def _lived(place: Town, told: list[tuple[int, str, dict[str, int]]], awake: list[int]) -> None:
    database, workflow = place.new_ledger(), place.workflow
    contact = workflow.person("Ana Ng", "ana@inn.example")
    case = workflow.case(contact)
    left = [(0, "SomethingChanged", {"name_champion": 30}), *told]
    await set_clock(database, START)
    async with place.notifier(database) as notifier:
        arrived: set[str] = set()
        for hour in awake:
            now = START + timedelta(hours=hour)
            await notifier.lives_on(now)
            arrived = await _compared(notifier, case, now, arrived)
            while left and left[0][0] <= hour:
                at, kind, dates = left.pop(0)
                if workflow.cases[case]["state"] != "Closed":
                    _tell(place, case, contact, kind, START + timedelta(hours=at), dates)
                await notifier.lives_on()
                arrived = await _compared(notifier, case, now, arrived)


async def _compared(notifier: Notifier, case: str, now: datetime, before: set[str]) -> set[str]:
    """What has arrived by now: what had before, and exactly what is owed by the case as it was last read."""
    watch = (await notifier.rooms.ledger.watches([case])).get(case, Watch(case))
    arrived = await notifier.arrived()

    assert arrived.keys() == before | owed_at(watch, now)
    open_dates = {(one.name, one.due_on) for one in watch.deadlines}
    assert all((arrived[key].deadline, arrived[key].due_on) in open_dates for key in arrived.keys() - before)
    return {*arrived}


def _tell(place: Town, case: str, contact: str, kind: str, at: datetime, dates: dict[str, int]) -> None:  # noqa: PLR0913
    """One more event, after which these dates stand, so many days from its own."""
    deadlines = [
        due(name, str(local_date(at) + timedelta(days=days)), "staff" if name == "qa_decision" else "employer")
        for name, days in sorted(dates.items())
    ]
    more: Json = {"state": "NoticeFiled"}
    match kind:
        case "CaseHeld":
            more["hold"] = {"reason_id": "r"}
        case "CaseReleased":
            more["hold"] = None
        case "CaseClosed":
            more["state"], deadlines = "Closed", []
    place.workflow.tell(case, kind, {"contact_id": contact}, at=at, deadlines=deadlines, **more)


async def test_after_an_outage_of_thirty_days_each_open_deadline_gets_its_one_right_letter(place: Town) -> None:
    """Meanwhile some cases have met their date, some got another, some are held, and some are closed."""
    database, workflow = place.new_ledger(), place.workflow
    contacts = {}
    for number in range(CASES):
        contact = workflow.person("Ana Ng", f"ana{number}@inn.example")
        contacts[workflow.case(contact)] = contact
    for number, (case, contact) in enumerate(contacts.items()):
        _tell(place, case, contact, "NoticeOfOld", START - timedelta(days=50), {"audit_submission": 75 + number % 40})
    await set_clock(database, START)
    async with place.notifier(database) as notifier:
        await notifier.lives_on()
        before = await notifier.arrived()
    for number, (case, contact) in enumerate(contacts.items()):
        kind, dates = (
            ("SomethingChanged", {}),
            ("SomethingChanged", {"audit_submission": 21 + number % 30}),
            ("CaseHeld", {"audit_submission": 5 + number % 60}),
            ("CaseClosed", {}),
            ("", {}),
        )[number % 5]
        if kind:
            _tell(place, case, contact, kind, START + timedelta(days=10), dates)

    after = START + timedelta(days=30)
    await set_clock(database, after)
    async with place.notifier(database) as notifier:
        await notifier.lives_on()
        arrived = await notifier.arrived()
        watches = await notifier.rooms.ledger.watches([*contacts])

    new = {key: one for key, one in arrived.items() if key not in before}
    assert len(before) > CASES / 20
    assert len(new) > CASES / 4
    assert new.keys() == {key for watch in watches.values() for key in owed_at(watch, after)} - before.keys()
    assert set(Counter((one.case_id, one.deadline, one.recipient.id) for one in new.values()).values()) == {1}
