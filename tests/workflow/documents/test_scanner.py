"""The virus scanner, when there is one: clean passes, infected does not, and without a verdict nothing does."""

import io
import secrets
from collections.abc import AsyncIterator

import pytest

from secor_workflow.documents.scanner import MalwareFoundError, Scanner, ScannerAwayError
from workflow.documents.clamd import EICAR_LIKE, Clamd

CLEAN = secrets.token_bytes(100_000)
INFECTED = CLEAN + EICAR_LIKE


@pytest.fixture
async def clamd() -> AsyncIterator[Clamd]:
    async with Clamd() as running:
        yield running


async def test_a_clean_file_passes_and_was_looked_at_whole(clamd: Clamd) -> None:
    file = io.BytesIO(CLEAN)
    file.read()  # wherever it was read to
    await Scanner(clamd.address).scan(file)
    assert clamd.scanned == [CLEAN]


async def test_an_infected_file_is_refused_by_its_name(clamd: Clamd) -> None:
    with pytest.raises(MalwareFoundError, match=r"Tests\.Virus"):
        await Scanner(clamd.address).scan(io.BytesIO(INFECTED))


@pytest.mark.parametrize("mood", ["slow", "silent", "full"])
async def test_without_a_verdict_nothing_passes(clamd: Clamd, mood: str) -> None:
    clamd.mood = mood
    with pytest.raises(ScannerAwayError):
        await Scanner(clamd.address, patience_seconds=0.2).scan(io.BytesIO(CLEAN))


async def test_a_scanner_that_is_away_is_said_to_be(clamd: Clamd) -> None:
    scanner = Scanner(clamd.address)
    await scanner.ready()
    await clamd.leave()
    with pytest.raises(ScannerAwayError):
        await scanner.ready()
    with pytest.raises(ScannerAwayError):
        await scanner.scan(io.BytesIO(CLEAN))


async def test_without_an_address_it_is_off() -> None:
    scanner = Scanner("")
    assert not scanner.on
    await scanner.scan(io.BytesIO(INFECTED))
    await scanner.ready()


async def test_a_socket_of_this_machine_may_be_named() -> None:
    scanner = Scanner("/run/there/is/no.socket")
    assert scanner.on
    with pytest.raises(ScannerAwayError):
        await scanner.ready()


@pytest.mark.parametrize("address", ["somewhere", ":3310", "host:", "host:port"])
def test_an_address_that_is_none_stops_the_process_at_start(address: str) -> None:
    with pytest.raises(ValueError, match="WORKFLOW_CLAMD must be host:port or the path of a socket"):
        Scanner(address)
