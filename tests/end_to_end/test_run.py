"""`make run`, that is `dateline run`: everything from an empty folder, with the sample news, until Ctrl-C."""

import os
import signal
import socket
import subprocess
import time

import httpx2
import pytest

from ops.local.ports import free_ports
from ops.local.settings import LocalGroup
from tests.command import DATELINE, dateline
from tests.engines import DOWNLOADS_HOME
from tests.stack import eventually

SAMPLE_ARTICLES = 37


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "engines").symlink_to(DOWNLOADS_HOME / "engines")
    names = list(LocalGroup().ports())
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    return {"DATELINE_LOCAL_HOME": str(tmp_path)} | {name: str(port) for name, port in ports.items()}


def test_it_runs_with_the_sample_news_and_stops_at_ctrl_c_with_exit_code_0(engines, settings, tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")} | settings
    search = f"http://127.0.0.1:{settings['DATELINE_LOCAL_SEARCH_PORT']}"
    with (tmp_path / "output").open("w+") as output:
        run = subprocess.Popen([DATELINE, "run"], env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            eventually(lambda: printed(tmp_path), lambda text: "Ctrl-C stops everything" in text or run.poll() is not None, 180)
            assert run.poll() is None, printed(tmp_path)
            answer = eventually(
                lambda: httpx2.get(f"{search}/v1/search", trust_env=False).json(), lambda a: a.get("total") == SAMPLE_ARTICLES
            )
            assert len({bucket["value"] for bucket in answer["facets"]["language"]}) >= 7
            popular = eventually(
                lambda: httpx2.get(f"{search}/v1/most-popular", params={"window": "24h"}, trust_env=False).json()["entries"], bool
            )
            assert popular[0]["headline"]
            assert httpx2.get(search, trust_env=False).status_code == 200
        finally:
            run.send_signal(signal.SIGINT)
            began = time.monotonic()
            code = run.wait(60)
    assert code == 0, printed(tmp_path)
    assert time.monotonic() - began < 15


def test_a_taken_port_is_named_with_the_setting_that_changes_it(settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = dateline("run", **settings | {"DATELINE_LOCAL_INGEST_PORT": str(port)})

    assert done.returncode == 78
    assert f"port {port} (DATELINE_LOCAL_INGEST_PORT) is taken" in done.stderr


def printed(folder):
    return (folder / "output").read_text()
