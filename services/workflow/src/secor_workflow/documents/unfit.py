"""Why a file cannot be taken in."""

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How files and objects of Office before 2007 begin; today's files do too once they have a password."""


class UnfitFile(Exception):  # noqa: N818 (an answer, not a fault)
    """A file is refused: a code for programs, and a sentence that tells people what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


def damaged(what: str) -> UnfitFile:
    return UnfitFile("file_damaged", f"{what} Open it, save it anew, and hand that in.")
