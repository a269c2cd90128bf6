"""The notifier may come to the workflow with tokens of a provider instead of a key, and renews them in time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from notifier.serving import Serving
from secor_notifier.workflow.client import WorkflowAwayError, WorkflowClient
from secor_notifier.workflow.own_credential import ClientCredentials


@dataclass
class Both:
    """A provider that numbers its tokens, and a workflow that tells with which it was asked."""

    lasts: float = 300.0
    away: bool = False
    refused: set[str] = field(default_factory=set)
    forms: list[dict[str, list[str]]] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/token", self.token, methods=["POST"]), Route("/v1/me", self.me)])

    async def token(self, request: Request) -> Response:
        self.forms.append(parse_qs((await request.body()).decode()))
        if self.away:
            return JSONResponse({"error": "temporarily_unavailable"}, 400)
        return JSONResponse({"access_token": f"token-{len(self.forms)}", "expires_in": self.lasts})

    async def me(self, request: Request) -> Response:
        shown = request.headers["authorization"].removeprefix("Bearer ")
        return JSONResponse(shown, 401 if shown in self.refused else 200)


@pytest.fixture
def both() -> Both:
    return Both()


@pytest.fixture
async def client(both: Both) -> AsyncIterator[WorkflowClient]:
    with Serving(both.app()) as served:
        client = WorkflowClient(served.url, ClientCredentials(f"{served.url}/token", "notifier", "hunter2", "secor"))
        yield client
        await client.close()


async def shown(client: WorkflowClient, key: str | None = None) -> str:
    told: str = (await client.ask("/v1/me", key=key)).json()
    return told


async def test_one_token_serves_as_long_as_it_lasts(both: Both, client: WorkflowClient) -> None:
    assert [await shown(client) for _ in range(3)] == ["token-1"] * 3
    assert both.forms == [
        {
            "grant_type": ["client_credentials"],
            "client_id": ["notifier"],
            "client_secret": ["hunter2"],
            "scope": ["secor"],
        }
    ]


async def test_one_that_is_about_to_end_is_renewed_first(both: Both, client: WorkflowClient) -> None:
    both.lasts = 0.000_001

    assert [await shown(client) for _ in range(3)] == ["token-1", "token-2", "token-3"]


async def test_one_that_is_refused_is_not_shown_twice(both: Both, client: WorkflowClient) -> None:
    both.refused = {"token-1"}
    with pytest.raises(WorkflowAwayError, match="401"):
        await client.ask_ours("/v1/me")

    assert await shown(client) == "token-2"


async def test_without_a_token_the_workflow_counts_as_away(both: Both, client: WorkflowClient) -> None:
    both.away = True
    with pytest.raises(WorkflowAwayError, match="NoTokenError"):
        await shown(client)
    both.away = False

    assert await shown(client) == "token-2"


async def test_a_caller_s_credential_goes_as_it_is(both: Both, client: WorkflowClient) -> None:
    assert await shown(client, "of a caller") == "of a caller"
    assert both.forms == []


def test_the_secret_is_not_told() -> None:
    assert "hunter2" not in repr(ClientCredentials("https://login.example/token", "notifier", "hunter2"))
