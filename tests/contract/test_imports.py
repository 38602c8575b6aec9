"""Modules only define: importing one asks no network, writes no file and reads no setting. And `shared` holds what is shared."""

import json
import re
import subprocess
import sys
from importlib.metadata import packages_distributions

import grimp
import pytest

from ops.local.services import NAMES
from ops.schemas import ROOT

PACKAGES = ("shared", "services", "ops")
GRAPH = grimp.build_graph(*PACKAGES, include_external_packages=True, exclude_type_checking_imports=True)
OWN = sorted(module for module in GRAPH.modules if module.split(".")[0] in PACKAGES)
#: Who there is: each service, and the operator's command.
USERS = (*(f"services.{name}" for name in NAMES), "ops")

#: Modules of `shared` that fewer than two of USERS need, each with the reason why it is there all the same.
NOT_SHARED_YET: dict[str, str] = {}

#: Packages that one module imports, which is itself imported only when a setting asks for it: they are in an extra of their own.
ONLY_WHEN_ASKED = {"opentelemetry": "shared.spans"}

# Runs in a process of its own, where nothing is imported yet. What a library does while it is imported itself is not ours to
# forbid: so an act counts when the module whose body is running is one of ours, be it in that body or in what the body calls.
# Audit events: https://docs.python.org/3/library/audit_events.html
IMPORT_ALL = """
import importlib, json, os, sys, threading

names = sys.argv[1:]
packages = {name.split(".")[0] for name in names}
seen = []
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
FORBIDDEN = (
    "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen",
    "os.system", "os.exec", "os.fork", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.chmod", "os.putenv", "shutil.rmtree",
)

def running_module():
    frame = sys._getframe(2)
    while frame is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    return frame.f_globals["__name__"] if frame is not None else ""

def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITES and arguments[0] != os.devnull
    if writes or event in FORBIDDEN:
        module = running_module()
        if module.split(".")[0] in packages:
            seen.append([module, event, repr(arguments)[:200]])

sys.addaudithook(watch)
for name in names:
    importlib.import_module(name)
if threading.active_count() > 1:
    seen.append(["some module", "a thread was started", repr(threading.enumerate())])
json.dump(seen, sys.stdout)
"""


def test_a_module_can_be_imported_without_an_environment_and_without_doing_anything(tmp_path):
    done = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT_ALL, *OWN], cwd=tmp_path, env={}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    # numpy reads this once, as it is imported: whoever imports enrich must have it set before.
    threads = ["services.enrich", "os.putenv", "(b'OPENBLAS_NUM_THREADS', b'1')"]
    assert [seen for seen in json.loads(done.stdout) if seen != threads] == []
    assert list(tmp_path.iterdir()) == []


def test_the_watch_on_imports_sees_what_it_forbids(tmp_path):
    (tmp_path / "writes.py").write_text("open('made.txt', 'w').close()", encoding="utf-8")
    (tmp_path / "calls.py").write_text(
        "import contextlib, socket\nwith contextlib.suppress(OSError): socket.create_connection(('127.0.0.1', 9), 0.1)",
        encoding="utf-8",
    )

    done = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT_ALL, "writes", "calls"],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=True,
    )

    assert {(module, event) for module, event, _ in json.loads(done.stdout)} >= {
        ("writes", "open"),
        ("calls", "socket.connect"),
    }


def test_a_wrong_setting_is_no_matter_of_imports(tmp_path):
    """Settings are read by `load_settings`, in `main`: or else a wrong one would be a traceback."""
    wrong = {"DATELINE_KAFKA_COMPRESSION": "rar", "DATELINE_COLOUR": "red", "DATELINE_OPERATIONS_PORT": "none"}
    mains = [module for module in OWN if module.endswith(("__main__", ".settings"))]

    done = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT_ALL, *mains], cwd=tmp_path, env=wrong, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", [module for module in OWN if module.startswith("shared.")])
def test_a_module_in_shared_is_needed_by_two(module):
    downstream = GRAPH.find_downstream_modules(module)
    users = {user for user in USERS if any(name == user or name.startswith(f"{user}.") for name in downstream)}

    if module in NOT_SHARED_YET:
        assert len(users) < 2, f"{module} is shared now: remove it from NOT_SHARED_YET"
    else:
        assert len(users) >= 2, f"{module} is needed by {users or 'nobody'}: it belongs there"


def distributions_of(main):
    """What is imported from outside where a module is: by the name of each, the names under which it can be installed."""
    outside = {module.split(".")[0] for module in GRAPH.find_upstream_modules(main)} - set(PACKAGES) - set(sys.stdlib_module_names)
    installed = packages_distributions()
    return {module: {normal(name) for name in installed.get(module, [module])} for module in outside}


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize(
    ("main", "requirements"), [(f"services.{name}.__main__", name) for name in NAMES] + [("ops.cli.__main__", "ops")]
)
def test_what_a_service_imports_is_in_its_requirements(main, requirements):
    """Its image has nothing else, see Dockerfile."""
    pins = (ROOT / f"requirements/{requirements}.txt").read_text(encoding="utf-8")
    pinned = {normal(name) for name in re.findall(r"^([\w.-]+)==", pins, re.MULTILINE)}

    missing = {module for module, names in distributions_of(main).items() if not names & pinned} - ONLY_WHEN_ASKED.keys()

    assert missing == set(), f"add them to the extra {requirements} in pyproject.toml, then `make requirements`"


@pytest.mark.parametrize(("package", "module"), ONLY_WHEN_ASKED.items())
def test_a_package_that_is_imported_when_asked_for_has_one_importer(package, module):
    assert GRAPH.find_modules_that_directly_import(package) == {module}
