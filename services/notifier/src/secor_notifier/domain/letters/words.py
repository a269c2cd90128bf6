"""How letters put dates, sums and scores into words."""

from datetime import date
from decimal import ROUND_DOWN, Decimal


def day(value: date | str) -> str:
    """Friday, 5 February 2027."""
    on = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{on:%A}, {on.day} {on:%B %Y}"


def distance(value: date, today: date) -> str:
    """How far off a day is: in 14 days, tomorrow, today, yesterday, 3 days ago."""
    days = (value - today).days
    match days:
        case 0:
            return "today"
        case 1:
            return "tomorrow"
        case -1:
            return "yesterday"
    return f"in {days} days" if days > 0 else f"{-days} days ago"


def money(amount: Decimal, currency: str) -> str:
    """$1,000.00 CAD."""
    return f"${amount:,.2f} {currency}"


def percent(earned: object, available: object) -> str:
    """A score as it counts: cut after one decimal and never rounded up, so that 79.96 does not read as a pass."""
    share = Decimal(str(earned)) * 100 / Decimal(str(available))
    return f"{share.quantize(Decimal('0.1'), ROUND_DOWN).normalize():f} %"


def ended(name: str) -> str:
    """A name at the end of a sentence: one full stop, also after Ltd."""
    return name if name.endswith(".") else f"{name}."


def capfirst(text: str) -> str:
    """The first sign in upper case, the others as they are."""
    return text[:1].upper() + text[1:]
