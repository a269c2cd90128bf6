"""Brings the letters' catalogues up to date with the templates: new sentences stand there empty, for a translator."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from secor_notifier.domain import letters
from secor_notifier.domain.letters.language import DOMAIN, SOURCE, catalogue, languages
from secor_notifier.domain.letters.wording import sentences

HOME = Path(letters.__file__).parent
METHODS = [("templates/**", "jinja2.ext:babel_extract"), ("*.py", "python")]
OPTIONS = {"templates/**": {"trimmed": "true", "silent": "false"}}
# What a translator reads first; without the names and dates that would change it on each run.
HEADER = """\
# What letters say in one more language. `deploy/catalogues.py` adds new sentences, empty: a letter in which one is
# still empty goes out in English. In French a space before : ; ? and inside « » is one that must not break (U+00A0).
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plural_forms}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
KEYWORDS = {"_": None, "say": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}


def updated(tag: str) -> bytes:
    """The catalogue of one language as it should stand: every sentence of today, with what is translated of it."""
    found = catalogue(tag)
    found.update(_template(), no_fuzzy_matching=True)
    found.obsolete.clear()
    written = BytesIO()
    write_po(written, found, width=0, no_location=True, omit_header=True)
    header = HEADER.format(language=tag.replace("-", "_"), plural_forms=found.plural_forms)
    return header.encode() + written.getvalue().strip(b"\n") + b"\n"


def place(tag: str) -> Path:
    return HOME / "locale" / tag.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.po"


def _template() -> Catalog:
    template = Catalog(domain=DOMAIN)
    found = extract_from_dir(HOME, METHODS, OPTIONS, KEYWORDS)
    for _, _, message, _, context in sorted(found, key=lambda one: (one[0], one[1])):
        template.add(message, context=context)
    for sentence in _of_deadlines():
        template.add(sentence)
    return template


def _of_deadlines() -> Iterator[str]:
    """What the employer's people are told of deadlines; staff read English."""
    for wording in sentences().values():
        said = wording.employer
        yield from (wording.title, said.owed, said.next, said.otherwise, said.late)


def main() -> None:
    for tag in languages():
        if tag == SOURCE:
            continue
        place(tag).write_bytes(updated(tag))
        said = [one for one in catalogue(tag) if one.id]
        print(f"{tag}: {sum(1 for one in said if one.string)} of {len(said)} sentences are translated.")


if __name__ == "__main__":
    main()
