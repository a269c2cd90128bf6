"""A letter's version is another as soon as a word or its look may be, and no sooner."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import secor_notifier
from notifier.letters.examples import ALL, letter
from secor_notifier.domain.letters import UnwritableError, template_version
from secor_notifier.domain.letters.fault import Place

PACKAGE = Path(secor_notifier.__file__).parent
FILES = [
    "templates/welcome.j2",
    "templates/letter.j2",
    "templates/page.html",
    "templates/page.txt",
    "templates/letter.css",
    "deadlines.toml",
    "contact.toml",
    "locale/fr_CA/LC_MESSAGES/letters.po",
]
# Prints the versions of two letters, as they are and after one more line in each of the files named.
VERSIONS = """
import sys
from pathlib import Path
from secor_notifier.domain import letters
from secor_notifier.domain.letters import template_version

def tell():
    template_version.cache_clear()
    print(template_version("welcome"), template_version("gaps"))

tell()
for name in sys.argv[1:]:
    file = Path(letters.__file__).parent / name
    kept = file.read_bytes()
    file.write_bytes(kept + b"\\n")
    tell()
    file.write_bytes(kept)
"""


def test_each_letter_has_its_own() -> None:
    versions = [template_version(name) for name in ALL]

    assert all(re.fullmatch(r"[0-9a-f]{12}", version) for version in versions)
    assert len({*versions}) == len(versions)


def test_it_follows_every_file_that_a_letter_is_made_of(tmp_path: Path) -> None:
    """In a copy of the package: other tests write letters at the same time."""
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-c", VERSIONS, *FILES],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    before, *after = (line.split() for line in done.stdout.splitlines())

    for file, (welcome, gaps) in zip(FILES, after, strict=True):
        assert welcome != before[0], file
        assert (gaps == before[1]) == (file == "templates/welcome.j2"), file


@pytest.mark.parametrize(
    ("name", "changes", "place"),
    [
        ("certificate_issued", {"fact": {}}, Place("certificate_issued.j2", 4)),
        ("qa_passed", {"fact": {"overall": {"earned": 1, "available": 0}}}, Place("qa_passed.j2", 6)),
        ("deadline_reminder", {"case": None}, None),
        ("unheard_of", {}, None),
    ],
)
def test_a_letter_that_cannot_be_written_names_the_template_and_the_line(
    name: str, changes: dict[str, object], place: Place | None
) -> None:
    with pytest.raises(UnwritableError) as caught:
        letter(name, **changes)

    assert caught.value.place == place
    assert name in caught.value.reason
    if place:
        assert f"template {place.template}, line {place.line}." in caught.value.reason
