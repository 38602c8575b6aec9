"""The pure parts of the embedded engines: what is written into their configuration, and who can read what."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.local.downloads import POM, parse_versions
from ops.local.elasticsearch import OUTSIDE, ElasticsearchNode, build_jvm_options, build_settings, can_reach, remove
from ops.local.kafka import KafkaNode, build_properties

STRANGER = 64_123  # nobody has this user id


def test_the_versions_stand_in_the_pom() -> None:
    assert parse_versions(POM.read_text(encoding="utf-8")).keys() >= {"kafka.version", "elasticsearch.version"}


def test_the_pom_names_no_host() -> None:
    urls = [word for word in POM.read_text(encoding="utf-8").replace('"', " ").split() if "://" in word]

    assert urls == ["http://maven.apache.org/POM/4.0.0"]


def test_the_quorum_of_kafka_follows_its_port() -> None:
    lines = build_properties(KafkaNode(Path("/home"), 9092, 9093), Path("/home/data")).splitlines()

    assert "controller.quorum.voters=1@127.0.0.1:9093" in lines
    assert "advertised.listeners=PLAINTEXT://127.0.0.1:9092" in lines
    assert "auto.create.topics.enable=false" in lines


def test_a_property_of_the_caller_wins() -> None:
    node = KafkaNode(Path("/home"), 9092, 9093, properties={"auto.create.topics.enable": True})

    assert "auto.create.topics.enable=true" in build_properties(node, Path("/home/data")).splitlines()


def test_a_setting_of_the_caller_wins() -> None:
    node = ElasticsearchNode(Path("/home"), 9200, 9300, settings={"xpack.security.enabled": True, "path.repo": ["/backups"]})

    lines = build_settings(node, Path("/home")).splitlines()

    assert "xpack.security.enabled: true" in lines
    assert 'path.repo: ["/backups"]' in lines


def test_the_heap_and_one_collector_are_set() -> None:
    distribution = "# a comment\n-XX:+UseG1GC\n20-:--add-modules=jdk.incubator.vector\n-Xlog:gc*:file=gc.log\n"
    node = ElasticsearchNode(Path("/home"), 9200, 9300, heap_mb=300, jvm_flags=("-XX:TieredStopAtLevel=1",))

    lines = build_jvm_options(node, distribution, Path("/logs")).splitlines()

    assert lines[:4] == ["20-:--add-modules=jdk.incubator.vector", "-Xms300m", "-Xmx300m", "-XX:+UseSerialGC"]
    assert lines[-1] == "-XX:TieredStopAtLevel=1"


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that everybody can reach: those of `tmp_path` are private."""
    with tempfile.TemporaryDirectory(dir=OUTSIDE) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize(("mode", "reached"), [(0o755, True), (0o711, True), (0o750, False), (0o700, False)])
def test_a_folder_that_is_closed_to_others_hides_what_is_below(mode: int, reached: bool, public_folder: Path) -> None:  # noqa: FBT001 - a parameter of the test
    below = public_folder / "parent" / "below"
    below.mkdir(parents=True)
    below.chmod(0o755)
    below.parent.chmod(mode)

    assert can_reach(below, STRANGER) is reached


def test_a_file_that_only_its_owner_reads_is_out_of_reach(public_folder: Path) -> None:
    file = public_folder / "secret"
    file.touch(mode=0o600)

    assert not can_reach(file, STRANGER)


def test_to_remove_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    remove(tmp_path / "nothing")
