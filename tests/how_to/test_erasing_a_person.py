"""The page on erasing a person does what it says: one part shows, one forgets the person, one a text."""

import json
from pathlib import Path

import httpx

from how_to.reader import beside
from how_to.test_shell_pages import follow_page
from loopback import NO_TLS
from workflow.api.caller import refused
from workflow.api.life import a_life, somebody
from workflow.api.service import Service
from workflow.identity.four_eyes import four_eyes

PAGE = "erase-a-person.md"
SHOWN, FORGOTTEN, TEXT = range(3)
TEXT_OF_THE_PAGE = "01930000-0000-7000-8000-000000000001"


def test_who_asks_what_is_kept_is_told_and_nothing_is_changed(service: Service, notifier: str, tmp_path: Path) -> None:
    ada, first, second = somebody(), a_life(service, "ChampionNamed"), a_life(service, "Registered")
    ids = [life.do("update-employer", contact=ada)["case"]["contact_id"] for life in (first, second)]
    text = first.do("place-hold", reason=f"{ada['name']} is ill.")["case"]["hold"]["reason_id"]
    here = {**beside(notifier), "morgan@example.com": ada["email"]}
    before = service.reader.read("/v1/events/head")["position"]

    follow_page(service, PAGE, tmp_path, here, part=SHOWN)

    assert service.reader.read("/v1/events/head")["position"] == before
    assert service.admin.read(f"/v1/texts/{text}")["text"] == f"{ada['name']} is ill."
    for person_id in ids:
        assert service.admin.read(f"/v1/people/{person_id}")["email"] == ada["email"]
        export, letters, reads = (tmp_path / "kept" / f"{of}-{person_id}.json" for of in ("export", "letters", "reads"))
        assert json.loads(export.read_text("utf-8"))["person"]["email"] == ada["email"]
        assert "items" in json.loads(letters.read_text("utf-8"))
        assert "export_person" in {read["operation"] for read in json.loads(reads.read_text("utf-8"))["items"]}
        assert {one.stat().st_mode & 0o777 for one in (export, letters, reads)} == {0o600}


def test_who_asks_to_be_forgotten_is_and_a_text_when_it_is_named(
    service: Service, notifier: str, tmp_path: Path
) -> None:
    ada, first, second = somebody(), a_life(service, "ChampionNamed"), a_life(service, "Registered")
    ids = [life.do("update-employer", contact=ada)["case"]["contact_id"] for life in (first, second)]
    text = first.do("place-hold", reason=f"{ada['name']} is ill.")["case"]["hold"]["reason_id"]
    here = {**beside(notifier), "morgan@example.com": ada["email"], TEXT_OF_THE_PAGE: text}

    told = follow_page(service, PAGE, tmp_path, here, part=FORGOTTEN)

    assert told.count('"still":["contact"]') == 2
    assert f"{ada['name']} is ill." in told
    for person_id in ids:
        refused(service.admin.get(f"/v1/people/{person_id}"), 410, "erased")
    assert service.admin.get(f"/v1/texts/{text}").is_success

    follow_page(service, PAGE, tmp_path, here, part=TEXT)

    refused(service.admin.get(f"/v1/texts/{text}"), 410, "erased")
    admin = {"Authorization": f"Bearer {service.admin.key}"}
    read_on = httpx.put(
        f"{notifier}/v1/sandbox/clock", json={"advance": "PT0S"}, headers=admin, verify=NO_TLS, timeout=30
    )
    assert read_on.is_success
    assert [service.admin.read(f"/v1/people/{person_id}/erasure")["expected"] for person_id in ids] == [[], []]


def test_with_four_eyes_nothing_is_erased_until_another_admin_approves(tmp_path: Path) -> None:
    policy = four_eyes(tmp_path, "erasure")
    with Service(f"sqlite:///{tmp_path / 'workflow.db'}", policy_file=policy) as service:
        other, ada, life = service.new_caller("admin", actor_id="other"), somebody(), a_life(service, "Registered")
        person = life.do("update-employer", contact=ada)["case"]["contact_id"]
        here = {"morgan@example.com": ada["email"]}

        told = follow_page(service, PAGE, tmp_path, here, part=FORGOTTEN)

        assert "\n202\n" in told
        assert service.admin.get(f"/v1/people/{person}/erasure").status_code == 404
        assert service.admin.read(f"/v1/people/{person}")["email"] == ada["email"]
        (waiting,) = service.admin.read("/v1/approvals")["items"]
        assert other.post(f"/v1/approvals/{waiting['approval_id']}:approve").is_success

        assert "\n200\n" in follow_page(service, PAGE, tmp_path, here, part=FORGOTTEN)
        refused(service.admin.get(f"/v1/people/{person}"), 410, "erased")
