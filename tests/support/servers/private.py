"""A server of the tests' own: started, stopped, killed, frozen and cleared away."""

import atexit
import os
import pwd
import shutil
import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from support.servers.machine import family
from support.servers.scratch import Scratch
from support.servers.waiting import wait_until

LOG_TAIL = 3000


class ServerStartError(Exception):
    """A private server did not start; the text ends with the tail of its log."""


class PrivateServer(ABC):
    """One process tree with its own directory and loopback ports, unseen by the system's services.

    `start()` returns when it answers. `stop()` and `kill()` keep data and ports, so that
    `start()` brings the same server back; `close()` leaves nothing. As a context manager it is
    started, and closed. It dies with the thread that started it, even if that is killed.
    """

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    abandon_signal: ClassVar[signal.Signals] = signal.SIGKILL
    patience: ClassVar[float] = 60.0
    """Seconds to start or to stop in."""

    def __init__(
        self, *, parent: Path | None = None, account: pwd.struct_passwd | None = None
    ) -> None:
        self._scratch = Scratch(self.name, parent)
        self._account = account
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()
        self.directory = self._scratch.path
        self.log = self.directory / "log"
        if account:
            os.chown(self.directory, account.pw_uid, account.pw_gid)
        atexit.register(self.close)

    @abstractmethod
    def command(self) -> list[str]:
        """The command line; the server stays in the foreground."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server does its work by now; must not block for more than a second."""

    def environment(self) -> dict[str, str]:
        """All the server gets to see of the environment."""
        home = str(self.directory)
        return {"PATH": os.environ["PATH"], "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8"}

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        if self._process is None:
            message = f"{self.name} is not running"
            raise RuntimeError(message)
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended, frozen or not."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> Self:
        """Starts the server, unless it runs, and waits until it answers."""
        if not self.runs:
            with self.log.open("ab") as log:
                self._process = self._spawn(self.command(), log.fileno())
            try:
                wait_until(self._settled, seconds=self.patience, what=f"start of {self.name}")
            except TimeoutError as late:
                raise self._failure(str(late)) from late
        return self

    def stop(self) -> None:
        """Shuts the server down as its admin would; its data stays."""
        self._end(self.stop_signal)

    def kill(self) -> None:
        """Kills every process of the server at once; its data stays as it was."""
        self._signal_family(signal.SIGKILL)
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freezes the server: connections stay open and nothing answers."""
        wait_until(self._frozen, seconds=5, what=f"pause of {self.name}")

    def resume(self) -> None:
        """Lets a paused server go on."""
        self._signal_family(signal.SIGCONT)

    def close(self) -> None:
        """Ends the server in whatever state it is and removes its directory. May be repeated."""
        if os.getpid() != self._owner or not self.directory.exists():
            return
        if self._process is not None:
            self.resume()
            self._end(self.abandon_signal)
        atexit.unregister(self.close)
        self._scratch.remove()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def run(self, command: list[str]) -> None:
        """Runs a set-up command as the server's account; ServerStartError if it fails."""
        with self.log.open("ab") as log:
            process = self._spawn(command, log.fileno())
        if process.wait(self.patience) != 0:
            raise self._failure(f"{Path(command[0]).name} of {self.name} failed")

    def _spawn(self, command: list[str], log: int) -> subprocess.Popen[bytes]:
        # setpriv rather than a preexec_fn: Python 3.12 warns of forking beside threads.
        if setpriv := shutil.which("setpriv"):
            command = [setpriv, "--pdeathsig", self.abandon_signal.name[3:], *command]
        return subprocess.Popen(
            command,
            cwd=self.directory,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            user=self._account.pw_uid if self._account else None,
            group=self._account.pw_gid if self._account else None,
            extra_groups=[] if self._account else None,
        )

    def _settled(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            code = self._process.returncode
            self._process = None
            raise self._failure(f"{self.name} ended at its start with code {code}")
        return self.answers()

    def _frozen(self) -> bool:
        """SIGSTOP takes a moment to act, and may have missed a child just being born."""
        self._signal_family(signal.SIGSTOP)
        return set(family(self.pid).values()) == {"T"}

    def _end(self, by: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(by)
        try:
            self._process.wait(self.patience)
        except subprocess.TimeoutExpired:
            self._signal_family(signal.SIGKILL)
            self._process.wait(self.patience)
        self._process = None

    def _signal_family(self, number: signal.Signals) -> None:
        for member in family(self.pid):
            try:
                os.kill(member, number)
            except ProcessLookupError:
                continue

    def _failure(self, what: str) -> ServerStartError:
        tail = self.log.read_text(errors="replace")[-LOG_TAIL:]
        return ServerStartError(f"{what}\n--- end of its log ---\n{tail}")
