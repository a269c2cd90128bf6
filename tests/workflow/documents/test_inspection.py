"""A file is what its bytes say; what is not on the list, broken, or not safe to keep is refused and told why."""

import io
import random
import struct
import zlib
from contextlib import suppress
from dataclasses import replace
from tempfile import TemporaryFile
from zipfile import ZIP_BZIP2, ZIP_STORED, ZipFile

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from secor_workflow.documents.inspect import media_type_of
from secor_workflow.documents.unfit import UnfitFile
from secor_workflow.domain.policy import Policies
from workflow.documents.papers import (
    COMPOUND,
    DOCX,
    HEIC,
    JPEG,
    WORD,
    archive_of,
    box,
    content_types,
    docx,
    heic,
    jpeg,
    pdf_with_password,
)
from workflow.files import PDF, PNG, XLSX, pdf, png, xlsx

POLICY = Policies.load().editions[-1]
MEBI = 1024 * 1024
NOISE = random.Random(1).randbytes(MEBI)
TRUE = {PDF: pdf(), PNG: png(), JPEG: jpeg(), HEIC: heic(), DOCX: docx(), XLSX: xlsx()}


def looked_at(content: bytes, name: str = "") -> str:
    return media_type_of(io.BytesIO(content), name, POLICY)


def refused(content: bytes, name: str = "") -> UnfitFile:
    with pytest.raises(UnfitFile) as refusal:
        looked_at(content, name)
    assert refusal.value.sentence.endswith(".")
    return refusal.value


# --- what is taken ---


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (pdf(), "audit.pdf", PDF),
        (pdf(size=3 * MEBI), "AUDIT.PDF", PDF),
        (pdf(), "no ending", PDF),
        (png(), "stairs.png", PNG),
        (jpeg(), "stairs.jpg", JPEG),
        (jpeg(), "stairs.JPEG", JPEG),
        (jpeg(film=heic()), "moving.jpg", JPEG),
        (heic(), "IMG_0001.HEIC", HEIC),
        (heic(b"mif1", b"heic"), "stairs.heif", HEIC),
        (docx(), "policy.docx", DOCX),
        (xlsx(), "scorecard.xlsx", XLSX),
        (docx({"word/embeddings/chart.xlsx": xlsx()}), "with a chart.docx", DOCX),
        (docx({"word/media/stairs.png": png(), "docProps/thumbnail.jpeg": jpeg()}), "with pictures.docx", DOCX),
    ],
)
def test_what_is_on_the_list_is_taken(content: bytes, name: str, media_type: str) -> None:
    assert looked_at(content, name) == media_type


def test_all_that_the_policy_lists_can_be_recognised() -> None:
    assert {media_type.code for media_type in POLICY.media_types} == set(TRUE)


# --- what is not on the list ---


def test_an_empty_file_is_refused() -> None:
    assert refused(b"", "audit.pdf").code == "empty_file"


@pytest.mark.parametrize(
    "content",
    [
        b"Just words.",
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ\x90\x00" + b"\x00" * 100,
        b"\x7fELF\x02\x01\x01" + b"\x00" * 60,
        b"#!/bin/sh\n",
        b"\x00" * 5000,
        b"GIF89a" + b"\x00" * 40,
        COMPOUND,
        box(b"ftyp", b"avif\x00\x00\x00\x00avifmif1") + box(b"meta", b"\x00" * 8),
        box(b"ftyp", b"isom\x00\x00\x00\x00isom") + box(b"moov", b"\x00" * 8),
        archive_of({"a.txt": "Just words, packed."}),
        archive_of({"[Content_Types].xml": content_types("application/x-something")}),
        archive_of({"[Content_Types].xml": content_types(WORD.replace("document.main", "template.main"))}),
        archive_of({"[Content_Types].xml": content_types(WORD, f"{XLSX}.main+xml")}),
    ],
)
@pytest.mark.parametrize("name", ["audit.pdf", "audit.docx", "audit"])
def test_what_is_not_on_the_list_is_refused_whatever_its_name(content: bytes, name: str) -> None:
    refusal = refused(content, name)
    assert refusal.code == "media_type_not_allowed"
    assert "PDF, Word document (DOCX)" in refusal.sentence


@pytest.mark.parametrize("media_type", TRUE)
@pytest.mark.parametrize("ending", ["pdf", "png", "jpg", "heic", "docx", "xlsx", "exe", "pdf.exe"])
def test_a_name_that_promises_something_else_is_refused(media_type: str, ending: str) -> None:
    fitting = next(each.extensions for each in POLICY.media_types if each.code == media_type)
    if ending in fitting:
        assert looked_at(TRUE[media_type], f"paper.{ending}") == media_type
    else:
        refusal = refused(TRUE[media_type], f"paper.{ending}")
        assert refusal.code == "media_type_not_allowed"
        assert f".{fitting[0]}" in refusal.sentence


