"""A file's name as the client gives it becomes one that is safe to give back, whatever it was."""

import unicodedata

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from secor_workflow.documents.filenames import MAX_LENGTH, safe_name


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("audit.pdf", "audit.pdf"),
        ("Audit tool – Blue Heron Inn, 2026.xlsx", "Audit tool – Blue Heron Inn, 2026.xlsx"),
        ("監査.pdf", "監査.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\robin\\audit.docx", "audit.docx"),
        ("/", "document"),
        ("", "document"),
        (" . ", "document"),
        ("audit\x00.pdf", "audit.pdf"),
        ("audit\r\nSet-Cookie: a=b.pdf", "auditSet-Cookie_ a=b.pdf"),
        ("audit\u202efdp.exe", "auditfdp.exe"),
        ("\u2066audit\u2069\u200b.pdf", "audit.pdf"),
        ("audit\ud800.pdf", "audit.pdf"),
        ("Re\u0301sume\u0301.pdf", "Résumé.pdf"),
        ('a"b<c>d|e?f*g.pdf', "a_b_c_d_e_f_g.pdf"),
        ("  two   spaces .pdf", "two spaces.pdf"),
        (".htaccess", "htaccess"),
        ("audit.pdf...", "audit.pdf"),
        ("con.pdf", "_con.pdf"),
        ("LPT1", "_LPT1"),
        ("console.pdf", "console.pdf"),
    ],
)
def test_a_name_is_made_safe(given: str, safe: str) -> None:
    assert safe_name(given) == safe


def test_a_long_name_is_cut_and_keeps_its_ending() -> None:
    assert safe_name("x" * 300 + ".pdf") == "x" * (MAX_LENGTH - 4) + ".pdf"
    assert len(safe_name("x" * 300)) == MAX_LENGTH
    assert len(safe_name("x." + "y" * 300)) == MAX_LENGTH


@for_all(st.text(max_size=400))
def test_whatever_comes_it_is_one_plain_part_of_a_path(given: str) -> None:
    safe = safe_name(given)
    assert 1 <= len(safe) <= MAX_LENGTH
    assert safe == safe.strip()
    assert not set(safe) & set('/\\<>:"|?*')
    assert not [letter for letter in safe if unicodedata.category(letter)[0] == "C"]
    assert safe not in {".", ".."}
    assert unicodedata.is_normalized("NFC", safe)
    assert safe_name(safe) == safe
