"""Whether the process was asked to stop: the server learns it, and readiness tells whoever sends requests here."""

from dataclasses import dataclass


@dataclass(slots=True)
class Leaving:
    """No before it was asked; yes from then on, while it serves to the end what it was given."""

    asked: bool = False
