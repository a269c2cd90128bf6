"""The floor: a FastAPI POST that parses the same body with the same model, and does nothing."""

from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from secor_workflow.domain.commands import NameChampion, RegisterEmployer

app = FastAPI()


@app.post("/v1/cases")
async def register(request: Request) -> JSONResponse:
    wish = RegisterEmployer.model_validate_json(await request.body())
    location = {"Location": f"/v1/cases/{uuid4()}"}
    return JSONResponse({"legal_name": wish.employer.legal_name}, status_code=201, headers=location)


@app.post("/v1/cases/{case_id}/commands/name-champion")
async def name_champion(case_id: str, request: Request) -> JSONResponse:
    wish = NameChampion.model_validate_json(await request.body())
    return JSONResponse({"case_id": case_id, "employment": wish.employment})
