"""The notifier asks the workflow who comes, be it with a key or a token, and soon hears that a credential has ended."""

from collections.abc import AsyncIterator

import pytest

from secor_notifier.workflow.client import WorkflowClient
from secor_notifier.workflow.identity import KEEP_SECONDS, Caller, Identity, Unknown
from secor_workflow.main import CREDENTIAL_REFRESH_SECONDS
from workflow.api.service import Service
from workflow.identity.provider import Provider


@pytest.fixture
async def identity(service: Service) -> AsyncIterator[Identity]:
    client = WorkflowClient(service.url, service.notifier.key or "")
    yield Identity(client)
    await client.close()


async def test_a_token_s_bearer_is_known_as_the_workflow_knows_it(
    identity: Identity, service: Service, provider: Provider
) -> None:
    token = provider.token(realm_access={"roles": ["secor-employer"]}, worksafebc_account="201001")

    caller = await identity.who(token)

    assert isinstance(caller, Caller)
    assert (caller.role, caller.worksafebc_account) == ("employer", "201001")
    assert caller.actor_id == service.caller(token).read("/v1/me")["actor_id"]


async def test_a_wrong_credential_is_nobody_and_not_asked_for_again_at_once(
    identity: Identity, service: Service, provider: Provider
) -> None:
    wrong = provider.token(aud="somebody else")
    for _ in range(20):
        nobody = await identity.who(wrong)
        assert isinstance(nobody, Unknown)
        assert nobody.code == "token_invalid"

    told = service.admin.read("/v1/refusals", operation="read_me", code="token_invalid")["items"]

    assert sum(line["times"] for line in told) == 1


def test_a_revocation_has_reached_the_notifier_within_a_minute() -> None:
    assert KEEP_SECONDS + CREDENTIAL_REFRESH_SECONDS < 60
