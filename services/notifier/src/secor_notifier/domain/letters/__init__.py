"""Letters: from a case as it stands to a subject, a text and an HTML page."""

from secor_notifier.domain.letters.material import Addressee, Material
from secor_notifier.domain.letters.write import UnwritableError, Written, names, write

__all__ = ["Addressee", "Material", "UnwritableError", "Written", "names", "write"]
