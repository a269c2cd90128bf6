"""The numbers of webhooks, read from policy.toml."""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

PACKAGED = Path(__file__).with_name("policy.toml")
Whole = Annotated[int, Field(ge=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Delivery(_Strict):
    pauses_seconds: tuple[Whole, ...] = Field(min_length=1)
    jitter: float = Field(ge=0, le=1)
    answer_seconds: Whole
    answer_bytes: Whole
    keep_days: Whole


class _Endpoint(_Strict):
    longest_pause_seconds: Whole
    disable_after_hours: Whole
    disable_after_failures: Whole
    turn_seconds: Whole
    at_most: Whole
    overlap_hours: Whole


class _File(_Strict):
    delivery: _Delivery
    endpoint: _Endpoint


@dataclass(frozen=True)
class WebhookPolicy:
    """How long to wait, how often to try, when to give up."""

    pauses: tuple[timedelta, ...]
    jitter: float
    answer_within: timedelta
    answer_bytes: int
    keep: timedelta
    longest_pause: timedelta
    disable_after: timedelta
    disable_after_failures: int
    turn: timedelta
    at_most: int
    overlap: timedelta

    @classmethod
    def read(cls, path: Path = PACKAGED) -> Self:
        file = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
        return cls(
            pauses=tuple(timedelta(seconds=seconds) for seconds in file.delivery.pauses_seconds),
            jitter=file.delivery.jitter,
            answer_within=timedelta(seconds=file.delivery.answer_seconds),
            answer_bytes=file.delivery.answer_bytes,
            keep=timedelta(days=file.delivery.keep_days),
            longest_pause=timedelta(seconds=file.endpoint.longest_pause_seconds),
            disable_after=timedelta(hours=file.endpoint.disable_after_hours),
            disable_after_failures=file.endpoint.disable_after_failures,
            turn=timedelta(seconds=file.endpoint.turn_seconds),
            at_most=file.endpoint.at_most,
            overlap=timedelta(hours=file.endpoint.overlap_hours),
        )
