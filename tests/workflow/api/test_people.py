"""Names, addresses and free text stand in no answer but the one that is asked for a person or a text, and can go."""

from collections.abc import Iterator
from typing import Any

import pytest

from workflow.api.caller import refused
from workflow.api.life import Life, a_life, somebody
from workflow.api.service import Service, on_both_engines

pytestmark = on_both_engines

GRACE = {"name": "Grace Contactwell", "email": "grace@contactwell.example", "phone": "604 555 0100"}
ADA = {"name": "Ada Championson", "email": "ada@championson.example", "phone": "604 555 0101"}
ROSA = {"name": "Rosa Newcomer", "email": "rosa@newcomer.example", "phone": "604 555 0102"}


def text(of: str) -> str:
    """Free text that names somebody, told apart by what it is of."""
    return f"Grace said of the {of} what Ada denied."


TEXTS = [text(of) for of in ("move", "refusal", "cancelling", "note", "answer", "rejection", "refused", "hold", "time")]
SECRETS = [value for person in (GRACE, ADA, ROSA) for value in person.values()] + TEXTS


@pytest.fixture(scope="module")
def life(service: Service) -> Life:
    """A life in which everybody was named and everything was commented on."""
    life = Life(service)
    opened = life.employer.post("/v1/cases", json=life.registration() | {"contact": GRACE})
    life.case_id = opened.json()["case"]["case_id"]
    life.do("name-champion", life.employer, person=ADA, employment="owner")
    life.do("replace-champion", life.employer, person=ROSA, employment="owner", reason=text("move"))
    life.record_training()
    life.declare_sms()
    life.file_notice()
    life.do("refuse-notice", reason=text("refusal"))
    life.file_notice()
    life.do("cancel-notice", reason=text("cancelling"))
    life.file_notice()
    life.submit_audit()
    life.assign_reviewer()
    noted = life.do("return-audit", service.reviewer, notes=[{"text": text("note")}])["case"]["audit"]["notes"]
    answers = [{"note_id": noted[0]["note_id"], "text": text("answer")}]
    life.do("resubmit-audit", life.employer, **life.audit(), answers=answers)
    life.do("reject-audit", service.reviewer, reason=text("rejection"))
    life.file_notice()
    life.submit_audit()
    life.decide()
    life.do("forward-to-worksafebc")
    life.do("record-worksafebc-refusal", reason=text("refused"))
    life.do("place-hold", reason=text("hold"))
    life.do("extend-deadline", deadline="idle", due_on=service.on(900), reason=text("time"))
    return life


