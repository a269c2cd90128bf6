"""What a file is by its bytes, whatever its name says; refused if not on the list, broken, or not safe to keep."""

from typing import BinaryIO

from secor_workflow.documents import archives, wholeness
from secor_workflow.documents.unfit import COMPOUND, UnfitFile
from secor_workflow.domain.policy import MediaType, Policy

_HEAD = 4096

_WHOLE = {
    "application/pdf": wholeness.pdf,
    "image/png": wholeness.png,
    "image/jpeg": wholeness.jpeg,
    "image/heic": wholeness.heic,
}


def media_type_of(file: BinaryIO, filename: str, policy: Policy) -> str:
    """The media type, one of the policy's. Reads the whole file, so it is for a thread that may wait.

    Raises UnfitFile: empty_file, media_type_not_allowed, file_damaged, archive_too_large, macros_not_allowed.
    """
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        raise UnfitFile("empty_file", "The file has no bytes. Look whether it was saved, and hand it in again.")
    found = _signature(head)
    if found == archives.ZIP:
        found = archives.media_type_inside(file, policy.documents)
    media_type = next((media_type for media_type in policy.media_types if media_type.code == found), None)
    if media_type is None:
        raise UnfitFile("media_type_not_allowed", _what_instead(head, policy))
    _agree(filename, media_type)
    if whole := _WHOLE.get(media_type.code):
        whole(file)
    return media_type.code


def _signature(head: bytes) -> str:
    """By its first bytes; the empty string if nobody knows."""
    import puremagic  # noqa: PLC0415 (it reads a large table, for which a process that takes no file has no use)

    if wholeness.is_heic(head):  # puremagic knows some of the brands under which phones write it
        return "image/heic"
    try:
        known = {match.mime_type for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        return ""
    return next((media_type for media_type in (*_WHOLE, archives.ZIP) if media_type in known), "")


def _what_instead(head: bytes, policy: Policy) -> str:
    titles = ", ".join(media_type.title for media_type in policy.media_types)
    if head.startswith(COMPOUND):
        return f"It is an Office file of an older kind, or one with a password. Save it without, as one of: {titles}."
    return f"By its bytes it is none of the types that are taken: {titles}. Save it as one of them."


def _agree(filename: str, media_type: MediaType) -> None:
    """A name may lack an ending; one that promises something else is refused."""
    ending = filename.rpartition(".")[2].lower() if "." in filename else ""
    if ending and ending not in media_type.extensions:
        raise UnfitFile(
            "media_type_not_allowed",
            f"By its bytes it is a file of the type {media_type.title}, but its name ends otherwise. "
            f"Give it the ending .{media_type.extensions[0]} if it is what you meant to hand in.",
        )
