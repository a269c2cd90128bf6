"""`/readyz` tells of store and scanner; without them the service goes on with all that does not need them."""

import shutil
from pathlib import Path

import pytest

from workflow.api.service import Service


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    return tmp_path / "documents"


def served(tmp_path: Path, documents: Path, clamd: str = "") -> Service:
    return Service(f"sqlite:///{tmp_path / 'workflow.db'}", documents_url=documents.as_uri(), clamd=clamd)


def test_a_store_that_is_away_degrades_the_service_and_does_not_stop_it(tmp_path: Path, documents: Path) -> None:
    with served(tmp_path, documents) as service:
        assert service.nobody.read("/readyz")["checks"]["documents"] == "ok"
        shutil.rmtree(documents)
        ready = service.nobody.read("/readyz")
        assert (ready["status"], ready["checks"]["documents"]) == ("degraded", "does not answer")
        assert service.staff.read("/v1/cases")["items"] == []


def test_so_does_a_scanner_that_is_away(tmp_path: Path, documents: Path) -> None:
    with served(tmp_path, documents, clamd="127.0.0.1:1") as service:
        ready = service.nobody.read("/readyz")
        assert (ready["status"], ready["checks"]["scanner"]) == ("degraded", "does not answer")
