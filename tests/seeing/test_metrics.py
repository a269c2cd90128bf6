"""The metrics answer an operator's questions; what is told is what is documented; and asking harms nobody."""

from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from secor_notifier.api import metrics as notifier
from secor_workflow.api import metrics as workflow
from seeing.both import Both, both
from workflow.api.life import Life, a_life
from workflow.api.service import Service

DOCUMENTED: tuple[tuple[workflow.Metric | notifier.Metric, ...], ...] = (
    (*workflow.METRICS.values(),),
    (*notifier.METRICS.values(),),
)
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Both, with one case that has come a little way."""
    with both(tmp_path_factory.mktemp("seen")) as running:
        a_life(running.workflow, "ChampionNamed")
        running.catch_up()
        yield running


def samples(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(told: Samples, name: str, **labels: str) -> float:
    return told.get((name, frozenset(labels.items())), 0.0)


def test_what_is_told_is_what_is_documented(services: Both) -> None:
    for text, documented in zip(services.metrics(), DOCUMENTED, strict=True):
        ours = documented[0].full_name[: len("secor_workflow_")]
        told = {one.name: one for one in text_string_to_metric_families(text) if one.name.startswith(ours)}
        names = {metric.full_name.removesuffix("_total"): metric for metric in documented}
        assert told.keys() == names.keys()
        for name, family in told.items():
            assert (family.type, family.documentation) == (names[name].kind, names[name].meaning)
            for sample in family.samples:
                assert sample.labels.keys() - {"le"} == set(names[name].labels)


def test_commands_are_counted_by_what_became_of_them(services: Both) -> None:
    before = samples(services.metrics()[0])
    life = Life(services.workflow)
    life.register()
    life.send("declare-sms")
    life.send("name-champion", headers={"If-Match": '"7"'})
    life.employer.get(life.path)
    after = samples(services.metrics()[0])

    def more(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert more("secor_workflow_commands_total", command="register-employer", outcome="accepted") == 1
    assert more("secor_workflow_commands_total", command="declare-sms", outcome="refused") == 1
    assert more("secor_workflow_refusals_total", code="not_now") == 1
    assert more("secor_workflow_problems_total", code="not_now") == 1
    assert more("secor_workflow_append_batch_events_count") == 1
    assert more("secor_workflow_append_batch_events_sum") == 1
    assert more("secor_workflow_append_commit_seconds_count") == more("secor_workflow_append_lock_seconds_count") == 1


def test_how_far_a_reader_is_behind_is_a_subtraction(services: Both) -> None:
    head = services.workflow.reader.read("/v1/events/head")
    epoch = head["cursor"].partition(".")[0]
    services.workflow.reader.get("/v1/events", params={"after": f"{epoch}.{head['position'] - 1}"})
    told = samples(services.metrics()[0])

    assert value(told, "secor_workflow_head_position") == head["position"]
    assert value(told, "secor_workflow_reader_lag_events", role="reader") == 1
    assert value(told, "secor_workflow_reader_lag_seconds", role="reader") > 0


def test_the_notifier_tells_where_it_is_and_how_letters_stand(services: Both) -> None:
    services.catch_up()
    first, second = map(samples, services.metrics())

    assert value(second, "secor_notifier_cursor_position") == value(first, "secor_workflow_head_position")
    assert value(second, "secor_notifier_lag_seconds") == 0
    assert value(second, "secor_notifier_mail_up") == 1
    assert value(second, "secor_notifier_reminders", status="sent") > 0
    assert value(second, "secor_notifier_reminders_to_mend", why="dead") == 0


def test_overdue_deadlines_are_counted_by_kind(service: Service) -> None:
    a_life(service, "Registered")
    service.live_through(200)
    told = samples(service.nobody.get("/metrics").text)

    assert value(told, "secor_workflow_deadlines_overdue", deadline="name_champion") == 1
    assert value(told, "secor_workflow_clock_due_cases") == 0


@pytest.fixture
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(f"sqlite:///{tmp_path_factory.mktemp('overdue') / 'workflow.db'}") as running:
        yield running
