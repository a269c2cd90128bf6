"""Whatever is appended, read, restarted and restored in whatever order: the log says what one dict would."""

import asyncio
from contextlib import AsyncExitStack
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import dropwhile
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from databases import PostgresServer
from secor_workflow.database.engine import open_engine
from secor_workflow.domain.commands import Close
from secor_workflow.domain.context import Actor, Role
from secor_workflow.domain.evolve import fold
from secor_workflow.log.append import Append, Appended
from secor_workflow.log.envelope import read
from secor_workflow.log.log import Log, StaleCursorError
from secor_workflow.log.restore import begin_epoch
from secor_workflow.log.upkeep import rebuild, verify
from thorough import PATIENT, walk
from workflow.log.ledger import Ledger
from workflow.log.services import a_log
from workflow.log.shelf import Shelf
from workflow.log.stories import POLICIES, Story, new_account, poisoned

ACTORS = (Actor("staff-1", Role.STAFF), Actor("staff-2", Role.STAFF))
PROCESSES = 2
CASES = range(4)

What = Literal["next", "rival", "close", "again", "poisoned"]
Told = tuple[int, What, Actor, str | None]
processes = st.sampled_from(range(PROCESSES))
steps = st.tuples(
    st.sampled_from(CASES),
    st.sampled_from(["next", "next", "next", "rival", "close", "again", "poisoned"]),
    st.sampled_from(ACTORS),
    st.sampled_from([None, None, "a", "b", "c"]),  # idempotency key
)
places = st.integers(0, 60)


@dataclass
class Backup:
    """A copy of the database, and what is true of it."""

    url: str
    ledger: Ledger
    epochs: dict[str, int]


@dataclass(frozen=True)
class Reader:
    """A consumer: its cursor, and all that it has read up to there."""

    cursor: str
    texts: tuple[str, ...]


