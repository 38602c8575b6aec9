"""ops/kubernetes: objects that Kubernetes' own schemas accept, pods that may do nothing they need not, settings that exist.

Nothing is applied here: that needs a cluster. kustomize, as kubectl has it, puts the overlay together where there is a kubectl.
"""

import copy
import os
import re
import shutil
import subprocess

import kubernetes_validate
import pytest
import yaml

from ops.local.services import NAMES
from ops.prometheus.__main__ import FILE as RULES_FILE
from ops.prometheus.__main__ import build_rules_object
from ops.schemas import ROOT
from shared.settings import PREFIX, environment_names, load_settings
from shared.topics import CONSUMED
from tests.certificates import Authority
from tests.contract.deployed import MODELS

FOLDER = ROOT / "ops/kubernetes"
VERSIONS = ("1.30", "1.37")
KUBECTL = shutil.which("kubectl")
SECRETS = {
    "ingest": {"DATELINE_INGEST_TOKEN_HASHES": "a" * 64},
    "search": {"DATELINE_SEARCH_CURSOR_KEY": "k" * 32},
}
ACCOUNT = {"DATELINE_KAFKA_USERNAME": "somebody", "DATELINE_KAFKA_PASSWORD": "something"}


def objects_of(folder):
    """The objects as they are written, before kustomize puts anything together."""
    files = (path for path in sorted((FOLDER / folder).glob("*.yaml")) if path.name != "kustomization.yaml")
    documents = (each for path in files for each in yaml.safe_load_all(path.read_text(encoding="utf-8")))
    return [each for each in documents if isinstance(each, dict)]


