"""Writes calendars as iCalendar (RFC 5545): all-day events with alarms, the same text for the same deadlines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from icalendar import Alarm, Calendar, Event, vText

from secor_notifier.calendars.diary import Shown
from secor_notifier.calendars.entry import Entry
from secor_notifier.calendars.policy import CalendarPolicy
from secor_notifier.domain.letters.wording import OTHER, sentences
from secor_notifier.domain.rules import Rules
from secor_notifier.domain.watch import STAFF

PRODUCT = "-//go2HR//SECOR notifier//EN"
A_DAY = timedelta(days=1)
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Typesetter:
    """Knows the rules' days, from which the alarms come, and the words of the letters."""

    rules: Rules
    policy: CalendarPolicy
    staff_address: str

    def calendar(self, name: str, shown: Iterable[Shown]) -> bytes:
        """A whole calendar to subscribe to."""
        calendar = _empty()
        # The library would take these two as they come, with commas and semicolons unescaped.
        calendar.add("name", vText(name))
        calendar.add("x-wr-calname", vText(name))
        calendar.add("refresh-interval", self.policy.refresh, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", f"PT{self.policy.refresh // A_MINUTE}M")
        for one in shown:
            calendar.add_component(self._event(one))
        return _written(calendar)

    def leaf(self, shown: Iterable[Shown]) -> bytes:
        """What goes with a letter: the same events as in a calendar one has subscribed to."""
        calendar = _empty()
        for one in shown:
            calendar.add_component(self._event(one))
        return _written(calendar)

    def _event(self, shown: Shown) -> Event:
        entry = shown.entry
        event = Event()
        event.add("uid", entry.uid)
        event.add("sequence", entry.sequence)
        event.add("dtstamp", entry.changed_at)
        event.add("last-modified", entry.changed_at)
        event.add("dtstart", entry.due_on)
        event.add("dtend", entry.due_on + A_DAY)
        event.add("summary", _summary(shown))
        event.add("description", f"SECOR case {entry.case_id}. Questions? Write to {self.staff_address}.")
        event.add("categories", ["SECOR"])
        event.add("status", "CONFIRMED" if entry.ended_at is None else "CANCELLED")
        event.add("transp", "TRANSPARENT")
        if entry.ended_at is None:
            for days in self._days_before(entry):
                event.add_component(self._alarm(days, _summary(shown)))
        return event

    def _days_before(self, entry: Entry) -> list[int]:
        """On so many days before it a reminder is owed, the furthest first."""
        rungs = self.rules.ladder(entry.deadline).rungs
        return sorted({-rung.days for rung in rungs if rung.days < 0}, reverse=True)

    def _alarm(self, days: int, text: str) -> Alarm:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", text)
        # An all-day event begins at midnight; nobody wants to be woken.
        alarm.add("trigger", self.policy.alarm_at - timedelta(days=days))
        return alarm


def _empty() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    return calendar


def _written(calendar: Calendar) -> bytes:
    content: bytes = calendar.to_ical()
    return content


def _summary(shown: Shown) -> str:
    title = sentences().get(shown.entry.deadline, sentences()[OTHER]).title
    whose = title.replace("your ", "the employer's ") if shown.entry.owner == STAFF else title
    return f"SECOR: {whose}" + (f" ({shown.legal_name})" if shown.legal_name else "")
