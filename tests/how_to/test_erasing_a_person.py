"""The page on erasing a person does what it says, in every case that names the address."""

import json
from pathlib import Path

from how_to.test_shell_pages import follow_page
from workflow.api.caller import refused
from workflow.api.life import a_life, somebody
from workflow.api.service import Service


def test_a_person_is_found_exported_and_erased_with_the_texts_that_name_them(service: Service, tmp_path: Path) -> None:
    ada, first, second = somebody(), a_life(service, "ChampionNamed"), a_life(service, "Registered")
    ids = [life.do("update-employer", contact=ada)["case"]["contact_id"] for life in (first, second)]
    text = first.do("place-hold", reason=f"{ada['name']} is ill.")["case"]["hold"]["reason_id"]

    told = follow_page(service, "erase-a-person.md", tmp_path, EMAIL=ada["email"])

    for person_id in ids:
        assert json.loads((tmp_path / f"export-{person_id}.json").read_text("utf-8"))["person"]["email"] == ada["email"]
        refused(service.admin.get(f"/v1/people/{person_id}"), 410, "erased")
    refused(service.admin.get(f"/v1/texts/{text}"), 410, "erased")
    assert told.count('"still":["contact"]') == 2
    assert told.count('"expected":["notifier"]') == 2
