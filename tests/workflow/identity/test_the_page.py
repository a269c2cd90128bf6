"""The settings on the page about signing in are settings that the service takes."""

import json
import re
from pathlib import Path

import pytest

from secor_workflow.settings import Settings

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "sign-in-with-oidc.md"
BLOCKS = re.findall(r"```json\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: json.loads(block)[0]["issuer"].split("/")[2])
def test_the_settings_on_the_page_are_taken(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKFLOW_OIDC", block)

    (provider,) = Settings().oidc

    assert provider.issuer in block


def test_both_providers_stand_on_the_page() -> None:
    assert len(BLOCKS) == 2
