"""Registers an employer, names its champion and hands in a file, with the generated client; all may be sent twice."""

import json
import os
import sys
from io import BytesIO
from typing import TypeVar
from uuid import UUID

from secor_client import AuthenticatedClient
from secor_client.api.cases import register_employer
from secor_client.api.commands import declare_sms, name_champion
from secor_client.api.documents import add_document, read_document_content
from secor_client.api.feed import read_feed
from secor_client.models import (
    CaseDocumentView,
    DeclareSms,
    DocumentForm,
    Employer,
    NameChampion,
    NameChampionEmployment,
    NameChampionResponse200,
    Person,
    ProblemView,
    RegisterEmployer,
    RegisterEmployerResponse201,
)
from secor_client.types import File

T = TypeVar("T")
A_MAP = b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"


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


def hand_in(client: AuthenticatedClient, case_id: UUID) -> CaseDocumentView:
    file = File(payload=BytesIO(A_MAP), file_name="map.pdf", mime_type="application/pdf")
    answer = add_document.sync(case_id, client=client, body=DocumentForm(kind="supporting", file=file))
    return expect(CaseDocumentView, answer)


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
        document = hand_in(client, case_id)
        same = hand_in(client, case_id).document_id == document.document_id
        back = read_document_content.sync(case_id, document.document_id, client=client)
        feed = read_feed.sync(client=client, case_id=case_id)
        told = {
            "case_id": str(case_id),
            "same_case_again": again.case.case_id == case_id,
            "refused": early.code,
            "state": named.case.state,
            "named": named.event.data.fact.employment,
            "document": document.media_type,
            "same_document_again": same,
            "same_bytes_back": expect(File, back).payload.read() == A_MAP,
            "feed": [event.type_ for event in expect(list, feed)],
        }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
