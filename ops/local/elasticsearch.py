"""The embedded Elasticsearch: one node on the loopback address, whose data outlive it; started by root it runs as another user."""

import hashlib
import json
import os
import shutil
import stat
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ops.local.java import Java
from ops.local.processes import Launch, WatchedProcess, node_mark, start_process, stop_left_overs
from shared.failures import Misconfigured

#: The user `nobody`: Elasticsearch refuses to run as root.
UNPRIVILEGED_USER = 65534
#: Where things go that this user could not reach below the home.
OUTSIDE = Path("/var/tmp")  # noqa: S108 - kept over restarts; whose folder it is, is checked
#: Name of the link that leads there from the home.
OUTSIDE_LINK = "outside"

#: What differs from Elasticsearch's defaults, beside addresses and folders.
SETTINGS: Mapping[str, str | int | bool] = {
    "cluster.name": "dateline-local",
    "node.name": "local",
    "discovery.type": "single-node",
    # Nothing but this machine can reach it.
    "xpack.security.enabled": False,
    # A developer's disk may be 95 % full; the default would then refuse to write.
    "cluster.routing.allocation.disk.threshold_enabled": False,
    # Dictionaries are read when an index needs them, not before the node answers.
    "indices.analysis.hunspell.dictionary.lazy": True,
    # The collector lets garbage fill the heap before it collects; the breaker would take that for use and refuse with 429.
    "indices.breaker.total.use_real_memory": False,
}

#: Lines of the distribution's jvm.options that ours stand in for: another collector, and files in folders of its own.
REPLACED_FLAGS = ("-XX:+UseG1GC", "-XX:+HeapDumpOnOutOfMemoryError", "-XX:ErrorFile", "-Xlog:gc")

#: What stands below the place of a node; snapshots of its indices may be kept in the last.
_FOLDERS = ("config", "data", "logs", "tmp", "snapshots")

LOG_CONFIGURATION = """\
status = error
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = ${sys:es.logs.base_path}/elasticsearch.log
appender.file.filePattern = ${sys:es.logs.base_path}/elasticsearch.log.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5p %c{1} %marker %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
"""


@dataclass(frozen=True)
class ElasticsearchNode:
    """Where and how the node runs. The ports may change from one run to the next; the data do not mind.

    Attributes:
        home: folder of its data, logs and generated configuration.
        port: where clients connect, on the loopback address.
        transport_port: where other nodes would.
        heap_mb: its Java heap in MiB; touched as needed, some 300 MiB come on top.
        settings: settings for elasticsearch.yml that come on top of SETTINGS.
        configuration: a folder that is laid over the generated `config`, such as one with `hunspell/ar/ar.dic`.
        jvm_flags: flags that come last in jvm.options, such as `java.QUICK_START`.
    """

    home: Path
    port: int
    transport_port: int
    heap_mb: int = 512
    settings: Mapping[str, str | int | bool | list[str]] = field(default_factory=dict)
    configuration: Path | None = None
    jvm_flags: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, engine: Path, java: Java) -> WatchedProcess:
        """Starts it and returns at once; see `wait_until_ready`.

        Args:
            engine: folder of the unpacked distribution; only read.
            java: what it runs on.

        Raises:
            Misconfigured: another process watches over the node of this home, or root runs it and the user that it must
                run as cannot reach Java or a folder for the data.
        """
        home = self.home.absolute()
        home.mkdir(parents=True, exist_ok=True)
        user = UNPRIVILEGED_USER if os.geteuid() == 0 else None
        place = home
        if user is not None:
            engine = _reachable_engine(engine.absolute(), user)
            place = home if _can_stay(home, user) else _open_outside(home)
            if not can_reach(java.home.resolve(), user):
                raise Misconfigured(f"user {user} cannot read {java.home}: install Java for all users, or do not start as root.")
        self._write_configuration(place, engine, user)
        pid_file = home / "elasticsearch.pid"
        return start_process(
            Launch(
                name="Elasticsearch",
                command=(str(engine / "bin" / "elasticsearch"),),
                pid_file=pid_file,
                environment={
                    "PATH": os.defpath,
                    "LANG": "C.UTF-8",
                    "ES_JAVA_HOME": str(java.home),
                    "ES_PATH_CONF": str(place / "config"),
                    "ES_TMPDIR": str(place / "tmp"),
                    # Of the launcher, a second Java process that stays as long as the server does.
                    "CLI_JAVA_OPTS": f"-Xmx32m -XX:TieredStopAtLevel=1 -Djava.io.tmpdir={place / 'tmp'} {node_mark(pid_file)}",
                },
                console=place / "logs" / "console.log",
                log=place / "logs" / "elasticsearch.log",
                user=user,
            )
        )

    def wait_until_ready(self, process: WatchedProcess, timeout_seconds: float = 180.0) -> None:
        """Returns once every index can be written, for which dictionaries are read; errors as in `WatchedProcess.wait_until`."""
        process.wait_until(self._obstacle, timeout_seconds)

    def _obstacle(self) -> str | None:
        # Not `GET /`: this distribution does not have it.
        question = f"{self.url}/_cluster/health?wait_for_status=yellow&timeout=2s"
        try:
            with urllib.request.urlopen(question, timeout=10):  # noqa: S310 - the scheme is ours
                return None
        except urllib.error.HTTPError as error:
            with error:
                # With security switched on, that it asks who we are is as far as we get.
                return None if error.code == 401 else f"{self.url} answers {error.code}"
        except OSError as error:
            return f"no answer from {self.url} ({error})"

    def _write_configuration(self, place: Path, engine: Path, user: int | None) -> None:
        shutil.rmtree(place / "tmp", ignore_errors=True)
        for name in _FOLDERS:
            (place / name).mkdir(exist_ok=True)
        config = place / "config"
        for name in ("role_mapping.yml", "roles.yml", "users", "users_roles"):
            if not (config / name).exists():  # who added a user keeps it
                shutil.copyfile(engine / "config" / name, config / name)
        if self.configuration is not None:
            shutil.copytree(self.configuration, config, dirs_exist_ok=True)
        distribution = (engine / "config" / "jvm.options").read_text(encoding="utf-8")
        (config / "jvm.options").write_text(build_jvm_options(self, distribution, place / "logs"), encoding="utf-8")
        (config / "elasticsearch.yml").write_text(build_settings(self, place), encoding="utf-8")
        (config / "log4j2.properties").write_text(LOG_CONFIGURATION, encoding="utf-8")
        if user is not None:
            for name in _FOLDERS:
                _give(place / name, user)


