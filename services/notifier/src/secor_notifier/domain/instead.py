"""News that was meant for somebody who was erased before it went out: who is told in their place."""

from dataclasses import replace
from datetime import datetime

from secor_notifier.domain.recipients import Role, recipients
from secor_notifier.domain.reminders import INSTEAD_OF_ERASED, Owed, by_channel, timed
from secor_notifier.domain.rules import Audience, Rules
from secor_notifier.domain.watch import Watch

AUDIENCE = {Role.CONTACT: Audience.CONTACT, Role.CHAMPION: Audience.CHAMPION}


def instead(decision: Owed, watch: Watch, rules: Rules, now: datetime) -> tuple[Owed, ...]:
    """The same news for whoever has that person's part now or stands in for them; nobody, once it is old."""
    audience = AUDIENCE.get(decision.recipient.role)
    if audience is None or (now.date() - decision.owed_on) > rules.stale_after:
        return ()
    because = f"{decision.because}; {INSTEAD_OF_ERASED}"
    return tuple(
        timed(one, rules, now)
        for recipient in recipients(watch, (audience,))
        for one in by_channel(replace(decision, recipient=recipient, skip=None, because=because), rules)
    )
