"""The process that a box is to be kept from: it holds secrets, as a service does."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from medvault.adapters.sandbox import dumps, kernel
from support.escapes.privileges import drop

SECRET = "TARGET_SECRET"
ENVIRONMENT = {"PATH": os.defpath, "PYTHONPATH": str(Path(__file__).parents[2])}
CLOSED, OPEN = "closed", "open"
"""Whether the process forbids that others look into it, or does as processes do by themselves."""


@dataclass(frozen=True, slots=True)
class Target:
    """The facts that an attempt may know of its target."""

    pid: int
    secret: str
    address: int
    folder: str
    port: int
    datagrams: int
    abstract: str
    descriptor: int

    @property
    def file(self) -> Path:
        """A file that holds the secret."""
        return Path(self.folder) / "secret"

    @property
    def socket(self) -> str:
        """A UNIX socket that listens."""
        return f"{self.folder}/socket"


@contextmanager
def running(folder: Path, state: str) -> Iterator[Target]:
    """A target as a program of its own, as another user where we are root."""
    process = subprocess.Popen(
        [sys.executable, "-m", "support.escapes.target", str(folder), state],
        env={**ENVIRONMENT, SECRET: os.urandom(16).hex()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        try:
            assert process.stdout is not None
            yield Target(**json.loads(process.stdout.readline()))
        finally:
            process.kill()


def main(folder: str, state: str) -> None:
    """Holds secrets until stdin ends."""
    drop(Path(folder))
    secret = os.environ[SECRET]
    held = ctypes.create_string_buffer(secret.encode())
    for name in ("secret", "spare"):
        (Path(folder) / name).write_text(secret)
    # Their backlog is enough: nobody has to accept.
    stream = socket.create_server(("127.0.0.1", 0))
    datagrams = socket.socket(type=socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", 0))
    abstract = f"\0{secret[:8]}"
    listeners = [stream]
    for name in (f"{folder}/socket", abstract):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(name)
        listener.listen()
        listeners.append(listener)
    for number in (signal.SIGURG, signal.SIGIO):
        signal.signal(number, signal.SIG_IGN)
    if state == CLOSED:
        dumps.forbid()
    else:
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # to change the user took it away
    target = Target(
        os.getpid(),
        secret,
        ctypes.addressof(held),
        folder,
        stream.getsockname()[1],
        datagrams.getsockname()[1],
        abstract,
        stream.fileno(),
    )
    sys.stdout.write(json.dumps(asdict(target)) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
