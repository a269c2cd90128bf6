"""The feed as AsyncAPI 3: its channels, and every event that they carry."""

from typing import Any

from pydantic.json_schema import models_json_schema

from secor_workflow.domain.events import FACTS
from secor_workflow.log.envelope import full_type, model_of, opened

REF = "#/components/schemas/{model}"

ABOUT = """What happens to certification cases, as CloudEvents 1.0. Consumers ignore fields and event types that they do
not know. No personal data: people are ids."""

CHANNELS = {
    "feed": (
        "/v1/events",
        "The feed",
        """Every event of every case, oldest first, with no gap: as CloudEvents batches, as NDJSON up to the head, or
live as server-sent events, by `Accept`. Resume with `after` or `Last-Event-ID`.""",
    ),
    "fixedPages": (
        "/v1/events/pages/{number}",
        "Fixed pages",
        "Page n holds positions (n - 1) x 1,000 + 1 to n x 1,000. A full page never changes.",
    ),
    "history": ("/v1/cases/{caseId}/events", "A case's history", "The events of one case, oldest first."),
}
PARAMETERS = {
    "number": {"description": "1 holds positions 1 to 1,000."},
    "caseId": {"description": "The id of a case."},
}


def asyncapi() -> dict[str, Any]:
    """The whole document, made from the facts."""
    models = {name: model_of(name) for name in FACTS}
    references, definitions = models_json_schema(
        [(model, "serialization") for model in models.values()], ref_template=REF
    )
    messages = {
        name: {
            "name": full_type(name),
            "title": name,
            "summary": FACTS[name].__doc__,
            "contentType": "application/json",
            "payload": references[model, "serialization"],
        }
        for name, model in models.items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "SECOR events",
            "version": "1.0.0",
            "description": ABOUT,
            "license": {"name": "Proprietary"},
            "contact": {"name": "go2HR", "url": "https://www.go2hr.ca"},
            "tags": [{"name": "feed", "description": "The append-only log over HTTP."}],
        },
        "defaultContentType": "application/json",
        "servers": {
            "workflow": {
                "host": "{host}",
                "protocol": "http",
                "description": "The workflow service.",
                "security": [{"$ref": "#/components/securitySchemes/apiKey"}],
                "variables": {"host": {"default": "127.0.0.1:8000", "description": "Where the workflow listens."}},
            }
        },
        "channels": {name: _channel(name, messages) for name in CHANNELS},
        "operations": {
            f"read{name[0].upper()}{name[1:]}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{name}"},
                "summary": f"The workflow gives out events: {CHANNELS[name][1].lower()}.",
                "description": CHANNELS[name][2],
                "messages": [{"$ref": f"#/channels/{name}/messages/{message}"} for message in messages],
            }
            for name in CHANNELS
        },
        "components": {
            "messages": messages,
            "schemas": opened(definitions["$defs"]),
            "securitySchemes": {
                "apiKey": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer <API key>`"}
            },
        },
    }


def _channel(name: str, messages: dict[str, Any]) -> dict[str, Any]:
    address, title, description = CHANNELS[name]
    channel: dict[str, Any] = {
        "address": address,
        "title": title,
        "description": description,
        "messages": {message: {"$ref": f"#/components/messages/{message}"} for message in messages},
    }
    if parameters := {key: value for key, value in PARAMETERS.items() if f"{{{key}}}" in address}:
        channel["parameters"] = parameters
    return channel
