"""Runs the tests in lanes, side by side: `make quick`, `check`, `test`, `watch` and `e2e`."""

import argparse
import os
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from lanes import changes, plans
from lanes.lane import NOTHING_SELECTED, Selection, Stage
from lanes.reach import MORE, UNIT, Reach
from lanes.runner import Outcome, Runner, summary
from support import durations, figures
from support.servers.lending import Lender
from support.servers.scratch import Scratch, in_memory

TIMES = Path("build/lanes.json")
SELECTED = "PYTEST_ARGS"
INTERRUPTED, UNUSABLE = 130, 2
PRIVATE_API = ("etcd", "kube-apiserver")
EXPLAINED = f"""
Lanes run side by side; each line begins with the name of its lane. The time of each test is in
build/durations.json, that of each lane in build/lanes.json. The variable {SELECTED} holds
arguments of pytest that leave tests out, such as -k name; paths belong to pytest itself.
"""


def main(given: Sequence[str] | None = None) -> int:
    """Run what was asked for; the exit status."""
    arguments, selected = _parser().parse_args(given), shlex.split(os.environ.get(SELECTED, ""))
    if paths := [one for one in selected if Path(one.partition("::")[0]).exists()]:
        _say(f"{SELECTED} takes no paths. Run: setup/uv run --all-extras pytest {' '.join(paths)}")
        return UNUSABLE
    try:
        stages = _stages(arguments, Selection(tuple(selected)))
    except changes.UnknownCommitError as error:
        _say(f"SINCE must be a commit: {error}")
        return UNUSABLE
    if not stages:
        _say("No test is reached; waiting for the next file to be saved.")
        return 0
    if arguments.what == "test":
        durations.FILE.unlink(missing_ok=True)
    return _run(arguments.what, stages)


def _run(what: str, stages: Sequence[Stage]) -> int:
    began, runner = time.monotonic(), Runner(_say)
    with _temporary_files(), Lender():
        outcomes = runner.run(stages)
    seconds = time.monotonic() - began
    lanes = {one.lane.name: round(one.seconds, 1) for one in outcomes}
    figures.add(TIMES, {what: {"seconds": round(seconds, 1), "lanes": lanes}})
    for line in summary(stages, outcomes):
        _say(line)
    if runner.interrupted:
        return INTERRUPTED
    passed = all(one.passed for one in outcomes) and not _nothing_ran(outcomes)
    minutes, rest = divmod(round(seconds), 60)
    _say(f"make {what}: {minutes} min {rest} s, {'passed' if passed else 'FAILED'}.")
    return 0 if passed else 1


def _stages(arguments: argparse.Namespace, chosen: Selection) -> list[Stage]:
    if arguments.what == "quick":
        return plans.quick(chosen)
    if arguments.what == "test":
        return plans.everything(chosen)
    if arguments.what == "e2e":
        private = all(map(shutil.which, PRIVATE_API))
        return plans.on_a_cluster(chosen, *(["--keep"] if arguments.keep else []), private=private)
    reach = Reach()
    if arguments.what == "watch":
        files = changes.saved()
        return plans.saved(chosen, reach.tests(files, UNIT), reach.tests(files, MORE))
    files = changes.since(arguments.since)
    reached = reach.tests(files)
    _say(f"{len(files)} files changed since {arguments.since}: {len(reached)} files of tests.")
    return plans.check(chosen, reached)


def _nothing_ran(outcomes: Sequence[Outcome]) -> bool:
    codes = [one.code for one in outcomes if one.lane.may_be_empty]
    return bool(codes) and set(codes) == {NOTHING_SELECTED}


@contextmanager
def _temporary_files() -> Iterator[None]:
    """Has whatever is temporary in memory, where there is room, and removes it at the end."""
    scratch, before = Scratch("lanes", in_memory()), dict(os.environ)
    scratch.path.chmod(0o711)  # PostgreSQL refuses root: its account has to get in
    os.environ["TMPDIR"] = tempfile.tempdir = str(scratch.path)
    try:
        yield
    finally:
        tempfile.tempdir = None
        os.environ.clear()
        os.environ.update(before)
        scratch.remove()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make", description=__doc__, epilog=EXPLAINED)
    parser.add_argument("what", choices=("quick", "check", "test", "watch", "e2e"))
    parser.add_argument("--since", default="HEAD", help="the commit to compare with (HEAD)")
    parser.add_argument("--keep", action="store_true", help="leave the cluster of e2e as it is")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
