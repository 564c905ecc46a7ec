"""Measures the two hot paths beside references from the same run; `--help` tells the rest."""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from load import ingest, processor
from load.rounds import progress
from load.surroundings import on_core, run_in
from load.traffic import LONGEST, Schedule
from load.wrk import LoadError, require_wrk
from support.servers.machine import MissingServerError
from support.servers.postgres import PrivatePostgres, debian_binaries
from support.servers.private import ServerStartError
from support.servers.rabbitmq import PrivateRabbitMQ

RESULT = Path("build/bench.json")
HALVES = ("ingest", "processor")
EXPLAINED = """
Ratios are what counts: absolute figures are this machine's. Both sides of a ratio run in turn
within one run, and the spread over the rounds is printed. A missed goal is said and is no error.

ingest: `medvault api` has one core, and so has the bare server; wrk with 64 connections, PostgreSQL
and RabbitMQ share the other. Every POST is signed and of a message of its own. processor: a backlog
of patients' messages, four of each (`--waiting`), handled by `medvault worker inbound`; nothing is
bound to a core. What waits of a patient is handled in one go: with `--waiting 1` ratios are lower.
"""


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, epilog=EXPLAINED,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--only", choices=HALVES, help="measure one half")
    parser.add_argument("--rounds", type=_positive, default=3, help="of each side (3)")
    parser.add_argument("--seconds", type=_positive, default=5, help="of a round of ingest (5)")
    parser.add_argument("--patients", type=_positive, default=5000, help="of the backlog (5000)")
    parser.add_argument(
        "--waiting", type=int, choices=range(1, LONGEST + 1), default=4,
        help="messages of each patient in the backlog (4)",
    )  # fmt: skip
    given = parser.parse_args()
    try:
        _report(_measured(given))
    except (LoadError, MissingServerError, ServerStartError, TimeoutError) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("bench: interrupted; everything it started has ended\n")
        return 130
    return 0


def _measured(given: argparse.Namespace) -> Mapping[str, ingest.Ingest | processor.Processor]:
    """Measure on servers of our own, with fsync."""
    halves = (given.only,) if given.only else HALVES
    found: dict[str, ingest.Ingest | processor.Processor] = {}
    with contextlib.ExitStack() as stack:
        if "ingest" in halves:
            require_wrk()
            cores = _two_cores()
        progress("starting PostgreSQL and RabbitMQ")
        postgres = stack.enter_context(PrivatePostgres(debian_binaries(), fsync=True))
        rabbitmq = stack.enter_context(PrivateRabbitMQ())
        run_in(postgres.url)
        if "ingest" in halves:
            with on_core(cores[1], postgres, rabbitmq):
                found["ingest"] = ingest.measure(
                    postgres, rabbitmq, cores, given.rounds, given.seconds
                )
        if "processor" in halves:
            schedule = Schedule(given.patients, given.waiting)
            found["processor"] = processor.measure(postgres, rabbitmq, schedule, given.rounds)
    return found


def _report(found: Mapping[str, ingest.Ingest | processor.Processor]) -> None:
    """Print the figures, and write them to `RESULT`."""
    ratios: dict[str, float] = {}
    figures: dict[str, object] = {}
    for name, half in found.items():
        sys.stdout.write(f"\n{half.report()}\n")
        figures[name] = half.as_json()
        if isinstance(half, ingest.Ingest):
            ratios["ingest_ratio"] = round(half.ratio.median, 3)
        else:
            ratios["processor_ratio_1"] = round(half.ratio(processor.ONE).median, 3)
            ratios["processor_ratio_2"] = round(half.ratio(processor.TWO).median, 3)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(ratios | {"figures": figures}, indent=2) + "\n")
    sys.stdout.write(f"\nAll figures are in {RESULT}.\n")


def _two_cores() -> tuple[int, int]:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        message = "the webhook's benchmark needs two cores: one for the server, one for the load"
        raise LoadError(message)
    return cores[0], cores[1]


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(main())