def built(folder):
    """The objects as kustomize puts them together."""
    done = subprocess.run(
        [str(KUBECTL), "kustomize", str(FOLDER / folder)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def by_name(objects, *kinds):
    return {each["metadata"]["name"]: each for each in objects if each["kind"] in kinds}


BASE = objects_of("base")
WORKLOADS = by_name(BASE, "Deployment", "StatefulSet", "Job")
KUSTOMIZATION = yaml.safe_load((FOLDER / "base/kustomization.yaml").read_text(encoding="utf-8"))
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]

every_workload = pytest.mark.parametrize("name", WORKLOADS)
every_service = pytest.mark.parametrize("name", NAMES)
needs_kubectl = pytest.mark.skipif(KUBECTL is None, reason="no kubectl on this machine: what kustomize makes of it is not seen")
every_build = pytest.mark.parametrize("folder", ["base", "overlays/production"])


def pod_of(name):
    return WORKLOADS[name]["spec"]["template"]["spec"]


def container_of(name):
    (container,) = pod_of(name)["containers"]
    return container


def settings_of(literals, name):
    told = dict(literal.split("=", 1) for literal in literals)
    return told | {each["name"]: each["value"] for each in container_of(name).get("env", ())} | SECRETS.get(name, {})


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("written", BASE, ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_an_object_is_what_kubernetes_takes(written, version):
    kubernetes_validate.validate(written, version, strict=True)


def test_an_object_with_a_misspelt_field_would_be_found():
    wrong = copy.deepcopy(WORKLOADS["search"])
    wrong["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}

    with pytest.raises(kubernetes_validate.ValidationError, match="readynessProbe"):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


@needs_kubectl
@every_build
def test_what_kustomize_makes_is_what_kubernetes_takes(folder):
    for each in built(folder):
        if each["apiVersion"] in ("v1", "apps/v1", "batch/v1", "policy/v1", "networking.k8s.io/v1"):
            kubernetes_validate.validate(each, VERSIONS[-1], strict=True)
        assert each["metadata"].get("namespace", "dateline") == "dateline"
        assert each["metadata"]["labels"]["app.kubernetes.io/part-of"] == "dateline"


def test_there_are_the_five_services_and_their_setup():
    assert set(WORKLOADS) == {*NAMES, "setup"}
    files = {path.name for path in (FOLDER / "base").glob("*.yaml")} - {"kustomization.yaml"}
    assert set(KUSTOMIZATION["resources"]) == files


@every_workload
def test_a_pod_is_not_root_and_can_write_to_memory_and_its_volumes_only(name):
    pod, container = pod_of(name), container_of(name)

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == int(COMPOSE[name]["user"].split(":")[0])
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "/tmp" in [mount["mountPath"] for mount in container["volumeMounts"]]  # noqa: S108 - the container's own
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)


@every_workload
def test_a_pod_has_the_image_of_compose_and_bounded_memory(name):
    container = container_of(name)

    assert container["image"] == COMPOSE[name]["image"]
    assert set(container["resources"]["requests"]) == {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]


@every_service
def test_a_service_is_asked_whether_it_lives_and_whether_it_can_work(name):
    container = container_of(name)
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    paths = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}

    assert {probe: asked["path"] for probe, asked in paths.items()} == {
        "startupProbe": "/healthz",
        "livenessProbe": "/healthz",
        "readinessProbe": "/readyz",
    }
    assert {asked["port"] for asked in paths.values()} == {"operations"}
    assert ports["operations"] == 9100
    assert pod_of(name)["terminationGracePeriodSeconds"] > 18, "a service ends itself after 18 seconds"


@every_service
def test_a_service_keeps_most_of_its_pods_when_nodes_are_emptied(name):
    budget = by_name(BASE, "PodDisruptionBudget")[name]["spec"]

    assert budget["maxUnavailable"] == 1
    assert budget["selector"]["matchLabels"] == WORKLOADS[name]["spec"]["selector"]["matchLabels"]
    assert WORKLOADS[name]["spec"]["replicas"] >= 2


@pytest.mark.parametrize("name", MODELS)
def test_a_service_starts_with_what_it_is_told(name, monkeypatch):
    for variable in [variable for variable in os.environ if variable.startswith(PREFIX)]:
        monkeypatch.delenv(variable)
    told = settings_of(KUSTOMIZATION["configMapGenerator"][0]["literals"], name)
    known = {variable for model in MODELS.values() for variable in environment_names(model)}
    for variable, value in told.items():
        monkeypatch.setenv(variable, value)

    load_settings(MODELS[name])

    assert set(told) <= known


@needs_kubectl
@pytest.mark.parametrize("name", MODELS)
def test_a_service_starts_with_what_production_tells_it(name, monkeypatch, tmp_path):
    for variable in [variable for variable in os.environ if variable.startswith(PREFIX)]:
        monkeypatch.delenv(variable)
    objects = built("overlays/production")
    (settings,) = by_name(objects, "ConfigMap").values()
    pod = by_name(objects, "Deployment", "StatefulSet", "Job")[name]["spec"]["template"]["spec"]
    certificates = Authority(tmp_path, "tests").file
    told = settings["data"] | SECRETS.get(name, {}) | ACCOUNT
    for variable, value in told.items():
        monkeypatch.setenv(variable, value.replace("/etc/dateline/ca.crt", str(certificates)))

    load_settings(MODELS[name])

    assert {"name": "certificates", "mountPath": "/etc/dateline", "readOnly": True} in pod["containers"][0]["volumeMounts"]
    assert {"configMapRef": {"name": settings["metadata"]["name"]}} in pod["containers"][0]["envFrom"]


@every_workload
def test_a_service_reaches_the_engines_that_it_has_settings_for_and_no_other(name):
    needs = environment_names(MODELS[name])
    reached = {
        policy: name in spec["podSelector"]["matchExpressions"][0]["values"]
        for policy, spec in ((policy, each["spec"]) for policy, each in by_name(BASE, "NetworkPolicy").items())
        if policy.endswith("-is-reached")
    }

    assert reached == {
        "kafka-is-reached": "DATELINE_KAFKA_BOOTSTRAP_SERVERS" in needs,
        "elasticsearch-is-reached": "DATELINE_ELASTICSEARCH_URL" in needs,
    }


def test_what_is_not_named_is_not_reached():
    policies = by_name(BASE, "NetworkPolicy")
    closed = policies["nothing-but-what-is-named"]["spec"]
    web = policies["feeds-are-fetched"]["spec"]

    assert closed == {
        "podSelector": {"matchLabels": {"app.kubernetes.io/part-of": "dateline"}},
        "policyTypes": ["Ingress", "Egress"],
    }
    assert web["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "ingest"}}
    assert {"10.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"} <= set(
        web["egress"][0]["to"][0]["ipBlock"]["except"]
    )


@pytest.mark.parametrize("name", ["enrich", "popularity", "indexer"])
def test_consumers_are_scaled_by_the_lag_of_topics_that_they_read(name):
    (scaled,) = [each for each in objects_of("components/scaling") if each["metadata"]["name"] == name]
    spec = scaled["spec"]
    (partitions,) = [text for text in KUSTOMIZATION["configMapGenerator"][0]["literals"] if "TOPICS_PARTITIONS" in text]

    assert spec["scaleTargetRef"] == {"name": name}
    assert spec["maxReplicaCount"] == int(partitions.partition("=")[2]), "more consumers than partitions would idle"
    for trigger in spec["triggers"]:
        assert trigger["metadata"]["consumerGroup"] == f"dateline.{name}"
        assert trigger["metadata"]["topic"] in CONSUMED
        assert re.fullmatch(r"\d+", trigger["metadata"]["lagThreshold"])


@needs_kubectl
def test_production_leaves_the_number_of_pods_to_the_scaler_and_gives_it_an_account():
    objects = built("overlays/production")
    scaled = by_name(objects, "ScaledObject")
    (settings,) = by_name(objects, "ConfigMap").values()

    assert set(scaled) == set(NAMES)
    assert all("replicas" not in each["spec"] for each in by_name(objects, "Deployment", "StatefulSet").values())
    triggers = [trigger for each in scaled.values() for trigger in each["spec"]["triggers"] if trigger["type"] == "kafka"]
    assert {trigger["metadata"]["bootstrapServers"] for trigger in triggers} == {
        settings["data"]["DATELINE_KAFKA_BOOTSTRAP_SERVERS"]
    }
    assert all(trigger["authenticationRef"] == {"name": "kafka"} for trigger in triggers)
    for name, each in scaled.items():
        target = each["spec"]["scaleTargetRef"]
        assert target["name"] in by_name(objects, target.get("kind", "Deployment")), name


def test_prometheus_gives_series_the_labels_that_alerts_ask_for():
    (monitor,) = [each for each in objects_of("components/monitoring") if each["kind"] == "PodMonitor"]
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]

    assert {each["targetLabel"] for each in endpoint["relabelings"]} == {"service", "instance", "job"}
    assert {"targetLabel": "job", "replacement": "dateline"} in endpoint["relabelings"]
    assert endpoint["port"] == "operations"


def test_the_rules_are_those_of_prometheus():
    assert RULES_FILE.read_text(encoding="utf-8") == build_rules_object(), "run `python -m ops.prometheus` and commit it"
