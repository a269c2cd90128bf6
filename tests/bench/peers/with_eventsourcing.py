"""A peer that promises much the same: pyeventsourcing in FastAPI on PostgreSQL, one aggregate event per request."""

# Its library stands in the peers' own environment, where nobody checks types.
# mypy: disable-error-code="import-not-found, misc, untyped-decorator, no-any-return"

from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.requests import Request
from fastapi.responses import JSONResponse

from secor_workflow.domain.commands import NameChampion, RegisterEmployer


class Certification(Aggregate):
    @event("Registered")
    def __init__(self, legal_name: str, account: str, headcount: str) -> None:
        self.legal_name, self.account, self.headcount = legal_name, account, headcount
        self.champion: str | None = None

    @event("ChampionNamed")
    def name_champion(self, name: str, employment: str) -> None:
        self.champion, self.employment = name, employment


class Certifications(Application[UUID]):
    def register(self, wish: RegisterEmployer) -> UUID:
        employer = wish.employer
        case = Certification(employer.legal_name, employer.worksafebc_account, str(employer.headcount))
        self.save(case)
        return case.id

    def name_champion(self, case_id: UUID, wish: NameChampion) -> int:
        case: Certification = self.repository.get(case_id)
        case.name_champion(wish.person.name, wish.employment)
        self.save(case)
        return case.version


app = FastAPI()
certifications = Certifications()


@app.post("/v1/cases")
async def register(request: Request) -> JSONResponse:
    wish = RegisterEmployer.model_validate_json(await request.body())
    case_id = await run_in_threadpool(certifications.register, wish)
    return JSONResponse({"id": str(case_id)}, status_code=201, headers={"Location": f"/v1/cases/{case_id}"})


@app.post("/v1/cases/{case_id}/commands/name-champion")
async def name_champion(case_id: UUID, request: Request) -> JSONResponse:
    wish = NameChampion.model_validate_json(await request.body())
    version = await run_in_threadpool(certifications.name_champion, case_id, wish)
    return JSONResponse({"version": version})
