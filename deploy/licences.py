"""What both services are built on: every locked dependency with its version and licence, and whether we may use it."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"

FREE = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "Zlib"}
"""Nothing follows from using these for what is built on them. MPL-2.0 binds changes to its own files alone."""
SPOKEN = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""How older packages say it."""
LOOKED_UP = {"python-dateutil": "Apache-2.0 OR BSD-3-Clause"}
"""What a package says in words, read by one of us in its licence file."""
PLACE = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.11.0",
    "python_version": "3.11",
    "sys_platform": "linux",
}
"""Where the page is true; the same page wherever it is written."""
PAGE = """# Licences

<!-- Written by `make contracts` from `requirements.lock` and what the packages say of themselves. -->

Every dependency of the two services, at the version that `requirements.lock` pins for Linux and Python 3.11. A test
fails when one has no licence that we know, or one that binds what is built on it (GPL, AGPL, SSPL and the like).

| package | version | licence |
|---|---|---|
{rows}
"""


@dataclass(frozen=True, order=True)
class Dependency:
    """A package that is installed with a service."""

    name: str
    version: str
    licence: str

    @property
    def free(self) -> bool:
        """Whether one of the licences it may be taken under binds us to nothing."""
        return any({*re.findall(r"[\w.+-]+", choice)} - {"AND"} <= FREE for choice in re.split(r"\bOR\b", self.licence))


def licences_page() -> str:
    """The page of all of them."""
    rows = "\n".join(f"| {one.name} | {one.version} | {one.licence} |" for one in locked())
    return PAGE.format(rows=rows)


def locked(lock: Path = LOCK) -> Iterator[Dependency]:
    """What a lock names for that place."""
    for line in lock.read_text("utf-8").splitlines():
        if "==" in line and not line.startswith((" ", "#")):
            wanted = Requirement(line.removesuffix("\\").strip())
            if wanted.marker is None or wanted.marker.evaluate(PLACE):
                yield Dependency(wanted.name, str(wanted.specifier).removeprefix("=="), licence_of(wanted.name))


def licence_of(name: str) -> str:
    """What a package says its licence is, as an SPDX expression where it can be had."""
    told = metadata(name)
    short = (told["License"] or "").strip()
    spoken = sorted(
        {c.rpartition(" :: ")[2] for c in told.get_all("Classifier") or () if c.startswith("License :: OSI Approved")}
    )
    if found := told["License-Expression"] or LOOKED_UP.get(name):
        return found
    if short and "\n" not in short:
        return SPOKEN.get(short, short)
    return " AND ".join(SPOKEN.get(one, one) for one in spoken) or "unknown"


def main() -> int:
    """1, and a line for each, if a dependency has a licence that we do not take."""
    wrong = [one for one in locked() if not one.free]
    for one in wrong:
        print(f"{one.name} {one.version}: {one.licence}")
    return len(wrong) > 0


if __name__ == "__main__":
    sys.exit(main())