def every_id(part: object, *names: str) -> Iterator[str]:
    """Every value of these names in a JSON value."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name in names and isinstance(value, str):
                yield value
            yield from every_id(value, *names)
    elif isinstance(part, list):
        for value in part:
            yield from every_id(value, *names)


def test_no_answer_about_a_whole_life_names_anybody(service: Service, life: Life) -> None:
    paths = ("", "/events", "/commands", "/worksafebc-package")
    answers = [service.staff.get(life.path + path) for path in paths]
    answers += [service.reader.get("/v1/events", params={"limit": 1000}), service.staff.get("/v1/cases")]
    answers += [service.admin.get("/v1/keys"), service.nobody.get("/metrics"), service.nobody.get("/readyz")]
    assert {answer.status_code for answer in answers} == {200}

    for answer in answers:
        assert [secret for secret in SECRETS if secret.casefold() in answer.text.casefold()] == []


def test_no_refusal_names_whom_the_wish_named(service: Service, life: Life) -> None:
    wishes: list[tuple[str, dict[str, Any]]] = [
        ("name-champion", {"person": ADA, "employment": "owner"}),
        ("replace-champion", {"person": ROSA, "employment": "owner", "reason": text("move")}),
        ("replace-champion", {"person": ADA, "employment": "cousin", "reason": text("move")}),
        ("replace-champion", {"person": ADA | {"email": ADA["name"]}, "employment": "owner", "reason": text("move")}),
        ("replace-champion", {"person": ADA | {"phone": ADA["name"]}, "employment": "owner", "reason": text("move")}),
        ("place-hold", {"reason": text("hold"), "review_on": text("hold")}),
        ("place-hold", {"reason": [text("hold")]}),
        ("close", {"reason": text("hold")}),
        ("resubmit-audit", {"answers": [{"note_id": ADA["name"], "text": text("answer")}]}),
        ("update-employer", {"contact": ADA["name"]}),
    ]

    for command, body in wishes:
        answer = life.send(command, headers={"Idempotency-Key": "the-same"}, **body)
        assert answer.status_code in {409, 422}
        assert [secret for secret in SECRETS if secret.casefold() in answer.text.casefold()] == []


def test_malformed_json_is_refused_without_repeating_it(service: Service, life: Life) -> None:
    answer = service.staff.post(f"{life.path}/commands/place-hold", content=f'{{"reason": "{TEXTS[0]}"')

    assert TEXTS[0] not in answer.text


def test_a_person_can_be_read_by_id(service: Service, life: Life) -> None:
    case = life.case()

    contact = service.staff.get(f"/v1/people/{case['contact_id']}")

    assert contact.json() == {"person_id": case["contact_id"], "case_id": life.case_id, **GRACE}
    assert contact.headers["cache-control"] == "no-store"
    assert service.notifier.read(f"/v1/people/{case['champion']['person_id']}")["name"] == ROSA["name"]
    assert life.employer.read(f"/v1/people/{case['contact_id']}")["email"] == GRACE["email"]


def test_every_text_can_be_read_by_the_id_in_its_event(service: Service, life: Life) -> None:
    ids = list(every_id(life.history(), "reason_id", "note_id", "answer_id"))

    read = {service.staff.read(f"/v1/texts/{an_id}")["text"] for an_id in ids}

    assert read == set(TEXTS)


def test_the_same_address_in_the_same_case_is_the_same_person(service: Service, life: Life) -> None:
    case = life.case()
    shouted = GRACE | {"email": GRACE["email"].upper(), "name": "Grace C."}

    assert life.do("update-employer", contact=shouted)["case"]["contact_id"] == case["contact_id"]
    assert service.staff.read(f"/v1/people/{case['contact_id']}")["name"] == "Grace C."


def test_the_same_address_in_another_case_is_another_person(service: Service, life: Life) -> None:
    other = a_life(service, "Registered")

    assert other.do("update-employer", contact=GRACE)["case"]["contact_id"] != life.case()["contact_id"]


@pytest.fixture
def short_life(service: Service) -> Life:
    life = a_life(service, "ChampionNamed")
    life.do("place-hold", reason="Ada is ill.")
    return life


def test_who_is_erased_is_gone_for_everybody_and_the_case_still_reads(service: Service, short_life: Life) -> None:
    before, history = short_life.case(), short_life.history()
    path = f"/v1/people/{before['champion']['person_id']}"

    erased = service.admin.post(f"{path}:erase", json={"reason": "Asked to be."})

    assert erased.status_code == 200
    assert erased.json()["id"] == before["champion"]["person_id"]
    assert erased.json()["texts"] == [before["hold"]["reason_id"]]
    for caller in (service.staff, service.admin, service.notifier, short_life.employer):
        refused(caller.get(path), 410, "erased")
    after = short_life.case()
    assert (after["state"], after["champion"], after["deadlines"]) == (
        before["state"], before["champion"], before["deadlines"],
    )  # fmt: skip
    assert short_life.history()[:-1] == history
    assert service.staff.get(f"/v1/people/{before['contact_id']}").status_code == 200


def test_a_text_is_erased_likewise(service: Service, short_life: Life) -> None:
    before = short_life.case()
    path = f"/v1/texts/{before['hold']['reason_id']}"
    assert service.staff.read(path)["text"] == "Ada is ill."

    assert service.admin.post(f"{path}:erase", json={"reason": "Asked to be."}).json()["texts"] == []

    refused(service.staff.get(path), 410, "erased")
    assert short_life.case() == before


def test_erasing_again_is_as_good_as_once(service: Service, short_life: Life) -> None:
    path = f"/v1/people/{short_life.case()['contact_id']}:erase"
    first = service.admin.post(path, json={"reason": "Asked to be."})
    service.live_through(1)

    assert service.admin.post(path, json={"reason": "Again."}).json() == first.json()


def test_who_was_erased_and_comes_back_is_somebody_new(service: Service) -> None:
    life, ada = a_life(service, "Registered"), somebody()
    gone = life.do("name-champion", person=ada, employment="owner")["case"]["champion"]["person_id"]
    service.admin.post(f"/v1/people/{gone}:erase", json={"reason": "Asked to be."})

    case = life.do("replace-champion", person=ada, employment="owner", reason="She is back.")["case"]

    assert case["champion"]["person_id"] != gone
    refused(service.staff.get(f"/v1/people/{gone}"), 410, "erased")


def test_an_answer_given_again_after_an_erasure_names_nobody_either(service: Service) -> None:
    life, headers = a_life(service, "Registered"), {"Idempotency-Key": "erased-between"}
    wish: dict[str, Any] = {"person": somebody(), "employment": "owner"}
    first = life.send("name-champion", headers=headers, **wish)
    gone = first.json()["case"]["champion"]["person_id"]
    service.admin.post(f"/v1/people/{gone}:erase", json={"reason": "Asked to be."})

    assert life.send("name-champion", headers=headers, **wish).content == first.content
    refused(service.staff.get(f"/v1/people/{gone}"), 410, "erased")


@pytest.mark.parametrize("path", ["/v1/people", "/v1/texts"])
@pytest.mark.parametrize("an_id", ["00000000-0000-7000-8000-000000000000", "nonsense"])
def test_who_never_was_is_not_found(service: Service, path: str, an_id: str) -> None:
    refused(service.staff.get(f"{path}/{an_id}"), 404, "not_found")
    refused(service.admin.post(f"{path}/{an_id}:erase", json={"reason": "None."}), 404, "not_found")


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": 1}, {"reason": "x", "by": "me"}], ids=str)
def test_an_erasure_needs_a_reason(service: Service, life: Life, body: dict[str, Any]) -> None:
    path = f"/v1/people/{life.case()['contact_id']}"

    refused(service.admin.post(f"{path}:erase", json=body), 422, "invalid_request")

    assert service.staff.get(path).status_code == 200


@pytest.mark.parametrize("reason", ["robin@example.com asked for it.", "They called from 604-555-0142."])
def test_the_reason_of_an_erasure_brings_nobody_s_address_back(service: Service, short_life: Life, reason: str) -> None:
    """It outlives what is erased, and of a text or a document it could never be erased itself."""
    person_id = short_life.case()["contact_id"]
    text_id = short_life.case()["hold"]["reason_id"]
    for path in (f"/v1/people/{person_id}", f"/v1/texts/{text_id}"):
        problem = refused(service.admin.post(f"{path}:erase", json={"reason": reason}), 422, "personal_data")
        assert problem["errors"][0]["pointer"] == "/reason"
        assert service.staff.get(path).status_code == 200
