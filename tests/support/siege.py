"""Connections that only cost: a process of its own opens them and tells when each was closed.

Run as `python -m support.siege PORT IDLE HALF UNSIGNED SECONDS`.
"""

import asyncio
import contextlib
import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass

from support.stack.service import ending_with_us

POST = b"POST /webhook/whatsapp HTTP/1.1\r\nHost: vault\r\n"
FORGED = b"X-Hub-Signature-256: sha256=" + b"0" * 64 + b"\r\n"
FULL_SIZE = 3 * 1024 * 1024
_PIECE = bytes(64 * 1024)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many connections were tried, how many were open at the end, and the longest life."""

    tried: int
    left: int
    longest: float


class Siege:
    """A siege that has begun; `end` waits until all are closed or the seconds are over."""

    def __init__(self, port: int, *, idle: int, half: int, unsigned: int, seconds: float) -> None:
        given = [str(one) for one in (port, idle, half, unsigned, seconds)]
        self._process = subprocess.Popen(
            ending_with_us([sys.executable, "-m", "support.siege", *given]),
            stdout=subprocess.PIPE,
            env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
        )

    @property
    def goes_on(self) -> bool:
        """Whether somebody is still there."""
        return self._process.poll() is None

    def end(self) -> Outcome:
        """The outcome of the siege."""
        said, _ = self._process.communicate(timeout=120)
        return Outcome(**json.loads(said))


async def attack(port: int, begin: bytes, body: int, seconds: float) -> float | None:
    """Seconds that a connection lived, None if it still does."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(begin)
            for _ in range(body // len(_PIECE)):
                writer.write(_PIECE)
                await writer.drain()
            while await reader.read(1000):
                continue
    except TimeoutError:
        return None
    except OSError:
        pass
    return time.monotonic() - began


async def main(port: int, idle: int, half: int, unsigned: int, seconds: float) -> None:
    """Open all of them, and print the outcome."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # The last piece of each body is held back: a server that waits for it holds all the others.
    whole = POST + FORGED + b"Content-Length: %d\r\n\r\n" % FULL_SIZE
    kinds = [(b"", 0)] * idle + [(POST, 0)] * half + [(whole, FULL_SIZE - len(_PIECE))] * unsigned
    lives = await asyncio.gather(*(attack(port, *kind, seconds) for kind in kinds))
    over = [life for life in lives if life is not None]
    outcome = {"tried": len(lives), "left": len(lives) - len(over), "longest": max(over, default=0)}
    sys.stdout.write(json.dumps(outcome))


if __name__ == "__main__":
    numbers = [int(float(word)) for word in sys.argv[1:]]
    asyncio.run(main(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]))
