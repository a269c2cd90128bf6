"""The languages letters can be written in: English is what the templates say, the others are catalogues beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from gettext import NullTranslations
from importlib.resources import files
from io import BytesIO

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

SOURCE = "en-CA"
DOMAIN = "letters"


class UntranslatedError(Exception):
    """A sentence is not in the catalogue: the letter is to be written in English, and not in two languages at once."""


class _Refusing(NullTranslations):
    """Stands behind a catalogue, so that what the catalogue lacks is told and not passed through."""

    def gettext(self, message: str) -> str:
        raise UntranslatedError(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:  # noqa: ARG002 - as gettext names and counts them
        raise UntranslatedError(msgid1)

    def pgettext(self, context: str, message: str) -> str:  # noqa: ARG002 - see above
        raise UntranslatedError(message)


@dataclass(frozen=True)
class Language:
    """One language with its ways of writing dates and sums; `tag` is as in HTML and HTTP."""

    tag: str
    locale: Locale
    says: NullTranslations

    @property
    def is_source(self) -> bool:
        return self.tag == SOURCE


@cache
def languages() -> Mapping[str, Language]:
    """Every language there is, by its tag."""
    folders = (folder.name for folder in files(__package__).joinpath("locale").iterdir() if folder.is_dir())
    tags = (folder.replace("_", "-") for folder in folders)
    return {tag: _language(tag) for tag in sorted({SOURCE, *tags})}


@cache
def catalogue(tag: str) -> Catalog:
    """The sentences of one language, as its translators keep them."""
    at = files(__package__).joinpath("locale", tag.replace("-", "_"), "LC_MESSAGES", f"{DOMAIN}.po")
    return read_po(BytesIO(at.read_bytes()), locale=tag.replace("-", "_"), domain=DOMAIN)


def _language(tag: str) -> Language:
    locale = Locale.parse(tag, sep="-")
    if tag == SOURCE:
        return Language(tag, locale, NullTranslations())
    compiled = BytesIO()
    write_mo(compiled, catalogue(tag))
    compiled.seek(0)
    says = Translations(compiled)
    says.add_fallback(_Refusing())
    return Language(tag, locale, says)
