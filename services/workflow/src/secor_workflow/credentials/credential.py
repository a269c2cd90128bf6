"""What a caller came with, once it was looked at: the actor behind it, be it a key or a token."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from secor_workflow.domain.context import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A credential that opens."""

    actor: Actor
    name: str
    """A key's name, or whose token it is."""
    id: UUID
    """A key's id; of a token, one that is always its subject's."""
    token_ends_at: datetime | None = None
    """Keys have none: theirs is asked for anew each time, since it can be moved."""
