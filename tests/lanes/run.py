"""Runs the tests in lanes, side by side: `make quick`, `check`, `test`, `watch` and `e2e`."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from lanes import plans
from lanes.lane import Selection, Stage
from lanes.reach import MORE, UNIT, Reach
from lanes.runner import Outcome, Runner, summary
from support import figures
from support.durations import FILE as DURATIONS
from support.servers.lending import Lender
from support.servers.scratch import Scratch, in_memory

TIMES = Path("build/lanes.json")
INTERRUPTED = 130
EXPLAINED = """
Lanes run side by side; each line begins with the name of its lane. The time of each test is in
build/durations.json, that of each lane in build/lanes.json.
"""


def main(given: Sequence[str] | None = None) -> int:
    """Run what was asked for; the exit status."""
    arguments = _parser().parse_args(given)
    began = time.monotonic()
    stages = _stages(arguments.what, Selection(tuple(arguments.selected)), arguments.since)
    DURATIONS.unlink(missing_ok=True)
    if not stages:
        _say("No test is reached; waiting for the next file to be saved.")
        return 0
    runner = Runner(_say)
    with _temporary_files(), Lender():
        outcomes = runner.run(stages)
    seconds = time.monotonic() - began
    _keep(arguments.what, seconds, outcomes)
    for line in summary(outcomes):
        _say(line)
    if runner.interrupted:
        return INTERRUPTED
    passed = all(one.passed for one in outcomes)
    _say(f"make {arguments.what}: {_spelt(seconds)}, {'passed' if passed else 'FAILED'}.")
    return 0 if passed else 1


def _stages(what: str, chosen: Selection, since: str) -> list[Stage]:
    if what == "quick":
        return plans.quick(chosen)
    if what == "test":
        return plans.everything(chosen)
    if what == "e2e":
        private = all(map(shutil.which, ("etcd", "kube-apiserver")))
        return plans.on_a_cluster(chosen, private=private)
    if what == "watch":
        files, reach = saved(), Reach()
        return plans.saved(chosen, reach.tests(files, UNIT), reach.tests(files, MORE))
    files = changes(since)
    reached = Reach().tests(files)
    _say(f"{len(files)} files differ from {since}; they reach {len(reached)} files of tests.")
    return plans.check(chosen, reached)


def saved() -> list[str]:
    """The files that watchfiles saw change."""
    seen = json.loads(os.environ.get("WATCHFILES_CHANGES", "[]"))
    return sorted({os.path.relpath(path) for _, path in seen})


@contextmanager
def _temporary_files() -> Iterator[None]:
    """Has whatever is temporary in memory, where there is room, and removes it at the end."""
    scratch = Scratch("lanes", in_memory())
    scratch.path.chmod(0o711)  # PostgreSQL refuses root: its account has to get in
    os.environ["TMPDIR"] = tempfile.tempdir = str(scratch.path)
    try:
        yield
    finally:
        scratch.remove()


def changes(since: str) -> list[str]:
    """The files that differ from a commit, those that git does not know yet among them."""
    listing = (("diff", "--name-only", since), ("ls-files", "--others", "--exclude-standard"))
    found: set[str] = set()
    for command in listing:
        done = subprocess.run(["git", *command], capture_output=True, text=True, check=True)
        found |= set(done.stdout.splitlines())
    return sorted(found)


def _keep(what: str, seconds: float, outcomes: Sequence[Outcome]) -> None:
    lanes = {one.lane.name: round(one.seconds, 1) for one in outcomes}
    figures.add(TIMES, {what: {"seconds": round(seconds, 1), "lanes": lanes}})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make", description=__doc__, epilog=EXPLAINED)
    parser.add_argument("what", choices=("quick", "check", "test", "watch", "e2e"))
    parser.add_argument("--since", default="HEAD", help="what a change is a change of (HEAD)")
    parser.add_argument("selected", nargs="*", help="further arguments of every pytest, after --")
    return parser


def _spelt(seconds: float) -> str:
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
