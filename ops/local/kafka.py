"""The embedded Kafka: one KRaft node, broker and controller in one Java process, whose data outlive it."""

import base64
import shutil
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from ops.local.java import Java
from ops.local.processes import Launch, WatchedProcess, node_mark, start_process
from shared.failures import Misconfigured

#: The same for every embedded node; Kafka wants 16 bytes in URL-safe base64 without padding.
CLUSTER_ID = base64.urlsafe_b64encode(b"dateline-local-1").decode().rstrip("=")

#: What differs from Kafka's defaults, beside addresses and folders.
SERVER_PROPERTIES: Mapping[str, str | int | bool] = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    # A topic that nobody set up is an error, not a topic of one partition.
    "auto.create.topics.enable": False,
    # There is one broker, so nothing can have two replicas.
    "default.replication.factor": 1,
    "min.insync.replicas": 1,
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    # Partitions cost start-up time and files: 50 each by default.
    "offsets.topic.num.partitions": 8,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.num.partitions": 4,
    # A group of one service need not wait for others, and tests want short sessions.
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 1000,
    # Sized for one machine: 128 MiB of heap go to the cleaner by default.
    "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
    "num.network.threads": 2,
    "num.io.threads": 4,
    "background.threads": 4,
}

LOG_CONFIGURATION = """\
status = error
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = ${sys:dateline.logs}/kafka.log
appender.file.filePattern = ${sys:dateline.logs}/kafka.log.%i
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5p %c{1} %m%n
appender.file.policies.type = Policies
appender.file.policies.size.type = SizeBasedTriggeringPolicy
appender.file.policies.size.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 3
rootLogger.level = info
rootLogger.appenderRef.file.ref = file
"""


@dataclass(frozen=True)
class KafkaNode:
    """Where and how the node runs. The ports may change from one run to the next; the data do not mind.

    Attributes:
        home: folder of its data, logs and generated configuration.
        port: where clients connect, on `host`.
        controller_port: where the broker in the process meets the controller in the process.
        heap_mb: the most that its Java heap takes, in MiB; some 150 MiB come on top.
        host: address that it listens on and names to clients.
        properties: server properties that come on top of SERVER_PROPERTIES.
        jvm_flags: flags that come last in the command line, such as `java.QUICK_START`.
    """

    home: Path
    port: int
    controller_port: int
    heap_mb: int = 512
    host: str = "127.0.0.1"
    properties: Mapping[str, str | int | bool] = field(default_factory=dict)
    jvm_flags: tuple[str, ...] = ()

    @property
    def bootstrap_servers(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def data(self) -> Path:
        return self.home.absolute() / "data"

    @property
    def logs(self) -> Path:
        return self.home.absolute() / "logs"

    def start(self, libs: Path, java: Java) -> WatchedProcess:
        """Starts it and returns at once, save that the first start formats the storage (1 s); see `wait_until_ready`.

        Args:
            libs: folder of Kafka's jars.
            java: what it runs on.

        Raises:
            Misconfigured: the storage cannot be formatted, or another process watches over the node of this home.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        configuration = self.home.absolute() / "server.properties"
        logging = self.home.absolute() / "log4j2.properties"
        logging.write_text(LOG_CONFIGURATION, encoding="utf-8")
        if not self.data.exists():
            self._format(libs, java)
        configuration.write_text(build_properties(self, self.data), encoding="utf-8")
        pid_file = self.home.absolute() / "kafka.pid"
        flags = (
            "-Xms64m",
            f"-Xmx{self.heap_mb}m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            f"-XX:ErrorFile={self.logs}/hs_err_pid%p.log",
            "-Djava.awt.headless=true",
            f"-Ddateline.logs={self.logs}",
            f"-Dlog4j2.configurationFile={logging.as_uri()}",
            node_mark(pid_file),
            *self.jvm_flags,
        )
        return start_process(
            Launch(
                name="Kafka",
                command=(str(java.executable), *flags, "-cp", f"{libs}/*", "kafka.Kafka", str(configuration)),
                pid_file=pid_file,
                environment={"LANG": "C.UTF-8"},
                console=self.logs / "console.log",
                log=self.logs / "kafka.log",
            )
        )

    def wait_until_ready(self, process: WatchedProcess, timeout_seconds: float = 60.0) -> None:
        """Returns once the broker answers a metadata request and names itself; errors as in `WatchedProcess.wait_until`."""
        process.wait_until(self._obstacle, timeout_seconds)

    def _obstacle(self) -> str | None:
        try:
            # kafka-python 3.0.12 leaves a socket open for every connection that is refused.
            socket.create_connection((self.host, self.port), timeout=5).close()
            admin = KafkaAdminClient(bootstrap_servers=self.bootstrap_servers, bootstrap_timeout_ms=5000, request_timeout_ms=5000)
            try:
                brokers = admin.describe_cluster()["brokers"]
            finally:
                admin.close()
        except (KafkaError, OSError) as error:
            return f"no metadata from {self.bootstrap_servers} ({error})"
        return None if brokers else f"{self.bootstrap_servers} knows of no broker yet"

    def _format(self, libs: Path, java: Java) -> None:
        """Into a folder that is renamed when it is done: a format that was cut off is begun again."""
        unfinished = self.data.with_name("data.formatting")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        configuration = self.home.absolute() / "format.properties"
        configuration.write_text(build_properties(self, unfinished), encoding="utf-8")
        tool = ["kafka.tools.StorageTool", "format", "--cluster-id", CLUSTER_ID, "--config", str(configuration)]
        flags = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Ddateline.logs={self.logs}"]
        done = subprocess.run(  # noqa: S603 - arguments of our own, no shell
            [str(java.executable), *flags, "-cp", f"{libs}/*", *tool],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Misconfigured(f"Kafka cannot format its storage {self.data} (exit code {done.returncode}): {done.stdout.strip()}")
        unfinished.rename(self.data)


def build_properties(node: KafkaNode, data: Path) -> str:
    """The text of server.properties for `node` with its storage in `data`."""
    addresses: dict[str, str | int | bool] = {
        "listeners": f"PLAINTEXT://{node.host}:{node.port},CONTROLLER://{node.host}:{node.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{node.host}:{node.port}",
        "controller.quorum.voters": f"1@{node.host}:{node.controller_port}",
        "log.dirs": str(data),
    }
    properties = {**SERVER_PROPERTIES, **addresses, **node.properties}
    return "".join(f"{name}={_spell(value)}\n" for name, value in properties.items())


def _spell(value: str | int | bool) -> str:  # noqa: FBT001 - a value to write, not a switch
    return str(value).lower() if isinstance(value, bool) else str(value)
