"""The scorecard as a file over HTTP: the template for everybody, a draft for those who score, nothing ever written."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from workflow.api.caller import refused
from workflow.api.life import ELEMENTS, Life, a_life
from workflow.api.service import ROLES, Service
from workflow.files import XLSX, pdf
from workflow.scorecards.filling import filled_in
from workflow.scorecards.strange_files import NO_SCORECARD

TEMPLATE = "/v1/scorecard-template.xlsx"
BYTES = "application/octet-stream"
SCORES = {"employer", "staff", "qa_reviewer"}


@pytest.fixture(scope="module")
def life(service: Service) -> Life:
    return a_life(service, "NoticeFiled")


def parse(
    life: Life, content: bytes, by: httpx.Client | None = None, media_type: str = XLSX, case_id: str = ""
) -> httpx.Response:
    return (by or life.employer).post(
        f"/v1/cases/{case_id or life.case_id}/scorecard:parse", content=content, headers={"Content-Type": media_type}
    )


def draft(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


def test_the_template_is_a_spreadsheet_to_keep(service: Service) -> None:
    answer = service.reader.get(TEMPLATE)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == XLSX
    assert answer.headers["content-disposition"] == 'attachment; filename="secor-scorecard-2026-01-01.xlsx"'
    assert answer.content.startswith(b"PK")
    again = service.reader.get(TEMPLATE, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_template_of_another_day_is_that_day_s_policy(service: Service) -> None:
    assert service.reader.get(TEMPLATE, params={"on": "2030-05-05"}).content == service.reader.get(TEMPLATE).content
    for query in ("on=soon", "on=2026-02-30", "on=1900-01-01", "no=1", "on=2026-01-01&on=2026-01-02"):
        refused(service.reader.get(f"{TEMPLATE}?{query}"), 422, "invalid_request")


@pytest.mark.parametrize("media_type", [XLSX, BYTES, f"{XLSX}; charset=binary", XLSX.upper()])
def test_a_filled_in_template_is_a_draft(life: Life, media_type: str) -> None:
    found = draft(parse(life, filled_in(90, C10=40), media_type=media_type))

    assert found["scorecard"] == [
        {"code": code, "earned": 40 if code == "hazards" else 90, "available": 100} for code in ELEMENTS
    ]
    assert found["total"] == {"earned": 670, "available": 800}
    assert (found["ready"], found["passes"], found["problems"]) == (True, False, [])
    assert [element["code"] for element in found["elements"] if not element["reaches"]] == ["hazards"]
    assert found["elements"][0]["title"] == "Management and leadership commitment"
    assert (found["case_id"], found["policy_version"]) == (life.case_id, "2026-01-01")


def test_it_comes_as_a_form_too(life: Life) -> None:
    file = ("Scorecard of ours (2).xlsx", filled_in(), XLSX)

    found = draft(life.employer.post(f"{life.path}/scorecard:parse", files={"file": file}))

    assert found["ready"]
    assert found["passes"]


def test_each_problem_names_sheet_and_cell_and_the_rest_is_there(life: Life) -> None:
    found = draft(parse(life, filled_in(C10="40", C11=40.5)))

    assert [(problem["sheet"], problem["cell"]) for problem in found["problems"]] == [
        ("Scorecard", "C10"), ("Scorecard", "C11"),
    ]  # fmt: skip
    assert (found["ready"], found["passes"]) == (False, None)
    assert len(found["scorecard"]) == len(ELEMENTS) - 2


def test_a_draft_is_handed_in_as_it_stands(service: Service) -> None:
    life = a_life(service, "NoticeFiled")
    scorecard = draft(parse(life, filled_in(95)))["scorecard"]
    service.live_through(15)

    done = life.do("submit-audit", life.employer, **{**life.audit(), "scorecard": scorecard})

    assert done["case"]["audit"]["scorecard"] == scorecard


def test_reading_writes_nothing(life: Life) -> None:
    before = life.case(), life.service.reader.read("/v1/events/head")["position"]

    draft(parse(life, filled_in()))

    assert (life.case(), life.service.reader.read("/v1/events/head")["position"]) == before
    assert life.service.staff.read(f"{life.path}/documents")["items"] == []


@pytest.mark.parametrize("role", sorted({*ROLES, "employer"}))
def test_who_scores_audits_may_and_nobody_else(life: Life, role: str) -> None:
    caller = life.employer if role == "employer" else life.service.of_role(role)

    answer = parse(life, filled_in(), caller)

    if role in SCORES:
        assert draft(answer)["ready"]
    else:
        refused(answer, 403, "forbidden")


def test_another_employer_is_told_as_if_the_case_did_not_exist(life: Life) -> None:
    stranger = life.service.new_employer(life.service.new_account())

    theirs = refused(parse(life, b"nonsense", stranger), 404, "not_found")
    nowhere = refused(parse(life, b"nonsense", stranger, case_id="0" * 32), 404, "not_found")

    assert theirs["detail"] == nowhere["detail"]
    refused(parse(life, filled_in(), life.service.nobody), 401, "unauthenticated")
    refused(parse(life, filled_in(), case_id="nonsense"), 404, "not_found")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_scorecard_is_only_ever_posted(life: Life, method: str) -> None:
    answer = life.employer.request(method, f"{life.path}/scorecard:parse")

    assert refused(answer, 405)["detail"].endswith("use POST.")


@pytest.mark.parametrize("fault", NO_SCORECARD)
def test_what_is_no_scorecard_is_refused_with_what_to_do(life: Life, fault: str) -> None:
    content, code = NO_SCORECARD[fault]

    refused(parse(life, content), 422, code)
    assert life.service.nobody.get("/livez").status_code == 200


def test_a_form_is_looked_at_as_closely(life: Life) -> None:
    for name in ("nothing", "with macros", "a cell in the last corner"):
        content, code = NO_SCORECARD[name]
        answer = life.employer.post(f"{life.path}/scorecard:parse", files={"file": ("card.xlsx", content, XLSX)})
        refused(answer, 422, code)


def test_a_document_of_another_type_is_no_scorecard(life: Life) -> None:
    refused(parse(life, pdf()), 422, "unreadable_workbook")


@pytest.mark.parametrize("media_type", ["application/json", "text/csv", "application/vnd.ms-excel", "", "*/*", "xlsx"])
def test_another_media_type_is_not_taken(life: Life, media_type: str) -> None:
    assert XLSX in refused(parse(life, filled_in(), media_type=media_type), 415, "unsupported_media_type")["detail"]


@pytest.mark.parametrize("told", [True, False], ids=["told", "streamed"])
def test_more_bytes_than_a_scorecard_has_are_not_read(life: Life, *, told: bool) -> None:
    most = life.service.settings.max_scorecard_bytes
    content = bytes(most + 1) if told else (bytes(1024) for _ in range(most // 1024 + 1))

    answer = life.employer.post(f"{life.path}/scorecard:parse", content=content, headers={"Content-Type": XLSX})

    assert str(most) in refused(answer, 413, "body_too_large")["detail"]


FILE = ("scorecard.xlsx", b"PK", XLSX)


@pytest.mark.parametrize(
    "parts",
    [
        [("scorecard", FILE)],
        [("file", (None, "PK"))],
        [("file", FILE), ("file", FILE)],
        [("file", FILE), ("kind", (None, "scorecard"))],
        [("kind", (None, "scorecard"))],
    ],
    ids=["another name", "a field", "two files", "a part too many", "no file"],
)
def test_a_form_has_the_one_part(life: Life, parts: list[tuple[str, Any]]) -> None:
    problem = refused(life.employer.post(f"{life.path}/scorecard:parse", files=parts), 422, "invalid_request")

    assert problem["errors"][0]["pointer"] == "/file"


BOUNDARY = b"--x\r\n"
HEADER = b'Content-Disposition: form-data; name="file"; filename="f.xlsx"\r\n\r\n'


@pytest.mark.parametrize(
    ("media_type", "content", "status"),
    [
        ("multipart/form-data", BOUNDARY + HEADER + b"PK\r\n--x--\r\n", 400),
        ("multipart/form-data; boundary=", BOUNDARY + HEADER + b"PK\r\n--x--\r\n", 400),
        ("multipart/form-data; boundary=x", b"no form at all", 400),
        ("multipart/form-data; boundary=x", BOUNDARY + b"\r\n\r\nPK\r\n--x--\r\n", 400),
        ("multipart/form-data; boundary=x; charset=punycode", BOUNDARY + HEADER + b"PK\r\n--x--\r\n", 400),
        ("multipart/form-data; boundary=x", BOUNDARY + HEADER + b"PK", 422),
        ("multipart/form-data; boundary=x", b"", 422),
    ],
)
def test_a_form_that_is_none_is_the_callers_fault(life: Life, media_type: str, content: bytes, status: int) -> None:
    refused(parse(life, content, media_type=media_type), status)


def test_many_may_ask_at_once(life: Life) -> None:
    workbooks = [filled_in(earned) for earned in range(10, 90, 10)]
    with ThreadPoolExecutor(len(workbooks)) as crowd:
        answers = [*crowd.map(lambda workbook: parse(life, workbook), workbooks)]

    assert [draft(answer)["scorecard"][0]["earned"] for answer in answers] == [*range(10, 90, 10)]
