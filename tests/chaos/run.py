"""Kills everything at random while patients write, and counts what was lost, doubled, inverted."""

import argparse
import asyncio
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from chaos.checker.check import check
from chaos.deployment import Deployment, running_full
from chaos.embedded import running_demo
from chaos.plan import EMBEDDED_KINDS, KINDS, Nonsense, Plan, plan
from chaos.report import Report, keep, keep_evidence
from chaos.storm import Storm
from support.servers.machine import MissingServerError
from support.servers.private import ServerStartError
from support.servers.scratch import Scratch

STRIKES_AT_ONCE = 32
INTERRUPTED = 130
EXPLAINED = f"""
Real processes on real servers: two APIs behind HAProxy, three workers of each kind, RabbitMQ,
PostgreSQL, Valkey, an S3 server, clamd; the simulator plays Meta, and repeats, batches, shuffles
and loses. Patients file reports, list them, fetch them and compare the bytes; each notices what is
wrong or missing. Meanwhile components are killed with -9 and frozen, and come back after a moment
as under a supervisor. At the end an independent checker reads the simulator's ledger, PostgreSQL,
the store and the audit. The exit status is 1 if anything was violated.

A seed repeats what is done to whom and when, what the patients do, and their files. It does not
repeat how threads and packets interleave: a rare race may need several runs. A storm of less than
ten minutes repeats a send in doubt after 15 seconds, a longer one after 120 as deployed.

ONLY takes {", ".join(KINDS)}; embedded {", ".join(EMBEDDED_KINDS)}.
make chaos MESSAGES=10000 KILLS=200 is the long run; MINUTES counts the set-up and the storm, after
which everything is awaited for up to three more. build/chaos.json keeps all of it (embedded:
build/chaos-embedded.json).
"""


def main(given: Sequence[str] | None = None) -> int:
    """Do the run that was asked for; the exit status."""
    arguments = _parser().parse_args(given)
    seed = arguments.seed if arguments.seed is not None else secrets.randbelow(10**6)
    try:
        found = plan(
            seed=seed, messages=arguments.messages, kills=arguments.kills,
            minutes=arguments.minutes, only=arguments.only, embedded=arguments.embedded,
        )  # fmt: skip
        return _status(run(found, _say))
    except (Nonsense, MissingServerError, ServerStartError) as why:
        sys.stderr.write(f"make chaos: {why}\n")
        return 2
    except KeyboardInterrupt:
        return INTERRUPTED


def run(plan: Plan, say: Callable[[str], None]) -> Report:
    """Do it, say how it goes, keep the result."""
    say(
        f"{plan.messages} messages of {plan.patients} patients, {plan.kills} kills and "
        f"{plan.freezes} freezes: about {plan.minutes:g} minutes, seed {plan.seed}."
    )
    with _deployed(plan) as (deployment, threads):
        say("Everything is up; the storm begins.")
        weathered = asyncio.run(Storm(plan, deployment, threads, say).weather())
        report = Report(plan, weathered, check(deployment.sources()))
        keep(report)
        for line in ("", *report.lines(), ""):
            say(line)
        if report.violations:
            keep_evidence(deployment, say)
            say(f"To repeat it: {plan.command}")
    return report


@contextmanager
def _deployed(plan: Plan) -> Iterator[tuple[Deployment, ThreadPoolExecutor]]:
    """Servers die with the thread that started them, so the threads live as long as all else."""
    running = running_demo if plan.embedded else running_full
    scratch = Scratch("chaos")
    try:
        with (
            ThreadPoolExecutor(STRIKES_AT_ONCE) as threads,
            running(scratch.path, plan.repeat_seconds) as deployment,
        ):
            yield deployment, threads
    finally:
        scratch.remove()


def _status(report: Report) -> int:
    if report.violations:
        return 1
    return INTERRUPTED if report.weathered.interrupted else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="make chaos", description=__doc__, epilog=EXPLAINED,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    add = parser.add_argument
    add("--messages", type=_positive, help="of patients (2000, or as many as the minutes hold)")
    add("--kills", type=_natural, help="with -9; freezes come on top, one for three (30)")
    add("--minutes", type=float, help="set-up and storm (as long as messages and kills take)")
    add("--seed", type=int, help="repeats a run (random)")
    add("--only", metavar="NAMES", help="strike only these components, separated by commas")
    add(
        "--embedded", action="store_true", help="medvault demo instead: one process, its PostgreSQL"
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return number


def _natural(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is below 0")
    return number


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
