"""Who is calling: the workflow is the one source of identity, asked with the caller's own credential."""

import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256

from pydantic import TypeAdapter, ValidationError

from secor_notifier.workflow.client import WorkflowAwayError, WorkflowClient

KEEP_SECONDS = 45
"""With the workflow's own few seconds, a revoked key opens nothing here after a minute."""
KEEP_NOBODY_SECONDS = 5
KEEP_CALLERS = 1000
OK = 200
NO_SUCH_CREDENTIAL = frozenset({400, 401, 403})


@dataclass(frozen=True)
class Caller:
    """A credential's owner."""

    actor_id: str
    role: str
    worksafebc_account: str | None = None


@dataclass(frozen=True)
class Unknown:
    """Nobody, and why not, as the workflow says it."""

    code: str = ""
    detail: str = "The workflow does not know this credential."


CALLER = TypeAdapter(Caller)
UNKNOWN = TypeAdapter(Unknown)


class Identity:
    """Asks hardly more than once a minute for each credential, and remembers only its digest."""

    def __init__(self, client: WorkflowClient) -> None:
        self._client = client
        self._known: OrderedDict[bytes, tuple[float, Caller | Unknown]] = OrderedDict()

    async def who(self, credential: str) -> Caller | Unknown:
        """The caller, or nobody."""
        digest = sha256(credential.encode()).digest()
        kept = self._known.get(digest)
        if kept and time.monotonic() - kept[0] < (KEEP_SECONDS if isinstance(kept[1], Caller) else KEEP_NOBODY_SECONDS):
            return kept[1]
        self._known.pop(digest, None)
        asked_at = time.monotonic()
        answer = await self._client.ask("/v1/me", key=credential)
        if answer.status_code in NO_SUCH_CREDENTIAL:
            return self._remember(digest, asked_at, _why_not(answer.content))
        if answer.status_code != OK:
            raise WorkflowAwayError(f"The workflow answered {answer.status_code} when asked who is calling.")
        try:
            caller = CALLER.validate_json(answer.content)
        except ValidationError:
            raise WorkflowAwayError("The workflow's word on who is calling is not in the contract.") from None
        return self._remember(digest, asked_at, caller)

    def _remember(self, digest: bytes, asked_at: float, caller: Caller | Unknown) -> Caller | Unknown:
        self._known[digest] = (asked_at, caller)
        while len(self._known) > KEEP_CALLERS:
            self._known.popitem(last=False)
        return caller

    async def sees(self, credential: str, case_id: str) -> bool:
        """Whether this credential may see the case, which the workflow alone decides."""
        answer = await self._client.ask(f"/v1/cases/{case_id}", key=credential)
        if answer.status_code == OK:
            return True
        if answer.status_code in {401, 403, 404, 410, 422}:
            return False
        raise WorkflowAwayError(f"The workflow answered {answer.status_code} when asked for a case.")


def _why_not(content: bytes) -> Unknown:
    try:
        return UNKNOWN.validate_json(content)
    except ValidationError:
        return Unknown()
