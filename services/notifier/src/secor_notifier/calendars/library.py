"""What the rest of the notifier asks of calendars: make one, read one, and the page that goes with a letter."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from secor_notifier.calendars.diary import Diary, Scope, Shown
from secor_notifier.calendars.entry import Entry
from secor_notifier.calendars.ics import Typesetter
from secor_notifier.calendars.policy import CalendarPolicy
from secor_notifier.calendars.subscriptions import Subscription, Subscriptions
from secor_notifier.clock import Clock
from secor_notifier.domain.case import CaseNow
from secor_notifier.domain.event import Deadline
from secor_notifier.domain.letters.words import on_one_line

OF_ONE_CASE = 200
TITLE = "SECOR deadlines"


@dataclass(frozen=True)
class Sheet:
    """A calendar as it stands, not yet written: who has it already need not wait for that."""

    typesetter: Typesetter
    title: str
    shown: tuple[Shown, ...]
    note: str | None

    @property
    def tag(self) -> str:
        """Another one as soon as anything in it is."""
        return sha256(repr((self.typesetter.fingerprint, self.title, self.shown, self.note)).encode()).hexdigest()[:32]

    async def written(self) -> bytes:
        """In a thread: a calendar of a thousand dates takes seconds when it is written for the first time."""
        return await asyncio.to_thread(self.typesetter.calendar, self.title, self.shown, self.note)


@dataclass(frozen=True)
class Library:
    """Reads what the diary knows and writes it as calendars."""

    diary: Diary
    subscriptions: Subscriptions
    typesetter: Typesetter
    policy: CalendarPolicy
    clock: Clock

    async def make(self, owner: str, scope: Scope) -> tuple[Subscription, str]:
        """Raises TooManyCalendarsError."""
        return await self.subscriptions.make(owner, scope, self.clock.now(), self.policy.at_most)

    async def read(self, token: str) -> Sheet | None:
        """The calendar at that address, if there is one."""
        subscription = await self.subscriptions.by_token(token)
        if subscription is None:
            return None
        ended_after = self.clock.now() - self.policy.keep_cancelled
        at_most = OF_ONE_CASE if subscription.scope.case_id else self.policy.events_at_most
        shown = await self.diary.show(subscription.scope, self.clock.today(), ended_after, at_most + 1)
        title, rest = _title(subscription.scope, shown), shown[at_most:]
        note = f"Only the first {at_most} dates are shown: ask for a calendar of fewer." if rest else None
        return Sheet(self.typesetter, title, tuple(shown[:at_most]), note)

    async def leaf(self, dates: Sequence[tuple[CaseNow, Deadline]]) -> bytes:
        """Some deadlines as their cases tell them now; the diary lends them their sequences."""
        shown = []
        for case, deadline in dates:
            known = await self.diary.entry(case.case_id, deadline.name)
            entry = _as_told(case.case_id, deadline, known, self.clock.now())
            shown.append(Shown(entry, case.employer.legal_name))
        return self.typesetter.leaf(shown)


def _as_told(case_id: str, deadline: Deadline, known: Entry | None, now: datetime) -> Entry:
    if known is None:
        return Entry(case_id, deadline.name, deadline.due_on, deadline.owner, 0, now)
    ahead = known.ended_at is not None or known.due_on != deadline.due_on
    sequence = known.sequence + ahead
    changed_at = now if ahead else known.changed_at
    return Entry(case_id, deadline.name, deadline.due_on, deadline.owner, sequence, changed_at)


def _title(scope: Scope, shown: list[Shown]) -> str:
    named = next((one.legal_name for one in shown if one.legal_name), None)
    return f"{TITLE}: {on_one_line(named)}" if scope.case_id and named else TITLE
