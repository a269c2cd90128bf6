"""A webhook endpoint that was disabled, as the letter to staff tells of it."""

from dataclasses import dataclass

STOPPED = "webhook_disabled"


@dataclass(frozen=True)
class Stopped:
    """Whose it is and why it was disabled; `hours` is how long it may fail."""

    endpoint_id: str
    made_by: str
    description: str | None
    gone: bool
    hours: int


EXAMPLE = Stopped("01930000-0000-7000-8000-0000000000aa", "payroll", "The payroll system", gone=False, hours=120)
"""For a preview where none was ever disabled."""
