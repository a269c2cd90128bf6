"""Watches, events and rules as tests put them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from secor_notifier.domain.event import Deadline, Event
from secor_notifier.domain.letters import names
from secor_notifier.domain.reminders import Owed, owed
from secor_notifier.domain.rules import Rules
from secor_notifier.domain.rules_text import read_rules
from secor_notifier.domain.watch import Watch, Watched
from secor_notifier.settings import PACKAGED_RULES
from secor_notifier.zone import local_date

CASE = "01930000-0000-7000-8000-000000000001"
CONTACT = "01930000-0000-7000-8000-00000000000c"
CHAMPION = "01930000-0000-7000-8000-00000000000d"
DUE = date(2027, 2, 5)
RULES: Rules = read_rules(PACKAGED_RULES.read_text("utf-8"), names())


def deadline(name: str = "audit_submission", due_on: date = DUE, owner: str = "employer") -> Watched:
    return Watched(name, due_on, owner)


def watch(*deadlines: Watched, contact: str | None = CONTACT, champion: str | None = CHAMPION, **more: object) -> Watch:
    fields: dict[str, object] = {"state": "NoticeFiled", "held": False, **more}
    return Watch(
        case_id=CASE,
        position=1,
        state=str(fields["state"]),
        deadlines=deadlines,
        contact_id=contact,
        champion_id=champion,
        held=bool(fields["held"]),
    )


def event(
    kind: str,
    fact: Mapping[str, object] | None = None,
    *deadlines: Deadline,
    at: datetime = datetime(2026, 12, 1, 18, tzinfo=UTC),
    state: str = "NoticeFiled",
) -> Event:
    return Event(
        event_id=f"{kind}-{at:%Y%m%d}",
        case_id=CASE,
        position=7,
        type=kind,
        happened_at=at,
        happened_on=local_date(at),
        state=state,
        deadlines=deadlines,
        fact=fact or {},
    )


def to_send(of: Watch, today: date) -> list[Owed]:
    return [one for one in owed(of, RULES, today) if one.reason is None]
