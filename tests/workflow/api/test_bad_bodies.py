"""A wrong body is refused with the place of the fault and a word about it; it is never a fault of ours."""

import json
from typing import Any

import pytest

from workflow.api.bodies import BODIES
from workflow.api.caller import Caller, refused
from workflow.api.life import Life, a_life
from workflow.api.service import Service, on_both_engines

pytestmark = on_both_engines
JSON = {"Content-Type": "application/json"}
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def life(service: Service) -> Life:
    return a_life(service, "Registered")


def post(life: Life, content: bytes | str, command: str = "place-hold", **headers: str) -> Any:  # noqa: ANN401
    return life.service.staff.post(f"{life.path}/commands/{command}", content=content, headers={**JSON, **headers})


WRONG: dict[str, tuple[str, dict[str, Any], str]] = {
    "an unknown field": ("place-hold", {"reason": "x", "becuase": "y"}, "/becuase"),
    "an unknown field inside": ("name-champion", {"employment": "owner", "person": {"nick": 1}}, "/person/nick"),
    "a missing field": ("place-hold", {}, "/reason"),
    "null for what must be": ("place-hold", {"reason": None}, "/reason"),
    "a number for text": ("place-hold", {"reason": 5}, "/reason"),
    "text for a list": ("record-self-assessment", {"elements": "all"}, "/elements"),
    "an empty list": ("record-self-assessment", {"elements": []}, "/elements"),
    "text for a truth": ("record-standing", {"good": "true", "as_of": "2026-01-01"}, "/good"),
    "a number for a truth": ("record-standing", {"good": 1, "as_of": "2026-01-01"}, "/good"),
    "a number for a date": ("record-standing", {"good": True, "as_of": 20260101}, "/as_of"),
    "an instant for a date": ("record-standing", {"good": True, "as_of": "2026-01-01T00:00:00Z"}, "/as_of"),
    "no such day": ("record-standing", {"good": True, "as_of": "2026-02-30"}, "/as_of"),
    "the first of all days": ("record-standing", {"good": True, "as_of": "0001-01-01"}, "/as_of"),
    "the last of all days": ("record-standing", {"good": True, "as_of": "9999-12-31"}, "/as_of"),
    "the first of all days, effective": ("release-hold", {"effective_on": "0001-01-01"}, "/effective_on"),
    "the last of all days, effective": ("release-hold", {"effective_on": "9999-12-31"}, "/effective_on"),
    "a far day for a deadline": (
        "extend-deadline", {"deadline": "idle", "due_on": "9999-12-31", "reason": "x"}, "/due_on",
    ),
    "an unknown word": ("close", {"reason": "bored"}, "/reason"),
    "empty text": ("place-hold", {"reason": "  "}, "/reason"),
    "too much text": ("place-hold", {"reason": "x" * 4001}, "/reason"),
    "NUL": ("place-hold", {"reason": "a\x00b"}, "/reason"),
    "an escape character": ("place-hold", {"reason": "a\x1bb"}, "/reason"),
    "a C1 control character": ("place-hold", {"reason": "a\x85b"}, "/reason"),
    "a line end in a line": ("forward-to-worksafebc", {"effective_on": "2026\n"}, "/effective_on"),
    "no e-mail address": ("update-employer", {"contact": {"name": "x", "email": "x"}}, "/contact/email"),
    "a header in an address": (
        "update-employer", {"contact": {"name": "x", "email": "a@b.example\r\nBcc: c@d.example"}}, "/contact/email",
    ),
    "a line end after an address": (
        "update-employer", {"contact": {"name": "x", "email": "a@b.example\n"}}, "/contact/email",
    ),
    "no UUID": (
        "submit-audit",
        BODIES["submit-audit"] | {"documents": [{"kind": "scorecard", "document_id": "x"}]},
        "/documents/0/document_id",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", WRONG)
def test_what_is_wrong_by_itself_is_invalid_whatever_the_state(life: Life, fault: str) -> None:
    command, body, pointer = WRONG[fault]

    problem = refused(life.send(command, **body), 422, "invalid_request")

    assert pointer in {error["pointer"] for error in problem["errors"]}


@pytest.mark.parametrize("number", ["-1", "1e400", "-1e400", "NaN", "Infinity", str(2**70), "1e7", '"7"', "9" * 5000])
def test_a_headcount_out_of_range_is_refused(life: Life, number: str) -> None:
    employer = json.dumps(life.case()["employer"] | {"headcount": "HERE"}).replace('"HERE"', number)

    answer = post(life, f'{{"employer": {employer}}}', "update-employer")

    assert refused(answer, answer.status_code)["status"] in {400, 422}


@pytest.mark.parametrize("points", ["-1", "1.5", str(2**31), str(2**63), str(2**70), "1e400", "NaN", '"5"', "true"])
def test_points_out_of_range_are_refused(life: Life, points: str) -> None:
    body = json.dumps(BODIES["submit-audit"]).replace('"earned": 90', f'"earned": {points}', 1)

    refused(post(life, body, "submit-audit"), 422, "invalid_request")


@pytest.mark.parametrize(
    "amount", ['"-0.01"', '"1e400"', '"NaN"', '"Infinity"', '"1000000000.01"', '"x"', '""', "null", "[]", "1e400"]
)
def test_an_amount_of_money_out_of_range_is_refused(life: Life, amount: str) -> None:
    employer = json.dumps(life.case()["employer"] | {"base_premium": {"amount": "HERE"}}).replace('"HERE"', amount)

    refused(post(life, f'{{"employer": {employer}}}', "update-employer"), 422, "invalid_request")


SURROGATES = [
    rb'{"reason": "\ud800"}',
    rb'{"reason": "\udc00\ud800"}',
    rb'{"\ud800": 1}',
    b'{"reason": "\xed\xa0\x80"}',
    rb'{"reason": "ok", "effective_on": "\ud800"}',
]


@pytest.mark.parametrize("content", SURROGATES, ids=repr)
def test_half_a_character_is_refused(life: Life, content: bytes) -> None:
    refused(post(life, content), 400, "malformed_json")


@pytest.mark.parametrize(
    "content",
    [
        b"{", b"{]", b"nonsense", b"'x'", b'{"reason": "x"} {}', b'{"reason": x}', b'{"reason": "x",}', b"\xff\xfe",
        b"\x00", b"\xef\xbb\xbf{}", b'{"reason": "a\nb"}', b"[" * 100_000, b'{"reason":' * 100_000,
    ],
    ids=lambda content: repr(content[:20]),
)  # fmt: skip
def test_what_is_no_json_is_malformed(life: Life, content: bytes) -> None:
    refused(post(life, content), 400, "malformed_json")


@pytest.mark.parametrize("content", [b"[]", b"1", b'"x"', b"null", b"true", b"[{}]", b"[" * 50 + b"]" * 50])
def test_what_is_no_object_is_invalid(life: Life, content: bytes) -> None:
    refused(post(life, content), 422, "invalid_request")


def test_no_body_at_all_is_an_empty_object(life: Life) -> None:
    life.do("place-hold", reason="Fire.")

    assert life.service.staff.post(f"{life.path}/commands/release-hold").status_code == 200


@pytest.mark.parametrize("path", ["/v1/cases/{}/commands/place-hold", "/v1/cases", "/v1/keys", "/v1/people/{}:erase"])
def test_a_body_over_one_mebibyte_is_too_large_however_it_comes(life: Life, path: str) -> None:
    admin = "keys" in path or "erase" in path
    caller: Caller = life.service.admin if admin else life.service.staff
    body = b'{"reason": "' + b"x" * MEBIBYTE + b'"}'

    refused(caller.post(path.format(life.case_id), content=body, headers=JSON), 413, "body_too_large")
    chunks = (body[i : i + 65536] for i in range(0, len(body), 65536))
    refused(caller.post(path.format(life.case_id), content=chunks, headers=JSON), 413, "body_too_large")


def test_a_body_of_one_mebibyte_is_read(life: Life) -> None:
    body = b'{"reason": "x"' + b" " * (MEBIBYTE - 15) + b"}"
    assert len(body) == MEBIBYTE

    assert post(life, body, "withdraw").status_code == 403, "read, and refused for who sent it"


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "json",
        "",
        "é",
    ],
)
def test_a_body_of_another_media_type_is_unsupported(life: Life, media_type: str) -> None:
    content = b'{"reason": "Fire."}'
    headers = {"Content-Type": media_type.encode()}

    answer = life.service.staff.post(f"{life.path}/commands/place-hold", content=content, headers=headers)  # type: ignore[arg-type]  # bytes are what goes over the wire

    refused(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON; charset=utf-8", "application/merge+json"]
)
def test_json_by_its_other_names_is_read(life: Life, media_type: str) -> None:
    answer = post(life, b'{"effective_on": "2000-01-01"}', "declare-sms", **{"Content-Type": media_type})

    refused(answer, 409, "not_now")


def test_text_in_every_script_is_kept_as_it_is(life: Life) -> None:
    text = "Feu à l’hôtel 🏨 \u202e עברית \U0010ffff 'quoted' \"twice\" \\ %s {x} <b>\ttab\nline"
    life.do("place-hold", reason=text)

    kept = life.service.staff.read(f"/v1/texts/{life.case()['hold']['reason_id']}")["text"]

    assert kept == text
    life.do("release-hold")


def test_a_slip_inside_a_list_is_told_once_and_in_words(life: Life) -> None:
    answer = post(life, json.dumps({"elements": [{"element": "hazards", "status": "gap"}]}), "record-self-assessment")

    assert {error["pointer"]: error["detail"] for error in answer.json()["errors"]} == {
        "/elements/0/code": "This must be given.",
        "/elements/0/element": "There is no such field here; correct its name, or leave it out.",
    }


def test_too_short_a_list_is_told_how_much_it_needs(life: Life) -> None:
    answer = post(life, json.dumps({"elements": []}), "record-self-assessment")

    assert answer.json()["detail"] == "/elements: At least 1 must be given."
