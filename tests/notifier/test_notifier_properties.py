"""Whenever it is awake, however late news comes, wherever its clock leaps: what is owed is sent once, and no more."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from notifier.lives import Notifier, Town, owed_at, set_clock, town
from notifier.stand_in import Json, due
from secor_notifier.domain.watch import Watch
from secor_notifier.zone import local_date
from thorough import PATIENT, walk

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

START = datetime(2026, 11, 2, 19, tzinfo=UTC)  # a Monday, noon in British Columbia
DAY = timedelta(days=1)
HOURS = st.integers(1, 20 * 24)
DATES = st.dictionaries(
    st.sampled_from(["name_champion", "sms", "audit_submission", "qa_decision"]), st.integers(-20, 60), max_size=3
)
CASES = range(2)


class NotifierWalk(RuleBasedStateMachine):
    """One notifier, its workflow and its mail server; the walk sets the clock, and stops and starts it."""

    def __init__(self, place: Town) -> None:
        super().__init__()
        self.place, self.database = place, place.new_ledger()
        self.runner = asyncio.Runner()
        self.now = START
        self.arrived: set[str] = set()
        people = [place.workflow.person("Ana Ng", f"ana{number}@inn.example") for number in CASES]
        self.contacts = {place.workflow.case(contact): contact for contact in people}
        self.running: AbstractAsyncContextManager[Notifier] | None = None
        self.notifier: Notifier | None = None

    @initialize()
    def begin(self) -> None:
        self.runner.run(set_clock(self.database, self.now))
        for case in self.contacts:
            self._tell(case, "SomethingChanged", {"name_champion": 30}, late=0)
        self.start()

    @precondition(lambda self: self.notifier is None)
    @rule()
    def start(self) -> None:
        self.running = self.place.notifier(self.database)
        self.notifier = self.runner.run(self.running.__aenter__())
        self.looks()

    @precondition(lambda self: self.notifier is not None)
    @rule()
    def stop(self) -> None:
        assert self.running is not None
        self.runner.run(self.running.__aexit__(None, None, None))
        self.running = self.notifier = None

    @rule(
        number=st.sampled_from(CASES),
        kind=st.sampled_from(["SomethingChanged", "SomethingChanged", "CaseHeld", "CaseReleased", "CaseClosed"]),
        dates=DATES,
        late=st.sampled_from([0, 0, 1, 100, 900]),
    )
    def something_happens(self, number: int, kind: str, dates: dict[str, int], late: int) -> None:
        """Some hours ago, of which the notifier hears when it looks."""
        case = [*self.contacts][number]
        if self.place.workflow.cases[case]["state"] != "Closed":
            self._tell(case, kind, dates, late)

    def _tell(self, case: str, kind: str, dates: dict[str, int], late: int) -> None:
        at = self.now - timedelta(hours=late)
        deadlines = [
            due(name, str(local_date(at) + days * DAY), "staff" if name == "qa_decision" else "employer")
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
        self.place.workflow.tell(case, kind, {"contact_id": self.contacts[case]}, at=at, deadlines=deadlines, **more)

    @rule(hours=HOURS)
    def time_passes(self, hours: int) -> None:
        """While it runs, or while it is stopped."""
        self._moves(self.now + timedelta(hours=hours))

    @rule(hours=st.sampled_from([1, 2, 24, 24 * 30]))
    def the_clock_is_set_back(self, hours: int) -> None:
        self._moves(self.now - timedelta(hours=hours))

    @rule(days=st.sampled_from([1, 30, 400]))
    def the_clock_leaps_and_is_set_right(self, days: int) -> None:
        now = self.now
        self._moves(now + days * DAY)
        self._moves(now)

    def _moves(self, to: datetime) -> None:
        if self.notifier is None:
            self.runner.run(set_clock(self.database, to))
            self.now = to
            return
        self.looks()  # before it moves, as `catch_up` does: what happened is dealt with at its own time
        self.now = to
        self.runner.run(self.notifier.lives_on(to))
        self._compared()

    @precondition(lambda self: self.notifier is not None)
    @rule()
    def looks(self) -> None:
        assert self.notifier is not None
        self.runner.run(self.notifier.lives_on())
        self._compared()

    def _compared(self) -> None:
        """What has arrived is what had before, and exactly what is owed by the cases as they were last read."""
        assert self.notifier is not None
        watches = self.runner.run(self.notifier.rooms.ledger.watches([*self.contacts]))
        arrived = self.runner.run(self.notifier.arrived())
        owed = {key for case in self.contacts for key in owed_at(watches.get(case, Watch(case)), self.now)}
        assert arrived.keys() == self.arrived | owed
        self.arrived = {*arrived}

    def teardown(self) -> None:
        if self.notifier is not None:
            self.stop()
        self.runner.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town(tmp_path_factory.mktemp("town")) as one:
        yield one


@PATIENT
def test_what_is_owed_is_sent_once_and_nothing_else(place: Town) -> None:
    walk(lambda: NotifierWalk(place), walks=3, steps=12)
