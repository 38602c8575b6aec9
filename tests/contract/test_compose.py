"""docker-compose.yml and the Dockerfile: the services get settings that exist, and may do nothing that they need not do.

No image is built here, and nothing started: that needs a Docker daemon.
"""

import json
import os
import re
import shutil
import subprocess

import pytest
import yaml

from ops.local.services import NAMES
from ops.schemas import ROOT
from shared.settings import PREFIX, ServiceSettings, environment_names, load_settings
from tests.contract.deployed import MODELS

FILE = ROOT / "docker-compose.yml"
COMPOSE = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SERVICES, VOLUMES = COMPOSE["services"], COMPOSE["volumes"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
POM = (ROOT / "ops/local/pom.xml").read_text(encoding="utf-8")
ONE_SHOT = {"setup"}
UID = "10001:10001"

every_container = pytest.mark.parametrize("name", SERVICES)
every_own = pytest.mark.parametrize("name", MODELS)


def environment(name):
    """What a container of ours is told, with what its operator gives."""
    given = SERVICES[name]["environment"]
    of_operator = {key: "http://ingest:8001/v1/comments" if key.endswith("_ENDPOINT") else "a" * 64 for key in given}
    return {key: of_operator[key] if value.startswith("${") else value for key, value in given.items()}


def test_it_has_the_six_services_and_what_they_need():
    assert set(SERVICES) == {*NAMES, "setup", "kafka", "elasticsearch", "prometheus", "grafana"}
    assert set(MODELS) == {*NAMES, "setup"}


@every_own
def test_a_service_is_told_settings_that_it_has(name):
    told = {variable for variable in environment(name) if variable.startswith(PREFIX)}

    assert told == set(environment(name)), "nothing but settings"
    assert told <= set(environment_names(MODELS[name]))


@every_own
def test_a_service_starts_with_what_it_is_told(name, monkeypatch):
    for variable in [variable for variable in os.environ if variable.startswith(PREFIX)]:
        monkeypatch.delenv(variable)
    for variable, value in environment(name).items():
        monkeypatch.setenv(variable, value)

    settings = load_settings(MODELS[name])

    if isinstance(settings, ServiceSettings):
        assert settings.operations.host == "0.0.0.0"
        assert f'HTTPConnection("127.0.0.1", {settings.operations.port},' in SERVICES[name]["healthcheck"]["test"][-1]


@every_own
def test_a_service_finds_kafka_and_elasticsearch_by_their_names_in_the_network(name):
    needs = environment_names(MODELS[name])

    assert ("DATELINE_KAFKA_BOOTSTRAP_SERVERS" in environment(name)) == ("DATELINE_KAFKA_BOOTSTRAP_SERVERS" in needs)
    assert ("DATELINE_ELASTICSEARCH_URL" in environment(name)) == ("DATELINE_ELASTICSEARCH_URL" in needs)
    waits_for = set(SERVICES[name]["depends_on"])
    assert ("kafka" in waits_for) == ("DATELINE_KAFKA_BOOTSTRAP_SERVERS" in needs)
    assert ("elasticsearch" in waits_for) == ("DATELINE_ELASTICSEARCH_URL" in needs)


@pytest.mark.parametrize("name", NAMES)
def test_a_service_waits_until_everything_is_set_up(name):
    conditions = {other: how["condition"] for other, how in SERVICES[name]["depends_on"].items()}

    assert conditions.pop("setup") == "service_completed_successfully"
    assert set(conditions.values()) == {"service_healthy"}


@every_container
def test_a_container_is_not_root_and_has_no_capabilities(name):
    container = SERVICES[name]

    assert container["user"].split(":")[0] not in ("", "0", "root")
    assert container["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in container["security_opt"]
    assert not {"privileged", "cap_add", "network_mode", "pid"} & set(container)


@every_container
def test_a_container_writes_to_its_volumes_and_to_memory_only(name):
    container = SERVICES[name]
    mounts = [mount.split(":") for mount in container.get("volumes", [])]

    assert container["read_only"] is True
    assert all(source in VOLUMES or options == ["ro"] for source, _, *options in mounts)
    assert "/tmp" in [path.split(":")[0] for path in container["tmpfs"]]  # noqa: S108 - the container's own


def test_of_the_services_only_ingest_has_a_volume():
    assert [name for name in MODELS if "volumes" in SERVICES[name]] == ["ingest"]
    (volume,) = SERVICES["ingest"]["volumes"]
    folder = volume.split(":")[1]
    assert environment("ingest")["DATELINE_INGEST_SALT_FILE"].startswith(f"{folder}/")
    assert f"--mode=0700 {folder}\n" in DOCKERFILE, "the volume has the owner that the image's folder has"


@every_container
def test_a_container_says_whether_it_is_healthy(name):
    health = SERVICES[name]["healthcheck"]

    assert health == {"disable": True} if name in ONE_SHOT else health["test"][0] in ("CMD", "CMD-SHELL")


@every_container
def test_a_port_is_published_on_this_machine_only(name):
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for port in SERVICES[name].get("ports", []))


@every_container
def test_an_image_has_a_fixed_tag(name):
    _, _, tag = SERVICES[name]["image"].rpartition(":")

    assert re.fullmatch(r"v?\d+\.\d+\.\d+", tag)


def test_the_engines_are_those_that_the_tests_run_on():
    for name in ("kafka", "elasticsearch"):
        (version,) = re.findall(rf"<{name}\.version>(.*)</", POM)
        assert SERVICES[name]["image"].endswith(f":{version}")
        if name == "elasticsearch":
            assert f"elasticsearch-config-{version}" in VOLUMES, "a volume of its own for the configuration of each version"


def test_kafka_makes_no_topics_by_itself():
    assert SERVICES["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


@every_own
def test_an_image_is_built_from_requirements_that_exist(name):
    build = SERVICES[name]["build"]

    service = build["args"]["SERVICE"]
    assert service == ("ops" if name == "setup" else name)
    assert (ROOT / f"requirements/{service}.txt").exists()
    assert SERVICES[name]["image"].startswith(f"dateline-{service}:")


def test_the_image_is_not_root_and_runs_python_in_the_place_of_the_shell():
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == [UID]
    assert {SERVICES[name]["user"] for name in MODELS} == {UID}
    assert "exec python -m services.$SERVICE" in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE
    assert "\nHEALTHCHECK " in DOCKERFILE


def test_everything_that_the_image_copies_is_sent_to_the_builder():
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    copied = {
        word.split("/")[0] for words in re.findall(r"^COPY (?!--)(.*) \S+$", DOCKERFILE, re.MULTILINE) for word in words.split()
    }

    assert "*" in ignore
    assert copied == sent


def find_compose():
    """The compose client of this machine, as the words of its command; None where there is none, or only version 1 of it."""
    for words in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(words[0]) is not None:
            asked = subprocess.run([*words, "version"], capture_output=True, text=True, check=False)
            if asked.returncode == 0 and "version 1." not in asked.stdout:
                return words
    return None


@pytest.mark.skipif(find_compose() is None, reason="no client of docker compose on this machine: the file is only parsed")
def test_compose_accepts_the_file():
    command = [*find_compose(), "--file", str(FILE), "--profile", "observability", "config", "--format", "json"]
    settings = {**os.environ, "DATELINE_INGEST_TOKEN_HASHES": "a" * 64}

    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)["services"]) == set(SERVICES)


@pytest.mark.skipif(find_compose() is None, reason="no client of docker compose on this machine: the file is only parsed")
def test_compose_asks_for_the_token_s_hash(tmp_path):
    bare = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    empty = tmp_path / "empty.env"
    empty.touch()

    done = subprocess.run(
        [*find_compose(), "--file", str(FILE), "--env-file", str(empty), "config"],
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "see the first lines of docker-compose.yml" in done.stderr
