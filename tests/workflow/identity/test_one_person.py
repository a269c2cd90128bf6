"""One person behind several keys and tokens counts as one, over HTTP; the refusal names the event in the log."""

from typing import Any

import httpx
import pytest

from workflow.api.caller import Caller, refused
from workflow.api.life import Life, a_life, somebody
from workflow.api.service import Service
from workflow.identity.provider import Provider

REVIEWER = {"realm_access": {"roles": ["secor-reviewer"]}}


def by_token(service: Service, provider: Provider, subject: str, **claims: Any) -> Caller:  # noqa: ANN401 (claims of every type)
    return service.caller(provider.token(sub=subject, **claims))


def link(service: Service, provider: Provider, actor: str, subject: str) -> None:
    body = {"issuer": provider.issuer, "subject": subject}
    assert service.admin.put(f"/v1/actors/{actor}/identities", json=body).status_code == 200


def say(service: Service, actor: str, email: str) -> httpx.Response:
    return service.admin.put(f"/v1/actors/{actor}/person", json={"email": email})


def submitted_by(service: Service, caller: Caller) -> Life:
    """A case whose audit this caller submitted."""
    life = a_life(service, "NoticeFiled")
    service.live_through(15)
    life.do("submit-audit", caller, **life.audit())
    return life


def refused_for(life: Life, answer: httpx.Response, code: str, event_type: str) -> dict[str, Any]:
    """The one blocker, whose event stands in the log as it says."""
    (blocker,) = refused(answer, 403, code)["blockers"]
    position = blocker["event"]["position"]
    (event,) = (one for one in life.history() if one["position"] == position)
    assert event["type"].endswith(f".{event_type}.v1")
    assert blocker["event"] == {
        "position": position, "type": event_type, "effective_on": event["data"]["effective_on"]
    }  # fmt: skip
    assert event_type in blocker["detail"]
    assert str(position) in blocker["detail"]
    found: dict[str, Any] = blocker
    return found


def test_what_was_done_by_token_before_the_link_counts_with_the_key_after_it(
    service: Service, provider: Provider
) -> None:
    life = submitted_by(service, by_token(service, provider, "ada"))
    service.new_key("qa_reviewer", actor_id="ada")
    assert life.do("assign-reviewer", reviewer="ada")

    link(service, provider, "ada", "ada")

    answer = life.send("assign-reviewer", reviewer="ada")
    assert "also known as oidc-" in refused_for(life, answer, "reviewer_submitted", "AuditSubmitted")["detail"]
    by_key = life.send("decide-qa", service.new_caller("qa_reviewer", actor_id="ada"))
    refused_for(life, by_key, "reviewer_submitted", "AuditSubmitted")


def test_a_reviewer_assigned_before_the_link_goes_on_after_it(service: Service, provider: Provider) -> None:
    life = a_life(service, "AuditSubmitted")
    reviewer = by_token(service, provider, "bea", **REVIEWER)
    life.do("assign-reviewer", reviewer=reviewer.read("/v1/me")["actor_id"])

    link(service, provider, "bea", "bea")

    assert life.do("decide-qa", reviewer)["event"]["actor"] == "bea"


def test_two_keys_of_different_actors_are_one_person_once_an_admin_says_so(service: Service) -> None:
    life = submitted_by(service, service.new_caller("staff", actor_id="cai-desk"))
    service.new_key("qa_reviewer", actor_id="cai-review")
    assert life.do("assign-reviewer", reviewer="cai-review")

    say(service, "cai-desk", "cai@example.org")
    told = say(service, "cai-review", "Cai@Example.org").json()

    assert (told["same_as"], told["said_by"]) == (["cai-desk"], "root")
    refused_for(life, life.send("assign-reviewer", reviewer="cai-review"), "reviewer_submitted", "AuditSubmitted")
    assert service.admin.delete("/v1/actors/cai-desk/person").status_code == 204
    assert service.admin.read("/v1/actors/cai-review/person")["same_as"] == []
    assert life.do("assign-reviewer", reviewer="cai-review")


def test_who_handed_in_a_document_of_the_audit_does_not_review_it(service: Service) -> None:
    life = a_life(service, "NoticeFiled")
    service.live_through(15)
    audit = life.audit()
    paper = life.hand_in(by=service.new_caller("staff", actor_id="dot")).json()
    audit["documents"].append({"kind": paper["kind"], "document_id": paper["document_id"]})
    life.do("submit-audit", life.employer, **audit)
    service.new_key("qa_reviewer", actor_id="dot")

    answer = life.send("assign-reviewer", reviewer="dot")

    refused_for(life, answer, "reviewer_changed_audit", "DocumentAdded")


