"""Which lanes there are, by the name that `make` has for them."""

import sys
from collections.abc import Sequence

from lanes.lane import CORES, Lane, Selection, Stage

BUSY = CORES + 1
"""Processes that keep all cores busy: tests with servers wait as often as they compute."""
NOT_ALONE = ("-m", "not alone")
ONE_DATABASE = ("-k", "not debian")
LOCAL_CONTRACTS = ("tests/contract", "-k", "local or memory or folder")

STYLE = Lane(
    name="style",
    commands=(
        (sys.executable, "-m", "ruff", "check", "--quiet", "."),
        (sys.executable, "-m", "ruff", "format", "--quiet", "--check", "."),
    ),
)
TYPES = Lane(name="types", commands=((sys.executable, "-m", "mypy"),))
LAYERS = Lane(
    name="layers",
    commands=((sys.executable, "-c", "import importlinter.cli as c; c.lint_imports_command()"),),
    variables={"PYTHONPATH": "tests"},
)
CHECKS = (STYLE, TYPES, LAYERS)
BUDGET = Selection().lane("budget", ("tests/budget",))


def quick(chosen: Selection) -> list[Stage]:
    """What needs neither servers nor minutes."""
    unit = chosen.lane("unit", ("tests/unit",), workers=CORES)
    return [(*CHECKS, unit, chosen.lane("contract", LOCAL_CONTRACTS))]


def check(chosen: Selection, reached: Sequence[str]) -> list[Stage]:
    """The same, and the tests that a change reaches, on one of the two PostgreSQLs."""
    (stage,) = quick(chosen)
    run = (*reached, *NOT_ALONE, *ONE_DATABASE)
    return [(*stage, *([chosen.lane("reached", run, workers=BUSY)] if reached else []))]


def everything(chosen: Selection) -> list[Stage]:
    """All tests but those on a cluster; what measures times or rates comes last, alone."""
    chart = "tests/integration/chart"
    most = ("tests/integration", "tests/contract", "tests/unit", f"--ignore={chart}", *NOT_ALONE)
    failures = ("tests/chaos", "tests/reliability", *NOT_ALONE)
    alone = ("tests/reliability", "-m", "alone")
    return [
        (
            chosen.lane("failures", failures, workers=CORES),
            chosen.lane("most", most, workers=CORES),
            *CHECKS,
            chosen.lane("chart", (chart,), first=("setup/helm",)),
        ),
        (chosen.lane("alone", alone),),
        (BUDGET,),
    ]


def saved(chosen: Selection, unit: Sequence[str], more: Sequence[str]) -> list[Stage]:
    """What a saved file reaches, the fast tests first."""
    named = {"unit": unit, "reached": more}
    return [
        (chosen.lane(name, (*files, *NOT_ALONE), workers=CORES),)
        for name, files in named.items()
        if files
    ]


def on_a_cluster(chosen: Selection, *, private: bool) -> list[Stage]:
    """The images, the tests on nodes, and those on an API server alone, which may be `private`."""
    images = chosen.lane("images", ("tests/e2e/images",))
    nodes = chosen.lane("nodes", ("tests/e2e/vault",))
    without = ("tests/e2e/operator", "tests/e2e/chart", "tests/e2e/api")
    api = chosen.lane("api", without, workers=CORES if private else 0)
    return [(images,), (nodes, api)] if private else [(images,), (nodes,), (api,)]
