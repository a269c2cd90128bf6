"""The manifests for Kubernetes: each is what its schema says, and each pod keeps what the compose file promises too."""

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]  # the library has no annotations
import pytest
import yaml

from deploy_settings import known_settings

MANIFESTS = Path(__file__).parents[2] / "deploy" / "kubernetes"
OLDEST, NEWEST = "1.30", "1.37"
Object = dict[str, Any]
FILES = sorted(file for file in MANIFESTS.glob("*/*.yaml") if file.name not in {"kustomization.yaml", "bucket.yaml"})


def objects(file: Path) -> list[Object]:
    return list(yaml.safe_load_all(file.read_text("utf-8")))


def kustomization(folder: str) -> Object:
    told: Object = yaml.safe_load((MANIFESTS / folder / "kustomization.yaml").read_text("utf-8"))
    return told


@cache
def all_objects() -> tuple[Object, ...]:
    return tuple(one for file in FILES for one in objects(file))


def of_kind(kind: str) -> Iterator[Object]:
    return (one for one in all_objects() if one["kind"] == kind)


def pods() -> Iterator[tuple[str, Object]]:
    for one in (*of_kind("Deployment"), *of_kind("Job")):
        yield one["metadata"]["name"], one["spec"]["template"]["spec"]


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_each_object_is_what_kubernetes_expects(version: str) -> None:
    for one in all_objects():
        kubernetes_validate.validate(one, version, strict=True)


def test_kustomize_finds_every_file_and_leaves_none_out() -> None:
    for folder in ("base", "example"):
        told = kustomization(folder)
        named = {*told["resources"], *(patch["path"] for patch in told.get("patches", ()))}
        there = {file.name for file in (MANIFESTS / folder).glob("*.yaml")} - {"kustomization.yaml"}
        assert {name for name in named if not name.startswith("..")} == there


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl, which has kustomize in it, is not installed")
def test_the_example_is_put_together_whole() -> None:
    built = subprocess.run(["kubectl", "kustomize", MANIFESTS / "example"], capture_output=True, text=True, check=True)
    found = list(yaml.safe_load_all(built.stdout))
    for one in found:
        kubernetes_validate.validate(one, NEWEST, strict=True)
    assert len(found) == len(all_objects()) + 2  # the two maps of settings


def test_a_pod_has_no_rights_and_writes_nowhere_but_where_it_must() -> None:
    for name, pod in pods():
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["automountServiceAccountToken"] is False, name
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}, name
        assert "memory" in container["resources"]["limits"], name


def test_a_pod_has_its_secrets_as_files() -> None:
    for name, pod in pods():
        (secret,) = (volume["secret"] for volume in pod["volumes"] if "secret" in volume)
        assert secret["defaultMode"] == 0o440, name
        (container,) = pod["containers"]
        assert {one["name"] for one in container["env"]} == {"SECOR_SECRETS_DIR"}, name
        assert not any("secretRef" in one for one in container.get("envFrom", ())), name


def test_each_setting_in_a_map_exists() -> None:
    for folder in ("base", "example"):
        for made in kustomization(folder)["configMapGenerator"]:
            given = {literal.partition("=")[0] for literal in made["literals"]}
            assert given <= known_settings() | {"AWS_REGION"}, made["name"]


def test_what_serves_is_probed_spread_out_and_never_wholly_away() -> None:
    budgets = {one["metadata"]["name"]: one["spec"] for one in of_kind("PodDisruptionBudget")}
    for deployment in of_kind("Deployment"):
        pod = deployment["spec"]["template"]
        assert deployment["spec"]["replicas"] > 1
        assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        assert budgets[deployment["metadata"]["name"]]["selector"] == deployment["spec"]["selector"]
        assert {one["topologyKey"] for one in pod["spec"]["topologySpreadConstraints"]} == {
            "kubernetes.io/hostname",
            "topology.kubernetes.io/zone",
        }
        (container,) = pod["spec"]["containers"]
        assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert container["startupProbe"]


def test_nobody_talks_to_anybody_unless_a_policy_says_so() -> None:
    closed, *others = of_kind("NetworkPolicy")
    assert closed["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert {one["metadata"]["name"] for one in others} >= {"workflow", "notifier"}
