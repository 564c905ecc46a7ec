"""Resources of this machine for a private server: programs, ports, an account, processes."""

import fcntl
import os
import pwd
import random
import shutil
import socket
import tempfile
from itertools import chain
from pathlib import Path

SYSTEM_BINARIES = "/usr/local/sbin:/usr/sbin:/sbin"
PORTS = range(20_000, 32_000)
"""Below Linux's range for outgoing connections, so that none of them takes a port we just found."""


class MissingServerError(Exception):
    """A server that tests need is not installed; the text says what to install or to set."""


def program(*names: str, folders: str = "", missing: str) -> Path:
    """The first of `names` in `folders`, PATH or the system's sbin; else MissingServerError."""
    path = os.pathsep.join([folders, os.environ.get("PATH", ""), SYSTEM_BINARIES])
    for name in names:
        if found := shutil.which(name, path=path):
            return Path(found)
    raise MissingServerError(missing)


def dealt_ports() -> Path:
    """Where the processes of one run of tests keep which port was dealt last."""
    return Path(tempfile.gettempdir()) / f"medvault-port-{os.getuid()}"


def free_port() -> int:
    """A loopback TCP port that nobody listens on.

    Ports are dealt one after the other to all processes that run tests, so that nobody gets one
    whose server is yet to start.
    """
    with dealt_ports().open("a+") as dealt:
        fcntl.flock(dealt, fcntl.LOCK_EX)
        dealt.seek(0)
        last = int(dealt.read() or random.choice(PORTS))
        following = chain(range(last + 1, PORTS.stop), PORTS)
        port = next(one for one in following if _can_be_had(one))
        dealt.truncate(0)
        dealt.write(str(port))
    return port


def _can_be_had(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listening(port: int) -> bool:
    """Whether something accepts connections on this loopback port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def unprivileged_account() -> pwd.struct_passwd | None:
    """The account for a server that refuses to run as root; None where we aren't root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def family(pid: int) -> dict[int, str]:
    """`pid` and its living descendants, parents first, each with its state as in proc(5).

    PostgreSQL gives each of its children a session of its own, so a process group won't do.
    """
    parents = processes()
    members = [pid]
    for member in members:
        members.extend(child for child, (_, parent) in parents.items() if parent == member)
    return {member: parents[member][0] for member in members if member in parents}


def processes() -> dict[int, tuple[str, int]]:
    """State and parent of every process, zombies left out."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
        except (OSError, ValueError):  # it ended under our eyes
            continue
        if state != "Z":
            found[int(path.parent.name)] = (state, int(parent))
    return found
