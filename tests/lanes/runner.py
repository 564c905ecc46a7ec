"""Runs lanes side by side, repeats their words, and tells at the end how each of them fared."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from lanes.lane import Command, Lane, Stage
from support.stack.service import ending_with_us

ENDS_WITHIN, IMPATIENT_AFTER = 60.0, 2.0
"""Seconds that a lane gets to clear up; seconds within which a second signal is but an echo."""
TELLING = ("E  ", "FAILED ", "ERROR ")
"""How pytest begins the lines that tell what failed, and why."""
LAST_WORDS, TELLING_LINES = 5, 15
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a lane fared: its time in seconds, the code it ended with, its lines that tell why."""

    lane: Lane
    seconds: float
    code: int
    said: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether that is no failure."""
        return self.code in self.lane.allowed


class Said:
    """The lines of a lane that are worth repeating at the end, where it failed."""

    def __init__(self) -> None:
        self._telling: deque[str] = deque(maxlen=TELLING_LINES)
        self._last: deque[str] = deque(maxlen=LAST_WORDS)

    def add(self, line: str) -> None:
        """Keeps what may be wanted."""
        self._last.append(line)
        if line.startswith(TELLING):
            self._telling.append(line)

    def telling(self) -> tuple[str, ...]:
        """Those by which pytest says what failed, else the last ones."""
        return tuple(self._telling or self._last)


class Runner:
    """One run of stages; a failure in a stage does not keep its other lanes from their end."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._running: set[subprocess.Popen[str]] = set()
        self._interrupted_at = 0.0

    @property
    def interrupted(self) -> bool:
        """Whether it was told to end."""
        return self._interrupted_at > 0

    def run(self, stages: Sequence[Stage]) -> list[Outcome]:
        """Runs all stages, up to one in which something failed."""
        outcomes: list[Outcome] = []
        width = max(len(lane.name) for stage in stages for lane in stage)
        with self._interruptible():
            for stage in stages:
                with ThreadPoolExecutor(len(stage)) as threads:
                    outcomes += threads.map(lambda lane: self._lane(lane, width), stage)
                if self.interrupted or not all(one.passed for one in outcomes):
                    break
        return outcomes

    def _lane(self, lane: Lane, width: int) -> Outcome:
        began, code, said = time.monotonic(), 0, Said()
        for command in lane.commands:
            code = self._command(lane, command, width, said)
            if code not in lane.allowed:
                break
        return Outcome(lane, time.monotonic() - began, code, said.telling())

    def _command(self, lane: Lane, command: Command, width: int, said: "Said") -> int:
        with self._started(command) as process:
            if self.interrupted:
                _signal(process, signal.SIGINT)
            for line in map(str.rstrip, process.stdout or ()):
                said.add(line)
                self._say(f"{lane.name:<{width}} | {line}")
        return process.returncode

    @contextmanager
    def _started(self, command: Command) -> Iterator["subprocess.Popen[str]"]:
        with subprocess.Popen(
            ending_with_us(command),
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process:
            self._running.add(process)
            yield process
        self._running.discard(process)

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._interrupt) for number in SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _interrupt(self, *_: object) -> None:
        """Lets every lane clear up; kills them if they take long, or somebody asks again."""
        now = time.monotonic()
        if not self.interrupted:
            self._interrupted_at = now
            self._signal_all(signal.SIGINT)
            killer = threading.Timer(ENDS_WITHIN, self._signal_all, (signal.SIGKILL,))
            killer.daemon = True
            killer.start()
        elif now - self._interrupted_at > IMPATIENT_AFTER:
            self._signal_all(signal.SIGKILL)

    def _signal_all(self, number: signal.Signals) -> None:
        for process in list(self._running):
            _signal(process, number)


def _signal(process: "subprocess.Popen[str]", number: signal.Signals) -> None:
    """Reaches all of its group, which may live on without it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _environment() -> dict[str, str]:
    """Ours, with output line by line, and bytecode kept: hundreds of processes import the same."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONUNBUFFERED": "1"}


def summary(stages: Sequence[Stage], outcomes: Sequence[Outcome]) -> Iterator[str]:
    """A line for each lane, and what those said that failed: a log may be kept by its end alone."""
    for one in outcomes:
        yield f"{one.seconds:7.1f} s  {'passed' if one.passed else 'FAILED'}   {one.lane.name}"
        yield from (f"{one.lane.name} | {line}" for line in one.said if not one.passed)
    ran = {one.lane.name for one in outcomes}
    for name in (lane.name for stage in stages for lane in stage if lane.name not in ran):
        yield f"{'-':>7}    not run  {name}"
