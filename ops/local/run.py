"""`dateline run`, the work of `make run`: engines, set-up, services, sample news; then addresses, until Ctrl-C stops it all."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Never

from rich.console import Console

from ops.cli.ingest_client import IngestClient
from ops.cli.sample_news import publish_sample
from ops.cli.setup import create_indices, create_topics
from ops.cli.tokens import local_token
from ops.local.dictionaries import fetch_dictionaries
from ops.local.downloads import EngineFolders, fetch_engines
from ops.local.elasticsearch import ElasticsearchNode
from ops.local.java import Java, require_java
from ops.local.kafka import KafkaNode
from ops.local.ports import check_free
from ops.local.processes import WatchedProcess, stop_left_overs
from ops.local.services import RunningService, plan_console, plan_services, stop_services
from ops.local.settings import LocalGroup
from shared.elastic import connect_elastic
from shared.failures import Misconfigured, Unavailable
from shared.settings import ElasticsearchSettings, KafkaSettings

PARTITIONS = 4
_READY_SECONDS = 90.0
_SAMPLE = Path(__file__).resolve().parents[1] / "sample"


def run(settings: LocalGroup, console: Console) -> None:
    """Run everything until SIGINT or SIGTERM. Raises Misconfigured or Unavailable when a step fails."""
    home = settings.home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    _interrupt_on_signals()
    with _foreground(), ExitStack() as stack:
        try:
            _start_all(settings, home, stack, console)
        except KeyboardInterrupt:
            console.print("\nStopping …")
    console.print("Stopped. The data are kept; `make run` goes on with them, `make clean` removes them.")


def _start_all(settings: LocalGroup, home: Path, stack: ExitStack, console: Console) -> Never:
    started = time.monotonic()
    with _step(console, "Java"):
        java = require_java()
    with _step(console, "Kafka and Elasticsearch from Maven"):
        folders = fetch_engines(home)
    with _step(console, "Dictionaries for search from pip"):
        dictionaries = fetch_dictionaries(home)
    if dictionaries.configuration is None:
        console.print(f"[yellow]{dictionaries.why_not}[/yellow]; search finds words only as they are written", highlight=False)
    stop_left_overs(home)
    check_free(settings.ports())
    kafka = KafkaNode(home / "kafka", settings.kafka_port, settings.kafka_controller_port)
    elasticsearch = ElasticsearchNode(
        home / "elasticsearch",
        settings.elasticsearch_port,
        settings.elasticsearch_transport_port,
        configuration=dictionaries.configuration,
    )
    with _step(console, "Kafka and Elasticsearch start"):
        engines = _start_engines(stack, kafka, elasticsearch, folders, java)
    with _step(console, "Topics, index templates, aliases"):
        create_topics(KafkaSettings(bootstrap_servers=kafka.bootstrap_servers), PARTITIONS, 1)
        done = create_indices(connect_elastic(ElasticsearchSettings(url=elasticsearch.url)))
    console.print(f"    [dim]{done}[/dim]".replace("\n", "\n    "), highlight=False)
    token, token_hash = local_token(home)
    services = [RunningService(plan) for plan in plan_services(settings, kafka.bootstrap_servers, elasticsearch.url, token_hash)]
    services.append(RunningService(plan_console(settings, kafka.bootstrap_servers, elasticsearch.url, token, token_hash)))
    stack.callback(stop_services, services)
    with _step(console, "Six services and the operators' page"):
        for service in services:
            service.start()
        for service in services:
            service.wait_until_ready(_READY_SECONDS)
    _publish_sample_once(settings, home, token, console)
    console.print(_addresses(settings, time.monotonic() - started), highlight=False)
    _watch(engines, services, console)


@contextmanager
def _step(console: Console, name: str) -> Iterator[None]:
    began = time.monotonic()
    console.print(f"  … {name}", end="\r" if console.is_terminal else "\n")
    try:
        yield
    except (Misconfigured, Unavailable) as error:
        raise type(error)(f"{name}: {error}") from error
    console.print(f"  [green]✓[/green] {name} [dim]({time.monotonic() - began:.1f} s)[/dim]", highlight=False)


def _start_engines(
    stack: ExitStack, kafka: KafkaNode, elasticsearch: ElasticsearchNode, folders: EngineFolders, java: Java
) -> list[WatchedProcess]:
    search_process = elasticsearch.start(folders.elasticsearch, java)
    stack.callback(search_process.stop)
    log_process = kafka.start(folders.kafka_libs, java)
    stack.callback(log_process.stop)
    kafka.wait_until_ready(log_process)
    elasticsearch.wait_until_ready(search_process)
    return [log_process, search_process]


def _publish_sample_once(settings: LocalGroup, home: Path, token: str, console: Console) -> None:
    marker = home / "sample-published"
    if not settings.sample or marker.exists():
        return
    with (
        _step(console, "Sample news, comments and some reading"),
        IngestClient(f"http://127.0.0.1:{settings.ingest_port}", token) as client,
    ):
        publish_sample(client, _SAMPLE)
    marker.touch()


def _watch(engines: list[WatchedProcess], services: list[RunningService], console: Console) -> Never:
    while True:
        time.sleep(1.0)
        for engine in engines:
            engine.check_running()
        for service in services:
            if service.restart_if_ended():
                console.print(f"[yellow]{service.plan.name} had ended and was started again[/yellow]; its log: {service.plan.log}")


def _addresses(settings: LocalGroup, seconds: float) -> str:
    search, ingest = f"http://127.0.0.1:{settings.search_port}", f"http://127.0.0.1:{settings.ingest_port}"
    operations = {name.split("_")[2].lower(): port for name, port in settings.ports().items() if "OPERATIONS" in name}
    metrics = "\n".join(f"    {name:<11} http://127.0.0.1:{port}/metrics" for name, port in operations.items())
    return f"""
[bold]Dateline runs[/bold] [dim](after {seconds:.0f} s)[/dim]

  Reader pages   {search}/
  Search API     {search}/docs
  Ingest API     {ingest}/docs
  Operators      http://127.0.0.1:{settings.console_port}/, with the token below; or `dateline status`
  Kafka          127.0.0.1:{settings.kafka_port}
  Elasticsearch  http://127.0.0.1:{settings.elasticsearch_port}/articles/_search
  Metrics
{metrics}
  Token          in {settings.home}/token, for Authorization: Bearer …
  Logs           {settings.home}/logs, {settings.home}/kafka/logs

Ctrl-C stops everything."""


def _interrupt_on_signals() -> None:
    """The first SIGINT, SIGTERM or SIGHUP (the terminal is gone) interrupts what is under way; later ones do nothing."""
    interrupted = False

    def interrupt(_number: int, _frame: object) -> None:
        nonlocal interrupted
        if not interrupted:
            interrupted = True
            raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)


def _shares_the_terminal() -> bool:
    """Whether we are in the foreground of a terminal together with another process that leads our group, such as `make`."""
    try:
        return sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp() != os.getpid()
    except OSError:  # a terminal, but not the one that controls us
        return False


@contextmanager
def _foreground() -> Iterator[None]:
    """Take Ctrl-C of the terminal alone, so that `make`, which waits for us, is not ended by it and can answer exit code 0."""
    if not _shares_the_terminal():
        yield
        return
    terminal, before = sys.stdin.fileno(), os.getpgrp()
    ignored = signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # a background group may not set the foreground one without
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # `make` would not notice a Ctrl-Z, and the shell would wait for it
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpid())
    try:
        yield
    finally:
        with suppress(OSError):
            os.tcsetpgrp(terminal, before)
        signal.signal(signal.SIGTTOU, ignored)
