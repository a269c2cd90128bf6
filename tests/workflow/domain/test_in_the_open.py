"""Addresses and phone numbers are found in free text, however they are written; numbers of other things are not."""

import time

import pytest

from secor_workflow.domain.in_the_open import personal_data_in

EMAILS = [
    "robin@example.com",
    "Front desk (robin.marsh+x@mail.example.co.uk)",
    "write to ROBIN@EXAMPLE.COM.",
    "robin\uff20example.com",
    "robin\u200b@example.com",
    "robin@b\u00fccher.example",
    "robin (at) example.com",
    "robin [at] example [dot] com",
    "mailto:robin@example.com",
    "robin @ example.com",
    "robin@ example.ca",
    "robin at example dot com",
    "robin@example\u3002com",
    "robin%40example.com",
    "robin&#64;example.com",
]
PHONES = [
    "604-555-0142",
    "(604) 555-0142",
    "(604)555-0142",
    "604 555 0142",
    "604.555.0142",
    "+1 604 555 0142",
    "1-604-555-0142",
    "+16045550142",
    "+44 20 7946 0958",
    "call 5550142",
    "Phone: 555 0142",
    "tel. 6045550142",
    "604\u2011555\u20110142",
    "\uff16\uff10\uff14-555-0142",
    "Kitchen, 604-555-0142, ask for Robin",
    "604\u2212555\u22120142",
    "604 - 555 - 0142",
    "604\u2028555\u20290142",
    "604\ufe0f-555-0142",
    "604\u3164555\u31640142",
    "\u0666\u0660\u0664-\u0665\u0665\u0665-\u0660\u0661\u0664\u0662",
    "(604)5550142",
    "604 5550142",
    "604/555/0142",
    "604\u00b7555\u00b70142",
    "604_555_0142",
    "604-555-0142x3",
    "604-555-0142 ext. 3",
    "Tel604-555-0142",
    "604-555-0142-",
]
NEITHER = [
    "All departments",
    "1045678 B.C. Ltd.",
    "Numbered company 0987654",
    "account 2010015555",
    "2010015555",
    "201001",
    "761056",
    "761056 761045 761035",
    "SECOR-1001",
    "IA-2026-0042",
    "IA-604-555-0142",
    "2026-11-22",
    "2026-11-22 to 2026-12-01",
    "2026.11.22 - 2026.12.01",
    "from 08:00 to 18:00",
    "Suite 200 - 1050 West Pender",
    "100 Mile House",
    "Rooms 101-118, 201-218 and 301-318",
    "Pub @ the Wharf",
    "Caf\u00e9 @Home",
    "Bed & Breakfast (at) Main",
    "V6B 1A1",
    "49.2827, -123.1207",
    "+ 12 sites",
    "Phone room",
    "Dinner @ 6 p.m.",
    "Bar @ No.5",
    "Telegraph Cove Resort 2010015555",
    "The Inn at the Lake",
    "761056, 761045, 7610",
    "Rooms 201 - 218 and 301 - 318",
    "604-555-0142-7",
    "call 911",
    "12345678901234567890",
]


@pytest.mark.parametrize("text", EMAILS)
def test_an_e_mail_address_is_found(text: str) -> None:
    assert personal_data_in(text) == "an e-mail address"


@pytest.mark.parametrize("text", PHONES)
def test_a_phone_number_is_found(text: str) -> None:
    assert personal_data_in(text) == "a phone number"


@pytest.mark.parametrize("text", NEITHER)
def test_what_is_neither_passes(text: str) -> None:
    assert personal_data_in(text) is None


@pytest.mark.parametrize("run", ["a", "a.", "%40", "604-", "a at ", "(at)", "\u00e9", "@", "tel "])
def test_a_long_text_is_read_once_and_not_anew_from_each_letter(run: str) -> None:
    """Else one request full of long words would hold up everybody for seconds."""
    began = time.perf_counter()

    personal_data_in(run * (50_000 // len(run)))

    assert time.perf_counter() - began < 2
