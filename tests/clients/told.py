"""What both programs tell after leading a case, held against what the service says of it."""

import json

from workflow.api.service import Service


def led_a_case(service: Service, told: str) -> None:
    """The case is where the program says it is, and was registered once."""
    said = json.loads(told)
    case = service.staff.read(f"/v1/cases/{said.pop('case_id')}")
    assert case["state"] == "ChampionNamed"
    assert case["version"] == 3
    assert said == {
        "same_case_again": True,
        "refused": "not_now",
        "state": "ChampionNamed",
        "named": "permanent",
        "document": "application/pdf",
        "same_document_again": True,
        "same_bytes_back": True,
        "feed": [f"ca.go2hr.secor.{name}.v1" for name in ("EmployerRegistered", "ChampionNamed", "DocumentAdded")],
    }
