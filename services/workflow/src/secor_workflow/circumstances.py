"""What a decision may know besides the case and the wish: who asks, when, under which policy, and what is found out."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from secor_workflow.clock import Clock
from secor_workflow.credentials.persons import Persons
from secor_workflow.documents.condition import Conditions
from secor_workflow.domain.case import Case
from secor_workflow.domain.commands import (
    AddDocument,
    AssignReviewer,
    DecideQa,
    ErasePerson,
    RegisterEmployer,
    RejectAudit,
    ReturnAudit,
    SubmitAudit,
    Wish,
)
from secor_workflow.domain.context import Actor, Context, Role
from secor_workflow.domain.policy import Policies
from secor_workflow.keys import Keys
from secor_workflow.log.log import Log
from secor_workflow.people import People

REVIEWING = (AssignReviewer, ReturnAudit, RejectAudit, DecideQa)
"""The wishes for which it matters whether somebody is the champion of the case."""
OF_DOCUMENTS = (AddDocument, SubmitAudit)
"""The wishes that speak of documents, which may have been erased."""

LOOKED_UP = (*OF_DOCUMENTS, *REVIEWING, ErasePerson)
"""The wishes for which more is to be found out than who asks and when."""


class Circumstances:
    """Reads the clock and whatever else stands outside the case, so that the decision itself is pure."""

    def __init__(  # noqa: PLR0913 (the rooms it asks)
        self,
        log: Log,
        people: People,
        keys: Keys,
        persons: Persons,
        conditions: Conditions,
        policies: Policies,
        clock: Clock,
    ) -> None:
        self._log, self._people, self._keys, self._persons, self._conditions = log, people, keys, persons, conditions
        self.policies, self.clock = policies, clock

    def context(
        self,
        actor: Actor,
        now: datetime | None = None,
        open_case: UUID | None = None,
        erased: frozenset[str] = frozenset(),
        known_as: Mapping[str, frozenset[str]] = MappingProxyType({}),
    ) -> Context:
        """What a decision of this actor may know, as far as it need not be looked up."""
        now = now or self.clock.now()
        return Context(
            now=now,
            today=self.clock.local_day(now),
            actor=actor,
            policies=self.policies,
            open_case=open_case,
            erased=erased,
            has_role=self._keys.has_role,
            is_known=self._is_known,
            same_person=self._persons.same_as,
            known_as=known_as,
        )

    def _is_known(self, actor_id: str) -> bool:
        return self._keys.is_known(actor_id) or self._persons.is_known(actor_id)

    async def of(self, case: Case, actor: Actor, wish: Wish, open_case: UUID | None = None) -> Context:
        """As above, with all that this wish needs to have looked up."""
        return self.context(
            actor,
            open_case=open_case,
            erased=await self._erased(case.case_id, wish),
            known_as=await self.known_as(case) if isinstance(wish, REVIEWING) else {},
        )

    async def known_as(self, case: Case) -> Mapping[str, frozenset[str]]:
        """Under which actor ids the champions of a case act here, as far as their e-mail addresses tell."""
        champions = {one.who for one in case.involved if one.part == "champion"}
        if not champions:
            return {}
        known = await self._people.known_in(case.case_id)
        return {
            str(person_id): self._persons.with_email(email)
            for email, person_id in known.items()
            if str(person_id) in champions
        }

    async def open_case(self, actor: Actor, wish: Wish) -> UUID | None:
        """Another open case of the account that is to be registered, for those who may see it."""
        if not isinstance(wish, RegisterEmployer):
            return None
        account = wish.employer.worksafebc_account
        if actor.role is Role.EMPLOYER and actor.account != account:
            return None
        return await self._log.open_case_of(account)

    async def _erased(self, case_id: UUID, wish: Wish) -> frozenset[str]:
        """Digests of the case's documents that were erased, for the wishes that speak of documents."""
        if not isinstance(wish, OF_DOCUMENTS):
            return frozenset()
        conditions = await self._conditions.of_case(case_id)
        return frozenset(sha256 for sha256, condition in conditions.items() if condition.erased_at)
