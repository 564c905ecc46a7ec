"""wrk, the load generator."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from load.traffic import RequestFile

CONNECTIONS = 64
SCRIPT = Path(__file__).with_name("signed.lua")
MISSING = (
    "wrk is missing: install it (Debian, Ubuntu: apt-get install wrk; macOS: brew install wrk)"
)


class LoadError(Exception):
    """A round that says nothing, and why."""


@dataclass(frozen=True, slots=True)
class Load:
    """The answers of the server: how many a second, and latencies in milliseconds."""

    answers: int
    per_second: float
    p50: float
    p99: float


def require_wrk() -> None:
    """Raises `LoadError` with advice if wrk is not installed."""
    if shutil.which("wrk") is None:
        raise LoadError(MISSING)


def load(
    url: str, requests: RequestFile, *, core: int, seconds: int, first: int = 0, again: bool = False
) -> Load:
    """Posts requests from the `first` on, as fast as they are answered; all must succeed."""
    wrk = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(SCRIPT), url]
    script = [str(requests.path), str(requests.length), str(first), "again" if again else "once"]
    run = subprocess.run(
        ["taskset", "--cpu-list", str(core), *wrk, "--", *script],
        capture_output=True,
        text=True,
        timeout=seconds + 30,
    )
    last = run.stdout.strip().rpartition("\n")[2]
    if run.returncode or run.stderr or not last.startswith("{"):
        message = f"wrk failed: {(run.stderr or run.stdout).strip()[-300:]}"
        raise LoadError(message)
    found = json.loads(last)
    if found["refused"] or found["broken"]:
        message = f"{found['refused']} requests were refused, {found['broken']} got no answer"
        raise LoadError(message)
    per_second = found["answers"] / found["microseconds"] * 1e6
    return Load(found["answers"], per_second, found["p50"] / 1e3, found["p99"] / 1e3)
