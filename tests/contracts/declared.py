"""What the committed OpenAPI documents declare: every answer in the tests is held to it, and all that came is kept."""

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs

CONTRACTS = Path(__file__).parents[2] / "contracts"


@dataclass(frozen=True)
class Operation:
    """One operation as it is declared."""

    name: str
    method: str
    path: str
    told: dict[str, Any]
    pattern: re.Pattern[str]

    @property
    def statuses(self) -> set[int]:
        return {int(status) for status in self.told["responses"]}


@dataclass
class Contract:
    """One service's document."""

    name: str
    produced: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """The statuses that each operation answered with, in all tests so far."""

    def __post_init__(self) -> None:
        self.document: dict[str, Any] = json.loads((CONTRACTS / f"{self.name}.openapi.json").read_text("utf-8"))
        self.operations = [
            Operation(told["operationId"], method.upper(), path, told, _pattern(path))
            for path, methods in self.document["paths"].items()
            for method, told in methods.items()
        ]
        self.validator = cache(self._validator)

    def operation(self, request: httpx.Request) -> Operation | None:
        """The operation that a request is for; of two paths that fit, the one with fewer parameters."""
        fitting = [
            one for one in self.operations if one.method == request.method and one.pattern.fullmatch(request.url.path)
        ]
        return min(fitting, key=lambda one: one.path.count("{"), default=None)

    def holds(self, answer: httpx.Response) -> None:
        """The answer's status, media type, headers and body are declared."""
        operation = self.operation(answer.request)
        if operation is None or _not_served(answer):
            return
        assert answer.status_code in operation.statuses, f"{operation.name} does not declare {answer.status_code}"
        self.produced[operation.name].add(answer.status_code)
        declared = operation.told["responses"][str(answer.status_code)]
        for name, header in declared.get("headers", {}).items():
            told = self.document["components"]["headers"][header["$ref"].rpartition("/")[2]]
            assert name in answer.headers or not told.get("required"), f"{operation.name} gives no {name}"
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        if declared.get("content") and answer.content:
            assert media_type in declared["content"], f"{operation.name} does not declare {media_type}"
            if media_type.endswith("json") and not media_type.endswith("ndjson"):
                schema = declared["content"][media_type].get("schema", {})
                self.validator(json.dumps(schema)).validate(answer.json())

    def _validator(self, schema: str) -> jsonschema_rs.Draft202012Validator:
        """Compiled once for all operations that answer alike."""
        whole = {**json.loads(schema), "components": self.document["components"]}
        return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(
        "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{.*?\})", path))
    )


def _not_served(answer: httpx.Response) -> bool:
    """A service that is no sandbox has no clock."""
    return answer.status_code == httpx.codes.NOT_FOUND and "/sandbox/" in answer.request.url.path


WORKFLOW, NOTIFIER = Contract("workflow"), Contract("notifier")
