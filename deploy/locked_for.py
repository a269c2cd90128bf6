"""The part of requirements.lock that one service needs, so that its image holds nothing of the other's."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def part_of(lock: str, wanted: str) -> str:
    """The pinned packages, hashes included, that `wanted` asks for, or that those ask for.

    The lock says beside each package which others want it; that is followed from the service down.
    """
    blocks = {NAME.match(block)[0]: block for block in re.split(r"\n(?=\S)", lock.strip())}  # type: ignore[index]  # each begins with its name
    askers = {name: _askers(block) for name, block in blocks.items()}
    needed = _reached(askers, wanted)
    return "\n".join(block for name, block in blocks.items() if name in needed) + "\n"


def _askers(block: str) -> set[str]:
    """Who wants a package, as the lines behind `# via` tell."""
    told = block.partition("# via")[2]
    return {found[0] for line in told.splitlines() if (found := NAME.search(line.removeprefix("    #")))}


def _reached(askers: Mapping[str, set[str]], wanted: str) -> set[str]:
    reached = {wanted}
    while more := {name for name, by in askers.items() if name not in reached and by & reached}:
        reached |= more
    return reached


if __name__ == "__main__":
    sys.stdout.write(part_of(Path(sys.argv[2]).read_text("utf-8"), sys.argv[1]))
