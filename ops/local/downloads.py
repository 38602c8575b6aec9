"""Fetches Kafka and Elasticsearch through Maven once, into the folder `engines` of a Dateline home; pom.xml says what they are."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ops.local.java import require_java, require_maven
from shared.failures import Misconfigured

POM = Path(__file__).with_name("pom.xml")
#: Stands in every complete engine; its text is the digest of the pom.xml that fetched it.
MARKER = ".complete"
MAVEN_GOALS = ("dependency:copy-dependencies@kafka", "dependency:unpack@elasticsearch")


@dataclass(frozen=True)
class EngineFolders:
    """Where the engines are: `kafka_libs` holds the jars of the class path, `elasticsearch` the unpacked distribution."""

    kafka_libs: Path
    elasticsearch: Path


def parse_versions(pom: str) -> dict[str, str]:
    """The properties of a pom.xml, such as `{"kafka.version": "4.4.0"}`."""
    namespace = "{http://maven.apache.org/POM/4.0.0}"
    properties = ET.fromstring(pom).find(f"{namespace}properties")  # noqa: S314 - the file beside this one, not a stranger's
    return {} if properties is None else {entry.tag.removeprefix(namespace): (entry.text or "").strip() for entry in properties}


def fetch_engines(home: Path) -> EngineFolders:
    """Sees to it that both engines stand in `home`/engines, and says where; quick when they already do.

    Safe when several processes do it at once: one fetches, the others wait. A fetch that is cut off leaves nothing that counts as
    complete. Raises Misconfigured when Java or Maven is missing, or when Maven fails.
    """
    pom = POM.read_text(encoding="utf-8")
    versions = parse_versions(pom)
    digest = hashlib.sha256(pom.encode()).hexdigest()
    engines = home.absolute() / "engines"
    kafka = engines / f"kafka-{versions['kafka.version']}"
    elasticsearch = engines / f"elasticsearch-{versions['elasticsearch.version']}"
    if not are_complete((kafka, elasticsearch), digest):
        engines.mkdir(parents=True, exist_ok=True)
        with locked(engines / ".lock"):
            if not are_complete((kafka, elasticsearch), digest):
                fetched = _run_maven(engines)
                put(fetched / "kafka", kafka, digest)
                put(fetched / "elasticsearch" / elasticsearch.name, elasticsearch, digest)
                shutil.rmtree(fetched)
    return EngineFolders(kafka_libs=kafka / "libs", elasticsearch=elasticsearch)


def are_complete(folders: tuple[Path, ...], digest: str) -> bool:
    """Whether each folder was put there whole, and made of what `digest` is of."""
    markers = [folder / MARKER for folder in folders]
    return all(marker.is_file() and marker.read_text(encoding="utf-8") == digest for marker in markers)


@contextmanager
def locked(lock: Path) -> Iterator[None]:
    """Nobody else is in the body meanwhile, no other process either."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # the system lets go of it when this process ends, however it ends
        yield


def _run_maven(engines: Path) -> Path:
    """Lets Maven fetch into a folder of its own beside the engines; the lock is held, so one that exists is a leftover."""
    java = require_java()
    maven = require_maven()
    target = engines / ".fetching"
    shutil.rmtree(target, ignore_errors=True)
    log = engines / "maven.log"
    command = [str(maven), "--batch-mode", "--strict-checksums", "--no-transfer-progress", "--file", str(POM)]
    with log.open("wb") as output:
        done = subprocess.run(  # noqa: S603 - arguments of our own, no shell
            [*command, f"-Dengines.folder={target}", *MAVEN_GOALS],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "JAVA_HOME": str(java.home)},
            check=False,
        )
    if done.returncode != 0:
        errors = [line for line in log.read_text(errors="replace").splitlines() if "ERROR" in line] or ["it said nothing"]
        raise Misconfigured(
            f"Maven could not fetch Kafka and Elasticsearch (exit code {done.returncode}): {errors[0]} "
            f"See {log}; Maven needs its usual repository or a mirror in its settings.xml."
        )
    return target


def put(source: Path, target: Path, digest: str) -> None:
    """Moves a folder to where it belongs.

    The rename makes it appear whole; the marker is written before, so that what has the name is complete.
    """
    (source / MARKER).write_text(digest, encoding="utf-8")
    if target.exists():
        shutil.rmtree(target)
    source.rename(target)
