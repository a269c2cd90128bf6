"""Which wording of a letter is in force: a digest that a planned letter can be pinned to."""

from functools import cache
from hashlib import sha256
from importlib.resources import files

from secor_notifier.domain.letters.environment import ENDING, LETTER, PAGES, source
from secor_notifier.domain.letters.language import DOMAIN, SOURCE, languages

LENGTH = 12
DATA = ("deadlines.toml", "contact.toml")


@cache
def template_version(letter: str) -> str:
    """Twelve hexadecimal digits; others as soon as a word or the look of the letter may be another, in any language."""
    package = files(__package__)
    parts = [source(name) for name in (f"{letter}{ENDING}", LETTER, *PAGES)]
    parts += [package.joinpath(name).read_text("utf-8") for name in DATA]
    for tag in languages():
        if tag != SOURCE:
            folder = package.joinpath("locale", tag.replace("-", "_"), "LC_MESSAGES")
            parts.append(folder.joinpath(f"{DOMAIN}.po").read_text("utf-8"))
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part.encode())
    return digest.hexdigest()[:LENGTH]
