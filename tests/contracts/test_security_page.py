"""The threat model points at code, tests and pages that there are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("docs/security.md", "SECURITY.md")


@pytest.mark.parametrize("page", PAGES)
def test_what_it_points_at_is_there(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    named = re.findall(r"`((?:tests|services|deploy|docs)/[^`\s]+)`", text)
    linked = [target.partition("#")[0] for target in re.findall(r"\]\(([^)]+)\)", text)]

    missing = [path for path in named if not (ROOT / path).exists()]
    missing += [path for path in linked if path and not (ROOT / page).parent.joinpath(path).exists()]

    assert missing == []
    assert len(named) + len(linked) > 4


def test_every_flow_is_gone_through() -> None:
    text = (ROOT / PAGES[0]).read_text("utf-8")
    for chapter in ("REST", "Tokens", "Documents", "notifier", "outwards", "operator", "Backups"):
        assert re.search(rf"^## .*{chapter}", text, re.MULTILINE), chapter