def test_an_edition_that_takes_less_refuses_more() -> None:
    only_pdf = replace(POLICY, media_types=tuple(each for each in POLICY.media_types if each.code == PDF))
    with pytest.raises(UnfitFile, match="PDF"):
        media_type_of(io.BytesIO(png()), "stairs.png", only_pdf)


def test_a_password_is_refused_wherever_it_is_asked_for() -> None:
    locked = bytearray(docx())
    locked[6] |= 1  # the flag, beside the file and in the directory
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    for content in (bytes(locked), COMPOUND, pdf_with_password()):
        assert refused(content).code == "media_type_not_allowed"
    assert "password" in refused(bytes(locked)).sentence
    assert "password" in refused(COMPOUND).sentence
    assert "protection" in refused(pdf_with_password()).sentence


def test_a_pdf_that_only_speaks_of_encryption_is_taken() -> None:
    assert looked_at(pdf("/Encrypt 2 0 R is how a PDF says that it has a password")) == PDF


# --- what is broken ---


@pytest.mark.parametrize("media_type", TRUE)
def test_a_file_that_is_cut_off_is_refused(media_type: str) -> None:
    content = TRUE[media_type]
    for share in (0.3, 0.6, 0.9):
        assert refused(content[: int(len(content) * share)]).code in {"file_damaged", "media_type_not_allowed"}
    lacking_its_end = content[:-8] if media_type in {PDF, PNG} else content[:-2]
    assert refused(lacking_its_end).code == "file_damaged"


def test_a_preview_is_not_taken_for_the_picture() -> None:
    assert refused(jpeg(preview=jpeg())[:-2]).code == "file_damaged"


def test_a_picture_made_of_nothing_but_tiny_parts_is_refused_soon() -> None:
    assert refused(b"\xff\xd8\xff\xe0" + b"\x00\x02\xff\xe0" * MEBI).code == "file_damaged"
    assert refused(box(b"ftyp", b"heic\x00\x00\x00\x00heic") + box(b"free", b"") * 100_000).code == "file_damaged"


@pytest.mark.parametrize("size", [7, 2**32 - 1])
def test_a_box_of_a_wrong_length_is_refused(size: int) -> None:
    assert refused(heic()[:-48] + struct.pack(">I", size) + b"mdat" + b"\x00" * 40).code == "file_damaged"


def test_a_wrong_checksum_inside_is_found() -> None:
    content = archive_of({"[Content_Types].xml": content_types(WORD), "word/document.xml": "x"})
    checksum = struct.pack("<I", zlib.crc32(b"x"))
    assert refused(content.replace(checksum, b"\x00\x00\x00\x00")).code == "file_damaged"


def test_two_files_of_one_name_are_refused() -> None:
    content = docx({"word/DOCUMENT.xml": "which of the two is it?"})
    assert refused(content).code == "file_damaged"


def test_a_way_of_packing_that_office_does_not_know_is_refused() -> None:
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_BZIP2) as opened:
        opened.writestr("[Content_Types].xml", content_types(WORD))
    assert refused(written.getvalue()).code == "file_damaged"


@pytest.mark.parametrize("offset", [2**45, 2**62, 2**63 - 1, 2**64 - 1])
def test_a_directory_that_points_far_behind_the_end_is_damage_and_no_fault_of_the_disk(offset: int) -> None:
    whole = archive_of({"a.xml": ""})
    directory, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    far = struct.pack("<HHQ", 1, 8, offset)  # ZIP64: the true offset of the entry
    entry = bytearray(whole[directory:end]) + far
    entry[30:32], entry[42:46] = struct.pack("<H", len(far)), b"\xff" * 4
    ending = bytearray(whole[end:])
    ending[12:16] = struct.pack("<I", len(entry))
    with TemporaryFile() as file:  # a real one: memory takes any offset
        file.write(whole[:directory] + entry + ending)
        with pytest.raises(UnfitFile) as refusal:
            media_type_of(file, "", POLICY)
    assert refusal.value.code == "file_damaged"


@settings(max_examples=150, deadline=None)
@for_all(st.data())
def test_no_damage_is_worse_than_a_refusal(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(list(TRUE.values()))))
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=6)):
        content[at] = data.draw(st.integers(0, 255))
    kept = bytes(content[: data.draw(st.integers(0, len(content)))])
    with suppress(UnfitFile):
        assert looked_at(kept) in TRUE


# --- what is too large inside ---


