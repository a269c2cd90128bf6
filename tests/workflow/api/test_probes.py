"""Probes and metrics: is it alive, is it ready, how is it doing; and none of it tells whom it is about."""

import re

from prometheus_client.parser import text_string_to_metric_families

from workflow.api.life import a_life
from workflow.api.service import Service


def test_a_process_that_answers_is_alive(service: Service) -> None:
    assert service.nobody.read("/livez") == {"status": "ok"}


def test_a_service_that_is_ready_says_so_and_how_far_its_log_is(service: Service) -> None:
    position = a_life(service, "Registered").case()["position"]

    ready = service.nobody.read("/readyz")

    rest = {"documents": "ok", "scanner": "off", "issuers": "off"}
    assert ready == {"status": "ok", "checks": {"database": "ok", "migrations": "ok", "head": position, **rest}}


def test_metrics_count_requests_by_route_and_status(service: Service) -> None:
    life = a_life(service, "Registered")
    labels = {"method": "GET", "route": "/v1/cases/{case_id}", "status": "200"}

    def counted() -> float:
        families = text_string_to_metric_families(service.nobody.get("/metrics").text)
        (sample,) = [
            s
            for family in families
            for s in family.samples
            if s.name == "secor_workflow_requests_total" and s.labels == labels
        ]
        return sample.value

    before = counted()
    life.case()

    assert counted() == before + 1


def test_metrics_tell_the_head_of_the_log(service: Service) -> None:
    position = a_life(service, "Registered").case()["position"]

    assert f"secor_workflow_head_position {float(position)}" in service.nobody.get("/metrics").text


def test_no_label_names_a_case_a_person_or_a_path_that_nobody_knows(service: Service) -> None:
    life = a_life(service, "ChampionNamed")
    case = life.case()
    paths = (
        f"{life.path}/events",
        f"/v1/people/{case['contact_id']}",
        f"/{life.account}/zoya",
        "/v1/cases/zoya@b.example",
    )
    for path in paths:
        for method in ("GET", "DELETE", "PATCH"):
            service.staff.request(method, path)

    families = list(text_string_to_metric_families(service.nobody.get("/metrics").text))

    labels = {value for family in families for sample in family.samples for value in sample.labels.values()}
    assert {"/v1/cases/{case_id}/events", "/v1/people/{person_id}", "none", "other"} <= labels
    uuid = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
    assert [label for label in labels if uuid.search(label) or life.account in label or "zoya" in label] == []
