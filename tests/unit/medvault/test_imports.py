"""The modules that the processes of a clinic load, and those that they leave alone."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from medvault import api

PROCESSES = (
    "medvault.api.server",
    "medvault.worker.roles.inbound",
    "medvault.worker.roles.media",
    "medvault.worker.roles.outbound",
    "medvault.cli",
    "medvault.examine",
    "medvault.cli.migration",
    "medvault.bootstrap.api",
    "medvault.bootstrap.desk",
    "medvault.bootstrap.inbound",
    "medvault.bootstrap.media",
    "medvault.bootstrap.outbound",
)
FOREIGN = ("medvault.simulator", "medvault.demo")
ONCE_SPOKEN = {"babel", "polib", "tomllib"}
API = Path(api.__file__).parent


@cache
def loaded(module: str) -> frozenset[str]:
    """The modules that are imported once this one is."""
    program = f"import sys, {module}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return frozenset(done.stdout.splitlines())


def of_the_simulator(modules: frozenset[str]) -> list[str]:
    return [name for name in sorted(modules) if name.startswith(FOREIGN)]


@pytest.mark.parametrize("process", PROCESSES)
def test_what_runs_in_a_clinic_loads_no_simulator_and_no_translator(
    process: str,
) -> None:
    found = loaded(process)
    assert of_the_simulator(found) == []
    assert not found & ONCE_SPOKEN, "a language is read once it is spoken"


def test_the_child_of_a_file_loads_no_more_than_it_needs() -> None:
    """It begins anew with every file: packages' metadata alone took a third of its start."""
    found = loaded("medvault.examine")
    assert not found & {"importlib.metadata", "email", "urllib.parse", "medvault.settings"}


def test_the_simulator_itself_is_recognised() -> None:
    found = of_the_simulator(loaded("medvault.simulator.server"))
    assert {"medvault.simulator.server", "medvault.simulator.forms"} <= set(found)


def test_the_api_reads_no_forms() -> None:
    """FastAPI loads python-multipart, which the simulator needs, wherever it is installed."""
    named = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for path in API.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute | ast.Name)
    }
    assert "receive" in named, "the walk sees what is read"
    assert named & {"Form", "File", "UploadFile", "form"} == set()


@pytest.mark.parametrize("foreign", ["aiohttp", "alembic", "boto3", "celery", "pikepdf", "redis"])
def test_the_api_loads_nothing_that_only_workers_need(foreign: str) -> None:
    assert foreign not in loaded("medvault.api.server, medvault.bootstrap.api")
