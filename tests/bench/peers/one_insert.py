"""A peer that promises little: a FastAPI POST with the same body model, and one INSERT of it into a plain table."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import asyncpg
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from secor_workflow.domain.commands import NameChampion, RegisterEmployer

TABLE = "CREATE TABLE IF NOT EXISTS told (id bigserial PRIMARY KEY, case_id uuid, type text, body text)"
INSERT = "INSERT INTO told (case_id, type, body) VALUES ($1, $2, $3) RETURNING id"


@asynccontextmanager
async def with_pool(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["BENCH_DATABASE"], min_size=20, max_size=20) as pool:
        await pool.execute(TABLE)
        app.state.pool = pool
        yield


app = FastAPI(lifespan=with_pool)


@app.post("/v1/cases")
async def register(request: Request) -> JSONResponse:
    raw = await request.body()
    RegisterEmployer.model_validate_json(raw)
    case_id = uuid4()
    number = await app.state.pool.fetchval(INSERT, case_id, "RegisterEmployer", raw.decode())
    return JSONResponse({"id": number}, status_code=201, headers={"Location": f"/v1/cases/{case_id}"})


@app.post("/v1/cases/{case_id}/commands/name-champion")
async def name_champion(case_id: UUID, request: Request) -> JSONResponse:
    raw = await request.body()
    NameChampion.model_validate_json(raw)
    number = await app.state.pool.fetchval(INSERT, case_id, "NameChampion", raw.decode())
    return JSONResponse({"id": number})
