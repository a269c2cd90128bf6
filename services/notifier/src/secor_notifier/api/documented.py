"""How the OpenAPI document tells of problems."""

from typing import Any

from pydantic import BaseModel, Field

from secor_notifier.api.problems import MEANINGS


class Place(BaseModel):
    pointer: str
    detail: str


class ProblemShape(BaseModel):
    """RFC 9457, with a code that programs may rely on."""

    type: str = Field(examples=["/problems/not_found"])
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str | None
    errors: list[Place]


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These statuses as responses of a route, each with the codes it may carry."""
    return {
        status: {
            "description": ", ".join(code for code, meaning in MEANINGS.items() if meaning.status == status),
            "content": {"application/problem+json": {"schema": ProblemShape.model_json_schema()}},
        }
        for status in statuses
    }