def test_ten_thousand_entries_are_refused_before_they_are_all_read() -> None:
    many: dict[str, bytes | str] = {f"word/{number}.xml": "" for number in range(10_000)}
    assert refused(docx(many)).code == "archive_too_large"


def test_what_unpacks_to_a_hundred_times_its_size_is_refused() -> None:
    assert refused(docx({"word/bomb.xml": b"\x00" * 20 * MEBI})).code == "archive_too_large"


def test_what_unpacks_to_too_much_altogether_is_refused() -> None:
    content = docx({"word/a.bin": NOISE[: MEBI // 2], "word/b.bin": NOISE[MEBI // 2 :]})
    assert looked_at(content) == DOCX

    rules = replace(POLICY.documents, archive_max_bytes=replace(POLICY.documents.archive_max_bytes, value=MEBI))
    with pytest.raises(UnfitFile) as refusal:
        media_type_of(io.BytesIO(content), "", replace(POLICY, documents=rules))

    assert refusal.value.code == "archive_too_large"


def test_a_size_that_is_understated_helps_nothing() -> None:
    content = bytearray(docx({"word/bomb.xml": b"\x00" * 20 * MEBI}))
    declared = struct.pack("<I", 20 * MEBI)
    while (at := content.find(declared)) >= 0:
        content[at : at + 4] = struct.pack("<I", 10)
    assert refused(bytes(content)).code in {"archive_too_large", "file_damaged"}


def test_a_bomb_in_a_file_within_is_found() -> None:
    bomb = archive_of({"xl/bomb.xml": b"\x00" * 20 * MEBI})
    assert refused(docx({"word/embeddings/sheet.xlsx": bomb})).code == "archive_too_large"


def test_files_within_count_together() -> None:
    within = archive_of({"xl/noise.bin": NOISE})
    files: dict[str, bytes | str] = {f"word/embeddings/{number}.xlsx": within for number in range(3)}
    assert looked_at(docx(files)) == DOCX

    rules = replace(POLICY.documents, archive_max_bytes=replace(POLICY.documents.archive_max_bytes, value=5 * MEBI))
    with pytest.raises(UnfitFile) as refusal:
        media_type_of(io.BytesIO(docx(files)), "", replace(POLICY, documents=rules))

    assert refusal.value.code == "archive_too_large"


def test_a_file_within_a_file_within_a_file_is_refused() -> None:
    within = archive_of({"deep.zip": archive_of({"deeper.txt": "words"})})
    assert refused(docx({"word/embeddings/sheet.xlsx": within})).code == "archive_too_large"


def test_a_directory_that_would_fill_the_memory_is_refused() -> None:
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_STORED) as opened:
        for number in range(1_500):  # fewer than the limit, but with names beyond reason
            opened.writestr(f"{number:04}" + "x" * 1000, b"")
    assert refused(written.getvalue()).code == "archive_too_large"


# --- what brings programs along ---


@pytest.mark.parametrize(
    "content",
    [
        docx({"word/vbaProject.bin": "macros"}),
        docx({}, "application/vnd.ms-office.vbaProject"),
        docx({}, "application/vnd.ms-excel.macrosheet+xml"),
        docx({}, "application/vnd.ms-office.activeX+xml"),
        docx({"word/embeddings/oleObject1.bin": COMPOUND}),
        docx({"word/anything.xml": COMPOUND}),
        docx({"word/embeddings/setup.exe": "MZ"}),
        docx({"word/embeddings/sheet.xlsm": archive_of({"xl/vbaProject.bin": "macros"})}),
        archive_of({"[Content_Types].xml": content_types("application/vnd.ms-word.document.macroEnabled.main+xml")}),
        archive_of({"[Content_Types].xml": content_types("application/vnd.ms-excel.sheet.macroEnabled.main+xml")}),
    ],
)
@pytest.mark.parametrize("name", ["paper.docx", "paper.docm", "paper"])
def test_macros_and_programs_are_refused(content: bytes, name: str) -> None:
    assert refused(content, name).code == "macros_not_allowed"


MACROS = "application/vnd.ms-excel.macrosheet+xml"


@pytest.mark.parametrize(
    "types",
    [
        content_types(WORD, MACROS.replace("macro", "macr&#111;")).encode(),
        content_types(WORD).encode() + content_types(MACROS).encode("utf-16"),
        content_types(WORD).encode() + b" " * MEBI + content_types(MACROS).encode(),
    ],
    ids=["by its letters' numbers", "in another encoding", "far down"],
)
def test_what_hides_its_macros_is_refused(types: bytes) -> None:
    assert refused(archive_of({"[Content_Types].xml": types, "xl/much.bin": NOISE})).code == "file_damaged"
