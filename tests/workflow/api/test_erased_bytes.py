"""What was erased is gone from the bytes of the embedded database's files, not only from its rows."""

from pathlib import Path

import pytest

from workflow.api.life import a_life
from workflow.api.service import Service


def written(service: Service, what: str) -> bool:
    """Whether it stands anywhere in the database's files."""
    database = Path(service.settings.database.removeprefix("sqlite:///"))
    return any(what.encode() in file.read_bytes() for file in database.parent.glob(f"{database.name}*"))


@pytest.mark.parametrize("field", ["name", "email"])
def test_a_person_is_gone_from_the_files(service: Service, field: str) -> None:
    path = f"/v1/people/{a_life(service, 'Registered').case()['contact_id']}"
    what = service.staff.read(path)[field]
    assert written(service, what)

    service.admin.post(f"{path}:erase", json={"reason": "Asked to be."})

    assert not written(service, what)


def test_a_text_is_gone_from_the_files(service: Service) -> None:
    life = a_life(service, "Registered")
    life.do("place-hold", reason="Nobody else wrote this sentence.")
    assert written(service, "Nobody else wrote this sentence.")

    service.admin.post(f"/v1/texts/{life.case()['hold']['reason_id']}:erase", json={"reason": "Asked to be."})

    assert not written(service, "Nobody else wrote this sentence.")
