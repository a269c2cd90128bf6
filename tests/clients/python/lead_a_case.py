"""Registers an employer and names its champion, with the generated client; every request may be sent twice."""

import json
import os
import sys
from typing import TypeVar
from uuid import UUID

from secor_client import AuthenticatedClient
from secor_client.api.cases import register_employer
from secor_client.api.commands import declare_sms, name_champion
from secor_client.api.feed import read_feed
from secor_client.models import (
    DeclareSms,
    Employer,
    NameChampion,
    NameChampionEmployment,
    NameChampionResponse200,
    Person,
    ProblemView,
    RegisterEmployer,
    RegisterEmployerResponse201,
)

T = TypeVar("T")


def register(client: AuthenticatedClient, account: str) -> RegisterEmployerResponse201:
    body = RegisterEmployer(
        employer=Employer(
            legal_name="Larch House Ltd.",
            worksafebc_account=account,
            classification_units=["761035"],
            headcount=7.5,
        ),
        contact=Person(name="Grace Reed", email="grace@example.org"),
        terms_accepted=True,
    )
    answer = register_employer.sync(client=client, body=body, idempotency_key=f"register-{account}")
    return expect(RegisterEmployerResponse201, answer)


def name(client: AuthenticatedClient, case_id: UUID, version: int) -> NameChampionResponse200:
    person = Person(name="Robin Marsh", email="robin@example.org")
    body = NameChampion(person=person, employment=NameChampionEmployment.PERMANENT)
    answer = name_champion.sync(case_id, client=client, body=body, if_match=f'"{version}"')
    return expect(NameChampionResponse200, answer)


def expect(kind: type[T], answer: object) -> T:
    """The answer as the kind it should be; a problem says what it is."""
    if not isinstance(answer, kind):
        raise SystemExit(f"{answer.code}: {answer.detail}" if isinstance(answer, ProblemView) else str(answer))
    return answer


def main(account: str) -> None:
    with AuthenticatedClient(base_url=os.environ["WORKFLOW_URL"], token=os.environ["WORKFLOW_KEY"]) as client:
        registered = register(client, account)
        again = register(client, account)
        case_id = registered.case.case_id
        early = expect(ProblemView, declare_sms.sync(case_id, client=client, body=DeclareSms()))
        named = name(client, case_id, registered.case.version)
        feed = read_feed.sync(client=client, case_id=case_id)
        told = {
            "case_id": str(case_id),
            "same_case_again": again.case.case_id == case_id,
            "refused": early.code,
            "state": named.case.state,
            "named": named.event.data.fact.employment,
            "feed": [event.type_ for event in expect(list, feed)],
        }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
