"""What is sent to erase something for good."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from secor_workflow.domain.in_the_open import FROM_A_CALLER, personal_data_in
from secor_workflow.domain.values import Line, Requester


def _names_nobody(reason: str, info: ValidationInfo) -> str:
    """What is said of an erasure outlives what was erased: it would bring an address back."""
    if info.context == FROM_A_CALLER and (found := personal_data_in(reason)):
        raise PydanticCustomError(
            "personal_data",
            "There is {found} in it, and it outlives the erasure. Say why without it.",
            {"found": found},
        )
    return reason


class EraseRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    reason: Annotated[Line, AfterValidator(_names_nobody)] = Field(
        examples=["The person asked for it."], description="Why; it is kept, so do not name the person in it."
    )


class ErasePersonRequest(EraseRequest):
    """Why somebody is to be erased, and on whose behalf."""

    requested_by: Requester = Field(
        default="person",
        description="Who asked for it: the person, the employer, an authority, or our own rules of retention.",
    )
