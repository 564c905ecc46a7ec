"""Which lanes there are, by the name that `make` has for them."""

from collections.abc import Sequence
from pathlib import Path

from lanes.lane import Lane, Selection, Stage, cores

BESIDE_OTHERS, CALM, ALONE = "--beside=others", "--beside=calm", "--beside=nobody"
ONE_DATABASE = "--one-database"
LOCAL = "(local or memory or folder) and not (amqp or redis or s3)"
"""The contracts of what runs in this process."""

CHECKS = tuple(
    Lane(name=name, commands=(("make", "--silent", name),)) for name in ("lint", "types", "layers")
)


def quick(chosen: Selection) -> list[Stage]:
    """Tests that need no servers."""
    unit = chosen.lane("unit", ("tests/unit",), workers=cores())
    contract = Selection().lane("contract", ("tests/contract", "-k", LOCAL))
    return [(*CHECKS, unit, *([] if chosen.arguments else [contract]))]


def check(chosen: Selection, reached: Sequence[str]) -> list[Stage]:
    """The same, and the tests that a change reaches, on one of the two PostgreSQLs."""
    (stage,) = quick(chosen)
    run = (*reached, BESIDE_OTHERS, ONE_DATABASE)
    return [(*stage, *([chosen.lane("reached", run, workers=cores() + 1)] if reached else []))]


def everything(chosen: Selection) -> list[Stage]:
    """All tests but those on a cluster; those that measure times or rates run last, alone.

    Before these run tests that mostly wait, side by side: they hold limits of seconds, which a busy
    machine would break. One process has the unit tests to itself: each that shares tests has to
    collect all of them.
    """
    failures, chart = ("tests/chaos", "tests/reliability"), "tests/integration/chart"
    most = (
        "tests/integration",
        "tests/security",
        "tests/contract",
        f"--ignore={chart}",
    )
    stages: list[Stage] = [
        (
            chosen.lane("failures", (*failures, BESIDE_OTHERS), workers=cores()),
            chosen.lane("most", (*most, BESIDE_OTHERS), workers=cores() + 1),
            chosen.lane("unit", ("tests/unit", BESIDE_OTHERS)),
            *CHECKS,
            chosen.lane("chart", (chart,), first=("setup/helm",)),
        ),
        (chosen.lane("calm", (*marked("calm"), CALM), workers=cores() + 1),),
        (chosen.lane("alone", (*marked("alone"), ALONE)),),
    ]
    budget: Stage = (Selection().lane("budget", ("tests/budget",)),)
    return stages if chosen.arguments else [*stages, budget]


def marked(mark: str) -> list[str]:
    """Return the files of tests with this mark, which each of them says itself.

    To look through all others for a hundred tests takes a quarter of a minute and a core.
    """
    files = sorted(Path("tests").rglob("test_*.py"))
    return [str(path) for path in files if f"pytest.mark.{mark}" in path.read_text()]


def saved(chosen: Selection, unit: Sequence[str], more: Sequence[str]) -> list[Stage]:
    """The tests that a saved file reaches, the fast ones first."""
    named = {"unit": unit, "reached": more}
    return [
        (chosen.lane(name, (*files, BESIDE_OTHERS), workers=cores()),)
        for name, files in named.items()
        if files
    ]


def on_a_cluster(chosen: Selection, *options: str, private: bool) -> list[Stage]:
    """The images, then the tests on nodes, and those that need no more than an API server.

    The latter run beside the others where the API server can be a `private` one.
    """
    images, nodes = ("tests/e2e/images", *options), ("tests/e2e/vault", *options)
    without = ("tests/e2e/operator", "tests/e2e/chart", "tests/e2e/api", *options)
    if not private:
        return [(chosen.lane("images", images),), (chosen.lane("nodes", (*nodes, *without)),)]
    return [
        (chosen.lane("images", images),),
        (chosen.lane("nodes", nodes), chosen.lane("api", without, workers=cores())),
    ]
