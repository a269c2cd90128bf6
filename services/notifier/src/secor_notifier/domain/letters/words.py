"""How letters put dates, sums and scores into words of one language."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from secor_notifier.domain.letters.language import Language

BLANK = re.compile(r"[^\S\u00a0\u202f]+")
HIDDEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Words:
    """Dates and numbers as the language writes them; the sentences around them are its catalogue's."""

    language: Language

    def day(self, value: date | str) -> str:
        """Friday, 5 February 2027."""
        on = date.fromisoformat(value) if isinstance(value, str) else value
        pgettext = self.language.says.pgettext
        # Some languages count the first of a month otherwise than the other days.
        pattern = (
            pgettext("how to write the first day of a month", "EEEE, d MMMM y")
            if on.day == 1
            else pgettext("how to write a date", "EEEE, d MMMM y")
        )
        return format_date(on, pattern, locale=self.language.locale)

    def distance(self, value: date, today: date) -> str:
        """How far off a day is: in 14 days, tomorrow, today, yesterday, 3 days ago."""
        days = (value - today).days
        says = self.language.says
        match days:
            case 0:
                return says.gettext("today")
            case 1:
                return says.gettext("tomorrow")
            case -1:
                return says.gettext("yesterday")
        if days > 0:
            return says.ngettext("in %(num)d day", "in %(num)d days", days) % {"num": days}
        return says.ngettext("%(num)d day ago", "%(num)d days ago", -days) % {"num": -days}

    def money(self, amount: Decimal, currency: str) -> str:
        """$1,000.00 CAD."""
        return f"{format_currency(amount, currency, locale=self.language.locale)} {currency}"

    def percent(self, earned: object, available: object) -> str:
        """A score as it counts: cut after one decimal and never rounded up, so that 79.96 does not read as a pass."""
        share = Decimal(str(earned)) * 100 / Decimal(str(available))
        cut = share.quantize(Decimal("0.1"), ROUND_DOWN)
        return f"{format_decimal(cut, '0.#', locale=self.language.locale)}\u00a0%"


def on_one_line(text: str) -> str:
    """Text without line ends or signs that hide or turn others; a space that must not break stays one."""
    return BLANK.sub(" ", HIDDEN.sub("", text)).strip()


def ended(name: str) -> str:
    """A name at the end of a sentence: one full stop, also after Ltd."""
    return name if name.endswith(".") else f"{name}."


def capfirst(text: str) -> str:
    """The first sign in upper case, the others as they are."""
    return text[:1].upper() + text[1:]