class LogWalk(RuleBasedStateMachine):
    """Two processes append to one log; now and then they stop, or yesterday's backup takes the log's place."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self.shelf, self.url = shelf, shelf.new()
        self.runner = asyncio.Runner()
        self.ledger, self.readers = Ledger(), list[Reader]()
        self.backup: Backup | None = None
        shared = new_account()
        self.accounts = [new_account(), new_account(), shared, shared]
        self.stories = [Story(account) for account in self.accounts]
        self.last: Append | None = None

    @initialize()
    def open(self) -> None:
        self.logs, self.processes = self.runner.run(self._opened())
        self.epochs = {self._epoch: 0}

    async def _opened(self) -> tuple[list[Log], AsyncExitStack]:
        stack = AsyncExitStack()
        return [await stack.enter_async_context(a_log(self.url)) for _ in range(PROCESSES)], stack

    def close(self) -> None:
        self.runner.run(self.processes.aclose())

    @property
    def _epoch(self) -> str:
        return self.logs[0].cursor(0).partition(".")[0]

    # --- writing ----------------------------------------------------------------------------------------------------

    @rule(asked=st.lists(st.tuples(steps, processes), min_size=1, max_size=8), together=st.booleans())
    def append(self, asked: list[tuple[Told, int]], *, together: bool) -> None:
        """By two processes; if together, then in whatever order they come to it."""
        appends = [(self._told(*told), self.logs[process]) for told, process in asked]
        if together:
            self._written(appends)
        else:
            for append in appends:
                self._written([append])

    def _told(self, number: int, what: What, actor: Actor, key: str | None) -> Append:
        story = self.stories[number]
        if story.case.state == "Closed":
            story = self.stories[number] = Story(self.accounts[number])
        match what:
            case "again" if self.last:
                return self.last
            case "rival":
                self.last = story.rival(by=actor, key=key)
            case "poisoned":
                self.last = poisoned(story.rival(by=actor, key=key))
            case "close" if story.case.version:
                self.last = story.next(Close(reason="duplicate"), by=actor, key=key)
            case _:
                self.last = story.next(by=actor, key=key)
        return self.last

    def _written(self, appends: list[tuple[Append, Log]]) -> None:
        """Each outcome is what one clerk would have answered at some moment, and the order is that of the positions."""
        outcomes = self.runner.run(_all_appended(appends))
        placed = {
            got.position: append
            for (append, _), got in zip(appends, outcomes, strict=True)
            if isinstance(got, Appended)
        }
        assert sorted(placed) == list(range(self.ledger.head + 1, self.ledger.head + 1 + len(placed)))
        could_be = [[self.ledger.asked(append)] for append, _ in appends]
        for position in sorted(placed):
            assert self.ledger.take(placed[position]) == Appended(position)
            for (append, _), answers in zip(appends, could_be, strict=True):
                answers.append(self.ledger.asked(append))
        for (append, _), outcome, answers in zip(appends, outcomes, could_be, strict=True):
            if isinstance(outcome, BaseException):
                assert "\ud800" in append.text
                assert any(isinstance(answer, Appended) for answer in answers)
            else:
                assert outcome in answers

    @rule(number=st.sampled_from(CASES))
    def hear(self, number: int) -> None:
        """Somebody learns how a case really stands."""
        story = self.stories[number]
        of_it = self.ledger.of(story.case.case_id)
        if not of_it:
            self.stories[number] = Story(self.accounts[number])
            return
        events = [read(one.type, self.ledger.text(position)) for position, one in of_it.items()]
        story.case, story.newest = fold(story.case.case_id, events), events[-1].event_id
        story.case = replace(story.case, position=0)

    # --- what happens to the processes ------------------------------------------------------------------------------

    @rule()
    def restart(self) -> None:
        self.close()
        self.logs, self.processes = self.runner.run(self._opened())

    @rule()
    def back_up(self) -> None:
        self.close()
        if self.backup:
            self.shelf.drop(self.backup.url)
        self.backup = Backup(self.shelf.copy_of(self.url), deepcopy(self.ledger), dict(self.epochs))
        self.logs, self.processes = self.runner.run(self._opened())

    @precondition(lambda self: self.backup is not None)
    @rule()
    def restore(self) -> None:
        """What was written since is lost, and the log says so."""
        assert self.backup is not None
        self.close()
        self.shelf.drop(self.url)
        self.url = self.shelf.copy_of(self.backup.url)
        self.ledger, self.epochs = deepcopy(self.backup.ledger), dict(self.backup.epochs)
        assert self.runner.run(_new_epoch(self.url)) == self.ledger.head
        self.logs, self.processes = self.runner.run(self._opened())
        assert self._epoch not in self.epochs
        self.epochs[self._epoch] = self.ledger.head

    # --- reading ----------------------------------------------------------------------------------------------------

    @rule(after=places, limit=st.integers(1, 9), process=processes, data=st.data())
    def page(self, after: int, limit: int, process: int, data: st.DataObject) -> None:
        type_ = data.draw(st.sampled_from([None, "EmployerRegistered", "CaseClosed", "NoticeFiled"]))
        of = data.draw(st.sampled_from([None, *self.ledger.rows]))
        found = self.runner.run(self.logs[process].page(after, limit, types=[type_] if type_ else (), case_id=of))
        wanted = [
            position
            for position, one in self.ledger.written.items()
            if position > after and type_ in {None, one.type} and of in {None, one.case_id}
        ][:limit]
        assert list(found.texts) == [self.ledger.text(position) for position in wanted]
        assert found.scanned_to == (wanted[-1] if len(wanted) == limit else max(after, self.ledger.head))

    @rule(process=processes, number=st.sampled_from(CASES))
    def case(self, process: int, number: int) -> None:
        case_id: UUID = self.stories[number].case.case_id
        texts = self.runner.run(self.logs[process].texts_of(case_id))
        assert texts == [(one.type, self.ledger.text(at)) for at, one in self.ledger.of(case_id).items()]

    @rule(process=processes, actor=st.sampled_from(ACTORS), key=st.sampled_from(["a", "b", "c"]))
    def recorded(self, process: int, actor: Actor, key: str) -> None:
        found = self.runner.run(self.logs[process].recorded(actor.id, key))
        position = self.ledger.by_key(actor.id, key)
        assert (found and found.text) == (position and self.ledger.text(position))

    @rule(process=processes, places=st.lists(places, min_size=1, max_size=3))
    def follow(self, process: int, places: list[int]) -> None:
        for place in places:
            assert self.runner.run(self.logs[process].follow(place, 0)) is (self.ledger.head > place)

    @rule(upto=places)
    def consume(self, upto: int) -> None:
        """A consumer reads the log from its start to somewhere, and keeps its cursor."""
        upto = min(upto, self.ledger.head)
        texts = tuple(self.ledger.text(position) for position in range(1, upto + 1))
        self.readers.append(Reader(self.logs[0].cursor(upto), texts))

    @precondition(lambda self: self.readers)
    @rule(data=st.data(), process=processes)
    def go_on(self, data: st.DataObject, process: int) -> None:
        """A cursor goes on where it was, or names a place up to which all that was read is still so."""
        reader = data.draw(st.sampled_from(self.readers))
        epoch = reader.cursor.partition(".")[0]
        try:
            position = self.runner.run(self.logs[process].position_of(reader.cursor))
        except StaleCursorError as stale:
            assert epoch != self._epoch
            last_common = stale.last_common
            if epoch in self.epochs:
                _, *later = dropwhile(lambda name: name != epoch, self.epochs)
                assert last_common == min([len(reader.texts), *(self.epochs[name] for name in later)])
        else:
            assert epoch == self._epoch
            last_common = position
            assert position == len(reader.texts)
        assert list(reader.texts[:last_common]) == [self.ledger.text(at) for at in range(1, last_common + 1)]

    # --- always -----------------------------------------------------------------------------------------------------

    @invariant()
    def every_process_sees_the_head(self) -> None:
        if hasattr(self, "logs"):
            assert [self.runner.run(log.head()) for log in self.logs] == [self.ledger.head] * PROCESSES

    def teardown(self) -> None:
        """In the end all of it is there, in order and whole; and the read model is what the log makes of it."""
        try:
            if hasattr(self, "logs"):
                self.runner.run(self._all_is_well())
                self.close()
        finally:
            self.runner.close()
            for url in {self.url, *([self.backup.url] if self.backup else [])}:
                self.shelf.drop(url)

    async def _all_is_well(self) -> None:
        log = self.logs[0]
        assert list((await log.page(0, 1000)).texts) == [self.ledger.text(position) for position in self.ledger.written]
        assert await verify(log, POLICIES, lambda _done, _of: None) == []
        before = [dict(row) for row in await log.rows(limit=1000)]
        newest = self.ledger.rows
        assert [_row_of(row) for row in before] == [
            _row_of({**newest[case_id].row, "case_id": case_id, "version": newest[case_id].version})
            for case_id in sorted(newest, key=str)
        ]
        await rebuild(log, POLICIES, lambda _done, _of: None)
        assert [dict(row) for row in await log.rows(limit=1000)] == before


def _row_of(row: dict[str, Any]) -> dict[str, Any]:
    """But for the position, which the ledger has by itself."""
    return {name: value for name, value in row.items() if name != "position"}


async def _all_appended(appends: list[tuple[Append, Log]]) -> list[Any]:
    return list(await asyncio.gather(*(log.append(append) for append, log in appends), return_exceptions=True))


async def _new_epoch(url: str) -> int:
    engine = open_engine(url)
    try:
        return await begin_epoch(engine)
    finally:
        await engine.dispose()


@pytest.fixture
def shelf(engine_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Shelf:
    server: PostgresServer | None = request.getfixturevalue("postgres") if engine_kind == "postgresql" else None
    return Shelf(tmp_path, server)


@PATIENT
def test_the_log_is_what_one_dict_would_be(shelf: Shelf) -> None:
    walk(lambda: LogWalk(shelf), walks=4, steps=20)
