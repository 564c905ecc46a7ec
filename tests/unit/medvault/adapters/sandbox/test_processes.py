"""The limits that processes impose on themselves, tried by programs, for none can be undone."""

import subprocess
import sys

LANDLOCK = """
from pathlib import Path
from medvault.adapters.sandbox import landlock, limits
limits.impose(limits.Limits())
assert landlock.restrict() == landlock.available()
try:
    print(len(Path("/etc/passwd").read_bytes()) > 0)
except PermissionError:
    print(False)
"""
COMMAND = """
import ctypes, resource
from medvault import cli
def app():
    dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
    print(dumpable, resource.getrlimit(resource.RLIMIT_CORE))
cli.app = app
cli.main()
"""
OWN_DESCRIPTORS = """
import os
from medvault.adapters.sandbox import dumps
from prometheus_client import ProcessCollector, CollectorRegistry
from prometheus_client.exposition import generate_latest
registry = CollectorRegistry()
ProcessCollector(registry=registry)
if os.geteuid() == 0:
    os.setresuid(65532, 65532, 65532)
dumps.forbid()
print(generate_latest(registry).decode())
"""


def told(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, check=True, text=True
    )
    return done.stdout.strip()


def test_landlock_closes_files_where_the_kernel_has_it() -> None:
    has_it = told("from medvault.adapters.sandbox import landlock; print(landlock.available())")
    assert told(LANDLOCK) == str(has_it == "0")


def test_a_command_forbids_a_look_into_its_memory_before_it_does_anything() -> None:
    assert told(COMMAND) == "0 (0, 0)"


def test_a_process_that_nobody_may_look_into_still_counts_what_it_uses() -> None:
    metrics = told(OWN_DESCRIPTORS)
    for name in ("open_fds", "max_fds", "resident_memory_bytes", "cpu_seconds_total"):
        assert f"\nprocess_{name} " in metrics
