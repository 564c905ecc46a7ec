"""Messages of known patients, posted by a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from load.deployment import APP_SECRET, TESTS, Process
from load.traffic import RequestFile, write_requests
from load.wrk import LoadError
from medvault.domain.updates import STATUSES

PATIENTS = 5000
WINDOW = 512
"""Messages between their POST and their effect."""
PATIENCE = 120
EFFECTS = """
SELECT (SELECT last_value FROM inbox_seq_seq)
       - (SELECT count(*) FROM inbox WHERE done_at IS NULL AND subject <> '{lane}')
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """The sender's figures: Unix time of the first POST, seconds, POSTs, and their latencies."""

    started: float
    seconds: float
    count: int
    milliseconds: Mapping[str, float]


def requests(folder: Path, count: int) -> RequestFile:
    """Messages of each known patient in turn; numbers begin behind those of their greetings."""
    return write_requests(folder / "requests", PATIENTS + count, PATIENTS, APP_SECRET.encode())


def at_rate(server: Process, file: RequestFile, first: int, rate: float, seconds: float) -> Sent:
    """Post so many messages a second, whatever becomes of them."""
    return _sent(server, file, first, int(rate * seconds), ["--rate", str(rate)])


def as_handled(
    server: Process, file: RequestFile, first: int, database: str, seconds: float
) -> Sent:
    """Post as fast as messages have their effect: `WINDOW` of them may be on their way."""
    effects = EFFECTS.format(lane=STATUSES)
    return _sent(
        server, file, first, file.count - first,
        ["--window", str(WINDOW), "--seconds", str(seconds), "--database", database,
         "--effects", effects],
    )  # fmt: skip


def _sent(server: Process, file: RequestFile, first: int, count: int, more: Sequence[str]) -> Sent:
    run = subprocess.run(
        [
            *(sys.executable, "-m", "load.sender", "--port", str(server.port)),
            *("--file", str(file.path), "--length", str(file.length)),
            *("--first", str(first), "--count", str(count), *more),
        ],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    if run.returncode:
        message = f"the sender failed: {run.stderr.strip()[-300:]}"
        raise LoadError(message)
    found = json.loads(run.stdout)
    if found["refused"]:
        message = f"{found['refused']} requests were refused"
        raise LoadError(message)
    return Sent(found["started"], found["seconds"], found["sent"], found["milliseconds"])
