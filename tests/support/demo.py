"""`medvault demo` as a patient's family would run it: a command, on ports and a folder."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from support.servers.machine import family, free_port, processes
from support.servers.waiting import wait_until

MEDVAULT = Path(sys.executable).with_name("medvault")
STARTS_WITHIN = ENDS_WITHIN = 60.0


class DemoCommand:
    """A demo over `folder`, on ports of its own unless given; `printed` is all that it said.

    `program` may be another medvault than the console script.
    """

    def __init__(
        self,
        folder: Path,
        *options: str,
        ports: tuple[int, int] | None = None,
        program: Sequence[str] = (str(MEDVAULT),),
    ) -> None:
        self.folder = folder
        self._program = program
        self.api_port, self.simulator_port = ports or (free_port(), free_port())
        self.api_url = f"http://127.0.0.1:{self.api_port}"
        self.chat_url = f"http://127.0.0.1:{self.simulator_port}"
        self._options = options
        self._log = folder.with_name(f"{folder.name}.{self.api_port}.log")
        self._process: subprocess.Popen[bytes] | None = None
        self._family: list[int] = []

    @property
    def printed(self) -> str:
        """Everything on stdout and stderr."""
        return self._log.read_text()

    @property
    def probe_url(self) -> str:
        """Where its welcome says that metrics are."""
        line = next(line for line in self.printed.splitlines() if line.startswith("  Probes"))
        return line.split()[1]

    def launch(self) -> Self:
        """Start the command without waiting for it."""
        tied = [shutil.which("setpriv") or "setpriv", "--pdeathsig", "TERM"]
        ports = ["--api-port", str(self.api_port), "--simulator-port", str(self.simulator_port)]
        command = [*tied, *self._program, "demo", "--data", str(self.folder), *ports]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen([*command, *self._options], stdout=log, stderr=log)
        return self

    def start(self) -> Self:
        """Start the command and wait for its welcome."""
        self.launch()
        wait_until(self._runs, seconds=STARTS_WITHIN, what="start of the demo")
        self._family = list(family(self._child.pid))
        return self

    def ended(self) -> int:
        """Wait until the command ends by itself; its exit code."""
        return self._child.wait(ENDS_WITHIN)

    def end(self, by: signal.Signals = signal.SIGINT) -> int:
        """Ask the command to end; its exit code."""
        self._child.send_signal(by)
        return self.ended()

    def kill(self) -> None:
        """Kill the command and all that it started, at once."""
        self.signal_all(signal.SIGKILL)
        self.ended()

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal to the command and all that it started."""
        for member in family(self._child.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(member, number)

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended, frozen or not."""
        return self._process is not None and self._process.poll() is None

    @property
    def processes(self) -> list[int]:
        """The numbers of the command and of all that it started, as far as they run."""
        return list(family(self._child.pid))

    def left_over(self) -> list[int]:
        """Processes of a started demo that live on."""
        return sorted(set(self._family) & set(processes()))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._child.poll() is None:
            self.end()

    @property
    def _child(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            message = "the demo was never started"
            raise RuntimeError(message)
        return self._process

    def _runs(self) -> bool:
        if self._child.poll() is not None:
            raise AssertionError(f"the demo ended at its start:\n{self.printed}")
        return "Ctrl-C ends it" in self.printed
