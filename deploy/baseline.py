"""Compares contracts/ with contracts/baseline/, the contract of the last release; `--release` moves the baseline."""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from breaking import breaks
from breaking_schemas import Json, Pair

CONTRACTS = Path(__file__).parents[1] / "contracts"
BASELINE = CONTRACTS / "baseline"
APIS = ("workflow.openapi.json", "notifier.openapi.json")


def broken(old: Path, new: Path) -> Iterator[str]:
    """Every promise of the contract in one folder that the one in the other no longer keeps."""
    for name in APIS:
        yield from (f"{name}: {sentence}" for sentence in breaks(_read(old / name), _read(new / name)))
    for path in sorted((old / "events").glob("*.json")):
        name, now = f"events/{path.name}", new / "events" / path.name
        if now.exists():
            before, after = _read(path), _read(now)
            yield from (f"{name}: {found}" for found in Pair("read", before, after).breaks(before, after, ""))
        else:
            yield f"{name}: the event is gone"


def release() -> None:
    """From here on the contract as it stands is the promise."""
    shutil.rmtree(BASELINE, ignore_errors=True)
    BASELINE.mkdir()
    for name in APIS:
        shutil.copy(CONTRACTS / name, BASELINE)
    shutil.copytree(CONTRACTS / "events", BASELINE / "events")


def _read(path: Path) -> Json:
    return json.loads(path.read_text("utf-8"))


def main() -> int:
    found = list(broken(BASELINE, CONTRACTS)) if BASELINE.exists() else []
    for sentence in found:
        print(sentence)
    if found:
        print(f"{len(found)} breaking changes since the last release: within v1 the contract only grows.")
    elif "--release" in sys.argv:
        release()
        print("contracts/baseline/ is the contract as it stands.")
    return len(found) > 0


if __name__ == "__main__":
    sys.exit(main())
