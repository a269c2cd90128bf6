"""Whatever is appended at once, in whatever order: the log answers as a clerk with one ledger would."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secor_workflow.domain.context import Actor, Role
from secor_workflow.log.append import Append, Appended, Conflict, Duplicate, Outcome
from workflow.log.services import a_log
from workflow.log.stories import Story, new_account

ACTORS = (Actor("staff-1", Role.STAFF), Actor("staff-2", Role.STAFF))
steps = st.lists(
    st.tuples(
        st.integers(0, 3),  # whose case
        st.sampled_from(["next", "rival"]),
        st.sampled_from(ACTORS),
        st.sampled_from([None, None, "a", "b"]),  # idempotency key
    ),
    max_size=25,
)


class Ledger:
    """What is to happen, told plainly."""

    def __init__(self) -> None:
        self.positions = 0
        self.newest: dict[object, tuple[int, object]] = {}
        self.keys: set[tuple[str, str]] = set()
        self.accounts: set[object] = set()

    def take(self, append: Append) -> Outcome:
        account = append.row["worksafebc_account"]
        if append.idempotency_key and (append.actor, append.idempotency_key) in self.keys:
            return Duplicate()
        if (append.version - 1, append.follows) != self.newest.get(append.case_id, (0, None)):
            return Conflict()
        if append.version == 1 and account in self.accounts:
            return Conflict()
        self.positions += 1
        self.newest[append.case_id] = append.version, append.event_id
        self.accounts.add(account)
        if append.idempotency_key:
            self.keys.add((append.actor, append.idempotency_key))
        return Appended(self.positions)


@pytest.mark.parametrize("how", ["in one batch", "one after the other"])
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_the_outcomes_are_those_of_one_ledger(
    url: str,
    how: str,
    steps: list[tuple[int, str, Actor, str | None]],
) -> None:
    shared = new_account()
    stories = [Story(), Story(), Story(shared), Story(shared)]
    run = new_account()
    appends = [getattr(stories[which], told)(by=actor, key=key and f"{run}-{key}") for which, told, actor, key in steps]

    async def written() -> tuple[int, list[Outcome]]:
        async with a_log(url) as log:
            before = await log.head()
            if how == "in one batch":
                return before, list(await asyncio.gather(*map(log.append, appends)))
            return before, [await log.append(append) for append in appends]

    before, outcomes = asyncio.run(written())

    ledger = Ledger()
    ledger.positions = before
    assert outcomes == [ledger.take(append) for append in appends]
