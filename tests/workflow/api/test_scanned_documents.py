"""With a virus scanner: what it knows as malware is never kept, and nothing goes out that it has not looked at."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workflow.api.caller import refused
from workflow.api.life import a_life
from workflow.api.service import Service
from workflow.documents.clamd import EICAR_LIKE, Clamd
from workflow.files import pdf

INFECTED = pdf(EICAR_LIKE.decode())


@contextmanager
def a_clamd() -> Iterator[Clamd]:
    """It runs in a thread of its own, as the service does."""
    loop, clamd = asyncio.new_event_loop(), Clamd()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(clamd.__aenter__(), loop).result(10)
    try:
        yield clamd
    finally:
        asyncio.run_coroutine_threadsafe(clamd.leave(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture
def clamd() -> Iterator[Clamd]:
    with a_clamd() as running:
        yield running


def test_malware_is_refused_and_nothing_of_it_kept(tmp_path: Path, clamd: Clamd) -> None:
    kept = tmp_path / "kept"
    with Service(f"sqlite:///{tmp_path / 'workflow.db'}", documents_url=kept.as_uri(), clamd=clamd.address) as service:
        life = a_life(service, "Registered")

        refused(life.hand_in("supporting", INFECTED), 422, "malware_found")
        clamd.mood = "silent"
        refused(life.hand_in("supporting", pdf()), 503, "unavailable")
        assert [path for path in kept.rglob("*") if path.is_file()] == []
        assert life.case()["version"] == 1

        clamd.mood = "well"
        document = life.document("supporting", pdf())
        assert life.employer.get(document["content"]).content == pdf()
        assert clamd.scanned[-1] == pdf()


def test_what_came_before_the_scanner_is_looked_at_before_it_goes_out(tmp_path: Path, clamd: Clamd) -> None:
    places = {"database_url": f"sqlite:///{tmp_path / 'workflow.db'}", "documents_url": (tmp_path / "kept").as_uri()}
    with Service(**places) as without:
        life = a_life(without, "Registered")
        good, bad = life.document("supporting", pdf()), life.document("supporting", INFECTED)
    with Service(**places, clamd=clamd.address) as service:
        assert service.staff.get(good["content"]).content == pdf()
        refused(service.staff.get(bad["content"]), 409, "document_infected")
        refused(service.staff.get(bad["content"], headers={"Range": "bytes=0-9"}), 409, "document_infected")
        assert service.staff.read(bad["content"].removesuffix("/content"))["kind"] == "supporting"
