"""Letters: from a case as it stands to a subject, a text and an HTML page."""

from secor_notifier.domain.letters.environment import names
from secor_notifier.domain.letters.fault import UnwritableError
from secor_notifier.domain.letters.language import SOURCE, languages
from secor_notifier.domain.letters.material import Addressee, Desk, Linked, Material
from secor_notifier.domain.letters.stopped import EXAMPLE, STOPPED, Stopped
from secor_notifier.domain.letters.told import LetterTold, tell
from secor_notifier.domain.letters.version import template_version
from secor_notifier.domain.letters.write import Written, write, write_digest, write_several, write_stopped

__all__ = [
    "EXAMPLE",
    "SOURCE",
    "STOPPED",
    "Addressee",
    "Desk",
    "LetterTold",
    "Linked",
    "Material",
    "Stopped",
    "UnwritableError",
    "Written",
    "languages",
    "names",
    "tell",
    "template_version",
    "write",
    "write_digest",
    "write_several",
    "write_stopped",
]
