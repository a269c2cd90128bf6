"""Writes calendars as iCalendar (RFC 5545): all-day events with alarms, the same text for the same deadlines."""

from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from importlib.metadata import version

from icalendar import Alarm, Calendar, Component, Event, vText

from secor_notifier.calendars.diary import Shown
from secor_notifier.calendars.entry import Entry
from secor_notifier.calendars.policy import CalendarPolicy
from secor_notifier.domain.letters.wording import OTHER, sentences
from secor_notifier.domain.letters.words import on_one_line
from secor_notifier.domain.rules import Rules
from secor_notifier.domain.watch import STAFF

VERSION = version("secor-notifier")
PRODUCT = "-//go2HR//SECOR notifier//EN"
END = b"END:VCALENDAR\r\n"
EVENTS_KEPT = 10_000
A_DAY = timedelta(days=1)
A_MINUTE = timedelta(minutes=1)


class Typesetter:
    """Knows the rules' days, from which the alarms come, and the words of the letters.

    Writing an event takes milliseconds, and the same ones are asked for every hour: each is written once and kept.
    """

    def __init__(self, rules: Rules, policy: CalendarPolicy, staff_address: str) -> None:
        self._rules, self._policy, self._staff_address = rules, policy, staff_address
        self.fingerprint = f"{VERSION}/{rules.fingerprint}/{policy}/{staff_address}"
        self._text = lru_cache(EVENTS_KEPT)(lambda shown: _written(self._event(shown)))

    def calendar(self, name: str, shown: Iterable[Shown], note: str | None = None) -> bytes:
        """A whole calendar to subscribe to."""
        calendar = _empty()
        # The library would take these two as they come, with commas and semicolons unescaped.
        calendar.add("name", vText(name))
        calendar.add("x-wr-calname", vText(name))
        if note:
            calendar.add("description", vText(note))
            calendar.add("x-wr-caldesc", vText(note))
        calendar.add("refresh-interval", self._policy.refresh, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", f"PT{self._policy.refresh // A_MINUTE}M")
        return self._filled(calendar, shown)

    def leaf(self, shown: Iterable[Shown]) -> bytes:
        """What goes with a letter: the same events as in a calendar one has subscribed to."""
        return self._filled(_empty(), shown)

    def _filled(self, calendar: Calendar, shown: Iterable[Shown]) -> bytes:
        return _written(calendar).removesuffix(END) + b"".join(map(self._text, shown)) + END

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
        event.add("description", f"SECOR case {entry.case_id}. Questions? Write to {self._staff_address}.")
        event.add("categories", ["SECOR"])
        event.add("status", "CONFIRMED" if entry.ended_at is None else "CANCELLED")
        event.add("transp", "TRANSPARENT")
        if entry.ended_at is None:
            for days in self._days_before(entry):
                event.add_component(self._alarm(days, _summary(shown)))
        return event

    def _days_before(self, entry: Entry) -> list[int]:
        """On so many days before it a reminder is owed, the furthest first."""
        rungs = self._rules.ladder(entry.deadline).rungs
        return sorted({-rung.days for rung in rungs if rung.days < 0}, reverse=True)

    def _alarm(self, days: int, text: str) -> Alarm:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", text)
        # An all-day event begins at midnight; nobody wants to be woken.
        alarm.add("trigger", self._policy.alarm_at - timedelta(days=days))
        return alarm


def _empty() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    return calendar


def _written(component: Component) -> bytes:
    content: bytes = component.to_ical()
    return content


def _summary(shown: Shown) -> str:
    title = sentences().get(shown.entry.deadline, sentences()[OTHER]).title
    whose = title.replace("your ", "the employer's ") if shown.entry.owner == STAFF else title
    # What somebody typed is one line of signs that one can see, whatever it was.
    return f"SECOR: {whose}" + (f" ({on_one_line(shown.legal_name)})" if shown.legal_name else "")
