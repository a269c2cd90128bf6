"""Letters: from a case as it stands to a subject, a text and an HTML page."""

from secor_notifier.domain.letters.environment import names
from secor_notifier.domain.letters.fault import UnwritableError
from secor_notifier.domain.letters.language import SOURCE, languages
from secor_notifier.domain.letters.material import Addressee, Desk, Linked, Material
from secor_notifier.domain.letters.told import LetterTold, tell
from secor_notifier.domain.letters.version import template_version
from secor_notifier.domain.letters.write import Written, write, write_digest, write_several

__all__ = [
    "SOURCE",
    "Addressee",
    "Desk",
    "LetterTold",
    "Linked",
    "Material",
    "UnwritableError",
    "Written",
    "languages",
    "names",
    "tell",
    "template_version",
    "write",
    "write_digest",
    "write_several",
]