def test_who_advises_after_the_assignment_does_not_decide(service: Service) -> None:
    life = a_life(service, "AuditSubmitted")
    reviewer = service.new_caller("qa_reviewer", actor_id="eli")
    life.do("assign-reviewer", reviewer="eli")

    told = life.do("record-advice", reviewer, elements=["hazards"], words="Label the bottles.")

    fact = told["event"]["data"]["fact"]
    assert service.staff.read(f"/v1/texts/{fact['words_id']}")["text"] == "Label the bottles."
    answer = life.send("decide-qa", reviewer)
    assert "until" in refused_for(life, answer, "reviewer_advised", "AdviceRecorded")["detail"]


def test_advice_by_nobody_is_refused(service: Service) -> None:
    life = a_life(service, "Registered")

    refused(life.send("record-advice", adviser="nobody-here"), 409, "unknown_adviser")
    assert life.do("record-advice", adviser="reviewer")


# --- the champion ---


@pytest.fixture(scope="module")
def led(service: Service) -> tuple[Life, str]:
    """A case with an audit to be reviewed, and its champion's address."""
    life = Life(service)
    life.register()
    champion = somebody()
    life.do("name-champion", life.employer, person=champion, employment="permanent")
    for step in (life.record_training, life.declare_sms, life.file_notice, life.submit_audit):
        step()
    return life, champion["email"]


def test_the_champion_does_not_review_by_a_key(service: Service, led: tuple[Life, str]) -> None:
    life, email = led
    service.new_key("qa_reviewer", actor_id="fay")
    assert life.do("assign-reviewer", reviewer="fay")

    say(service, "fay", email)

    refused_for(life, life.send("assign-reviewer", reviewer="fay"), "reviewer_is_champion", "ChampionNamed")


def test_the_champion_does_not_review_by_a_token_that_tells_a_verified_address(
    service: Service, provider: Provider, led: tuple[Life, str]
) -> None:
    life, email = led
    unverified = by_token(service, provider, "gus", email=email, email_verified=False, **REVIEWER)
    life.do("assign-reviewer", reviewer=unverified.read("/v1/me")["actor_id"])
    assert available(unverified, life, "decide-qa") == (True, [])

    verified = by_token(service, provider, "gus", email=email.upper(), email_verified=True, **REVIEWER)

    refused_for(life, life.send("decide-qa", verified), "reviewer_is_champion", "ChampionNamed")
    refused_for(life, life.send("decide-qa", unverified), "reviewer_is_champion", "ChampionNamed")
    may, blockers = available(verified, life, "decide-qa")
    assert (may, [blocker["event"]["type"] for blocker in blockers]) == (False, ["ChampionNamed"])


def available(caller: Caller, life: Life, command: str) -> tuple[bool, list[dict[str, Any]]]:
    """Whether the caller is told that it may, and what stands against it."""
    (found,) = (one for one in caller.read(f"{life.path}/commands")["items"] if one["command"] == command)
    return found["available"], found["blockers"]


def test_no_address_that_was_said_is_ever_shown(service: Service) -> None:
    say(service, "hal", "hal.nowhere@example.org")

    assert "nowhere" not in service.admin.get("/v1/actors/hal/person").text


# --- asking wrongly ---


@pytest.mark.parametrize("body", [{}, {"email": "kim"}, {"email": 1}, {"email": "a@example.org", "name": "A"}], ids=str)
def test_what_is_no_address_is_refused(service: Service, body: dict[str, Any]) -> None:
    refused(service.admin.put("/v1/actors/kim/person", json=body), 422, "invalid_request")


def test_of_an_actor_whom_nobody_knows_nothing_is_said_for_it_would_be_a_typing_error(service: Service) -> None:
    service.new_key("staff", actor_id="dana")

    problem = refused(say(service, "danna", "dana@example.org"), 404, "not_found")

    assert "Correct the id" in problem["detail"]
    assert service.admin.read("/v1/actors/danna/person")["said_at"] is None
    assert say(service, "dana", "dana@example.org").status_code == 200


def test_a_link_to_an_actor_whom_nothing_else_knows_says_so(service: Service, provider: Provider) -> None:
    service.new_key("staff", actor_id="erin")

    def is_known(actor: str, subject: str) -> bool:
        link(service, provider, actor, subject)
        (one,) = service.admin.read(f"/v1/actors/{actor}/identities")["items"]
        return bool(one["known"])

    assert is_known("erin", "erin's subject")
    assert not is_known("errin", "erin's other subject")


def test_nothing_is_said_of_what_can_be_no_actor_nor_taken_back_if_nothing_was_said(service: Service) -> None:
    refused(say(service, "a b", "a@example.org"), 404, "not_found")
    refused(service.admin.get("/v1/actors/a b/person"), 404, "not_found")
    refused(service.admin.delete("/v1/actors/unheard-of/person"), 404, "not_found")
