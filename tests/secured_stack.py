"""The six services on secured engines, each with its own account: what tests of security share."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import pytest

from ops.cli.tokens import local_token
from ops.local.ports import free_ports
from ops.local.services import NAMES, RunningService, ServicePlan, plan_services, stop_services
from ops.local.settings import LocalGroup
from tests.faults.tier import TIER
from tests.secured_engines import SecuredEngines

_READY_SECONDS = 180.0
#: An article goes through four processes, beside whatever else the machine does.
THROUGH_SECONDS = 90.0
#: For what takes long and has its essential part in a test that is always run.
whole_only = pytest.mark.skipif(TIER == "small", reason="takes long: FAULTS=middle")


@dataclass(frozen=True)
class SecuredStack:
    """The services, where they answer, and their logs."""

    engines: SecuredEngines
    services: dict[str, RunningService]
    ingest: httpx2.Client
    search: httpx2.Client


def plans_for(engines: SecuredEngines, home: Path) -> tuple[LocalGroup, str, dict[str, ServicePlan]]:
    """Ports, the token that may do everything, and what to run, by service."""
    ports = free_ports(2 + len(NAMES))
    operations = {f"{name}_operations_port": port for name, port in zip(NAMES, ports[2:], strict=True)}
    settings = LocalGroup(home=home, ingest_port=ports[0], search_port=ports[1], **operations)
    token, token_hash = local_token(home)
    plans = plan_services(settings, engines.bootstrap_servers, engines.url, token_hash)
    own = {plan.name: replace(plan, environment={**plan.environment, **engines.environment(plan.name)}) for plan in plans}
    return settings, token, own


@pytest.fixture(scope="package")
def stack(secured: SecuredEngines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredStack]:
    """All of it running, once for the tests of a package."""
    settings, token, plans = plans_for(secured, tmp_path_factory.mktemp("secured-stack"))
    services = {name: RunningService(plan) for name, plan in plans.items()}
    with ExitStack() as cleanup:
        cleanup.callback(lambda: stop_services(list(services.values())))
        for service in services.values():
            service.start()
        for service in services.values():
            service.wait_until_ready(_READY_SECONDS)
        ingest, search = (
            cleanup.enter_context(httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30))
            for port in (settings.ingest_port, settings.search_port)
        )
        ingest.headers["Authorization"] = search.headers["Authorization"] = f"Bearer {token}"
        yield SecuredStack(secured, services, ingest, search)
