"""Measures the hot paths beside references from the same run; `--help` tells the rest."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from load import capacity, commit, growth, ingest, pipeline, processor, replies, report_cpu, restart
from load.measurement import Ground, Measure, Options
from load.results import RESULT, keep
from load.traffic import LONGEST
from load.wrk import LoadError
from support.servers.machine import MissingServerError
from support.servers.private import ServerStartError

MEASUREMENTS: dict[str, Measure] = {
    "ingest": ingest.measure,
    "processor": processor.measure,
    "pipeline": pipeline.measure,
    "commit": commit.measure,
    "replies": replies.measure,
    "report": report_cpu.measure,
    "restart": restart.measure,
    "capacity": capacity.measure,
}
LONG: dict[str, Measure] = {"growth": growth.measure}
"""Only where it is named."""
EXPLAINED = """
Ratios are what counts: absolute figures are this machine's. Both sides of a ratio run in turn
within one run, and the spread over the rounds is printed. A missed goal is said and is no error.

ingest: `medvault api` has one core, and so has the bare server; wrk with 64 connections, PostgreSQL
and RabbitMQ share the other. Every POST is signed and of a message of its own. processor: a backlog
of patients' messages, four of each (`--waiting`), handled by `medvault worker inbound`; nothing is
bound to a core. What waits of a patient is handled in one go: with `--waiting 1` ratios are lower.
restart: RabbitMQ is killed in mid-load, and a message must come through it again before its time
counts; the reference consumes from the same broker. capacity: every process, every server and Meta
with ten thousand people share the machine.
"""
FAILURES = (LoadError, MissingServerError, ServerStartError, TimeoutError)


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, epilog=EXPLAINED,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument(
        "--only", choices=[*MEASUREMENTS, *LONG], action="append", metavar="NAME",
        help=f"measure this alone, may be repeated: {', '.join([*MEASUREMENTS, *LONG])}",
    )  # fmt: skip
    usual = Options()
    parser.add_argument("--rounds", type=_positive, default=usual.rounds, help="of each side (3)")
    parser.add_argument(
        "--seconds", type=_positive, default=usual.seconds, help="of a round with given time (5)"
    )
    parser.add_argument(
        "--patients", type=_positive, default=usual.patients, help="of the backlog (5000)"
    )
    parser.add_argument(
        "--waiting", type=int, choices=range(1, LONGEST + 1), default=usual.waiting,
        help="messages of each patient in the backlog (4)",
    )  # fmt: skip
    parser.add_argument(
        "--known", type=_positive, default=usual.known, help="patients of growth (1000000)"
    )
    parser.add_argument(
        "--reports", type=_positive, default=usual.reports, help="of growth (10000000)"
    )
    given = parser.parse_args()
    options = Options(
        given.rounds, given.seconds, given.patients, given.waiting, given.known, given.reports
    )
    try:
        return measured(given.only or list(MEASUREMENTS), options)
    except KeyboardInterrupt:
        sys.stderr.write("bench: interrupted; everything it started has ended\n")
        return 130


def measured(names: Sequence[str], options: Options) -> int:
    """Measure one after the other; the exit status. A failed one keeps back no other."""
    failed = 0
    with Ground(options) as ground:
        for name in names:
            try:
                findings = (MEASUREMENTS | LONG)[name](ground)
            except FAILURES as error:
                sys.stderr.write(f"bench: {name}: {error}\n")
                failed = 1
            else:
                sys.stdout.write(f"\n{findings.report()}\n")
                keep(name, findings)
    sys.stdout.write(f"\nAll figures are in {RESULT}.\n")
    return failed


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(main())