def build_settings(node: ElasticsearchNode, place: Path) -> str:
    """The text of elasticsearch.yml for `node` with data and logs below `place`; JSON values are YAML."""
    own = {
        "network.host": "127.0.0.1",
        "http.port": node.port,
        "transport.port": node.transport_port,
        "path.data": str(place / "data"),
        "path.logs": str(place / "logs"),
        "path.repo": [str(place / "snapshots")],
    }
    settings = {**SETTINGS, **own, **node.settings}
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items())


def build_jvm_options(node: ElasticsearchNode, distribution: str, logs: Path) -> str:
    """The text of jvm.options for `node`: that of the distribution, made for one small node."""
    kept = [line for line in distribution.splitlines() if line and not line.startswith(("#", *REPLACED_FLAGS))]
    flags = [
        f"-Xms{node.heap_mb}m",
        f"-Xmx{node.heap_mb}m",
        "-XX:+UseSerialGC",
        # Elasticsearch asks for the whole heap at once; here memory is taken as it is needed.
        "-XX:-AlwaysPreTouch",
        f"-XX:ErrorFile={logs}/hs_err_pid%p.log",
    ]
    return "\n".join([*kept, *flags, *node.jvm_flags, ""])


def can_reach(path: Path, user: int) -> bool:
    """Whether `user`, who is in no group of ours, may read `path` and pass through every folder above it."""
    for each in (path, *path.parents):
        status = each.stat()
        needed = stat.S_IXOTH if each != path else stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(status.st_mode) else 0)
        if status.st_uid != user and status.st_mode & needed != needed:
            return False
    return True


def remove(home: Path) -> None:
    """Deletes the Dateline home with all that its engines keep elsewhere; engines that were left running are ended first.

    Raises Misconfigured when one of its engines is in use, and does nothing when there is no such folder.
    """
    stop_left_overs(home)
    for link in home.rglob(OUTSIDE_LINK):
        if link.is_symlink() and link.readlink() == _outside(link.parent):
            shutil.rmtree(link.readlink(), ignore_errors=True)
    if home.exists():
        shutil.rmtree(home)


def _can_stay(home: Path, user: int) -> bool:
    return can_reach(home, user) and not (home / OUTSIDE_LINK).is_symlink()


def _reachable_engine(engine: Path, user: int) -> Path:
    """The distribution itself, or a copy where the user can read it."""
    if can_reach(engine / "bin" / "elasticsearch", user):
        return engine
    copy = _open_outside(engine) / engine.name
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}.copying-{os.getpid()}")
        shutil.copytree(engine, unfinished, symlinks=True, ignore=shutil.ignore_patterns(OUTSIDE_LINK))
        _give(unfinished, user)
        try:
            unfinished.rename(copy)
        except OSError:
            if not copy.exists():
                raise
            shutil.rmtree(unfinished)  # another process was quicker
    return copy


def _outside(folder: Path) -> Path:
    return OUTSIDE / f"dateline-{hashlib.sha256(os.fsencode(folder.absolute())).hexdigest()[:16]}"


def _open_outside(folder: Path) -> Path:
    """The folder that stands in for `folder`, made and linked from there; everybody may write to OUTSIDE, so ours must be ours."""
    outside = _outside(folder)
    outside.mkdir(mode=0o755, exist_ok=True)
    status = outside.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise Misconfigured(f"{outside} belongs to user {status.st_uid}, but should hold the data of {folder}: delete it.")
    outside.chmod(0o755)  # whatever the umask says
    link = folder / OUTSIDE_LINK
    if not link.is_symlink():
        link.symlink_to(outside)
    return outside


def _give(tree: Path, user: int) -> None:
    for folder, _, files in os.walk(tree):
        for path in (folder, *(os.path.join(folder, name) for name in files)):  # noqa: PTH118 - thousands of files, at every start
            os.chown(path, user, user, follow_symlinks=False)
