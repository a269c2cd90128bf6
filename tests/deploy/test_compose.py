"""The compose files keep their promises: no rights, no secrets in sight, health checks, and settings that exist."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy_settings import known_settings

ROOT = Path(__file__).parents[2]
Service = dict[str, Any]


class Loader(yaml.SafeLoader):
    """As compose reads it: `!override` replaces what another file says."""


def replacing(loader: yaml.SafeLoader, node: yaml.Node) -> list[Any]:
    assert isinstance(node, yaml.SequenceNode)
    return loader.construct_sequence(node)


Loader.add_constructor("!override", replacing)


def read(name: str) -> dict[str, Any]:
    told: dict[str, Any] = yaml.load((ROOT / name).read_text("utf-8"), Loader)  # noqa: S506 (a safe loader with one tag)
    return told


COMPOSE = read("docker-compose.yml")
PUBLIC = read("deploy/compose.public.yml")
WITH_BUCKET: dict[str, Service] = read("deploy/compose.bucket.yml")["services"]
SERVICES: dict[str, Service] = {**COMPOSE["services"], "bucket": WITH_BUCKET["bucket"]}
OURS = ("workflow", "notifier")
FILES = ("docker-compose.yml", "deploy/compose.public.yml", "deploy/compose.bucket.yml")
each = pytest.mark.parametrize("name", SERVICES)


@each
def test_a_container_cannot_change_itself_or_gain_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@each
def test_what_stays_up_is_asked_how_it_is_and_comes_back(name: str) -> None:
    service = SERVICES[name]
    if service["restart"] == "no":
        return
    assert service["restart"] == "unless-stopped"
    if name in OURS:  # theirs stands in the image
        assert re.search(r"^HEALTHCHECK .* CMD \[", dockerfile(), re.MULTILINE)
    else:
        assert service["healthcheck"]["test"][0] == "CMD"


@each
def test_no_secret_stands_in_the_environment(name: str) -> None:
    for variable, value in SERVICES[name].get("environment", {}).items():
        secret = re.search("PASSWORD|KEY|SECRET|TOKEN", variable) and not variable.endswith(("_FILE", "_DIR"))
        assert not secret, variable
        assert not re.search(r"://[^/]*:[^/]*@", str(value)), variable


@pytest.mark.parametrize("name", OURS)
def test_each_setting_that_is_given_exists(name: str) -> None:
    given = {*SERVICES[name]["environment"], *PUBLIC["services"][name]["environment"]}
    assert given <= known_settings()


def test_what_serves_runs_twice_migrates_nothing_and_cannot_own_the_log() -> None:
    for name in OURS:
        assert SERVICES[name]["deploy"]["replicas"] == "${REPLICAS:-2}"
        assert SERVICES[name]["environment"][f"{name.upper()}_AUTO_MIGRATE"] == "false"
    assert "secrets-workflow:/run/secrets:ro" in SERVICES["workflow"]["volumes"]
    assert not any("secrets-owner" in volume for volume in SERVICES["workflow"]["volumes"])
    assert SERVICES["migrate-workflow"]["command"] == ["migrate", "--grant-to", "workflow"]


def test_the_database_is_out_of_reach() -> None:
    assert COMPOSE["networks"]["data"]["internal"] is True
    assert SERVICES["database"]["networks"] == ["data"]
    assert "ports" not in SERVICES["database"]


def test_the_bucket_is_reached_by_those_alone_who_handle_documents() -> None:
    assert SERVICES["bucket"]["networks"] == ["data"]
    assert "ports" not in SERVICES["bucket"]
    assert {name for name in WITH_BUCKET if "secrets-bucket" in str(WITH_BUCKET[name].get("volumes"))} == {
        "prepare",
        "bucket",
    }
    told = {name: service["environment"] for name, service in WITH_BUCKET.items() if name not in {"prepare", "bucket"}}
    assert set(told) == {"workflow", "upkeep"}
    for environment in told.values():
        ours = {name for name in environment if not name.startswith("AWS_")}
        assert ours <= known_settings()
        assert environment["AWS_ENDPOINT_URL"] == f"http://bucket{SERVICES['bucket']['environment']['VGW_PORT']}"


def test_a_copy_of_the_folder_is_one_of_the_bucket() -> None:
    """`documents` with what lies below it is restored into either."""
    folder = SERVICES["workflow"]["environment"]["WORKFLOW_DOCUMENTS_URL"].rstrip("}").rpartition("/")
    assert folder[2] == "documents"
    assert WITH_BUCKET["workflow"]["environment"]["WORKFLOW_DOCUMENTS_URL"] == "s3://documents"
    assert "mkdir -p /data/documents\n" in SERVICES["bucket"]["command"][0]


@each
def test_nothing_is_published_to_other_machines_unless_the_public_file_says_so(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


def test_images_are_official_ones_with_a_version() -> None:
    for name, service in SERVICES.items():
        assert re.fullmatch(r"[a-z-]+(/[a-z-]+)?:(\S*\d\S*|\$\{SECOR_VERSION:-latest\})", service["image"]), name


def test_the_example_of_the_environment_names_everything_that_can_be_set_and_nothing_else() -> None:
    asked = re.findall(r"\$\{([A-Z_]+)", "".join((ROOT / file).read_text("utf-8") for file in FILES))
    named = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE)
    of_compose = {"COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_PROJECT_NAME"}
    assert {*asked} - of_compose == {*named} - of_compose
    assert len(named) == len({*named})


def dockerfile() -> str:
    return (ROOT / "deploy/Dockerfile").read_text("utf-8")


def test_the_image_runs_as_nobody_in_particular_and_stops_in_good_order() -> None:
    lines = dockerfile().splitlines()
    assert [line for line in lines if line.startswith("USER")] == ["USER 10001:10001"]
    assert 'ENTRYPOINT ["secor"]' in lines
    assert 'CMD ["serve"]' in lines
    assert "STOPSIGNAL SIGTERM" in lines
    assert "--require-hashes" in dockerfile()


def test_the_image_is_made_of_what_is_named_alone() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignored
    copied = {part for line in dockerfile().splitlines() if line.startswith("COPY ") for part in line.split()[1:-1]}
    let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert {part for part in copied if "/" in part and not part.startswith(("/", "services/"))} <= let_in
