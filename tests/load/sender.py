"""Sends ready-made requests when they are due, however late the answers are; prints JSON.

Latencies count from when a request was due, so a server that stalls is charged for all that had
to wait. With `--window` it sends as fast as messages have their effect: so many may be on the way.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import cast

import psycopg2
import uvloop

CONNECTIONS = 64
_TICK = 0.001
_LOOK = 0.01
"""Seconds between two looks at the clock, and at how many messages have had their effect."""


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self, answered: "Callable[[Connection, bool], None]") -> None:
        self._answered = answered
        self._received = b""
        self._transport: asyncio.Transport
        self.due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def send(self, request: memoryview, due: float) -> None:
        """Send a request."""
        self.due = due
        self._received = b""
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        """Wait for the whole answer."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if end and len(body) >= _content_length(head):
            self._answered(self, head.startswith(b"HTTP/1.1 200"))


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


class Sender:
    """Sends the requests of a file over many connections."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        content = memoryview(Path(given.file).read_bytes())
        content = content[given.first * given.length :]
        self._requests = [
            content[n * given.length : (n + 1) * given.length] for n in range(given.count)
        ]
        self._free: deque[Connection] = deque()
        self._waiting: deque[tuple[int, float]] = deque()
        self._all_answered = asyncio.Event()
        self._refused = 0
        self._latencies: list[float] = []
        self._effects = 0
        self._to_answer = -1

    async def run(self) -> dict[str, object]:
        """Send them all; returns the figures."""
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            make = lambda: Connection(self._answer)  # noqa: E731
            _, connection = await loop.create_connection(make, "127.0.0.1", self._given.port)
            self._free.append(connection)
        started, began = time.time(), time.perf_counter()
        if self._given.window:
            sent = await self._as_effects_come(began)
        else:
            sent = await self._when_due(began)
        self._to_answer = sent - len(self._latencies)
        if self._to_answer:
            await self._all_answered.wait()
        seconds = time.perf_counter() - began
        milliseconds = sorted(latency * 1000 for latency in self._latencies)
        return {
            "started": started,
            "seconds": seconds,
            "sent": sent,
            "refused": self._refused,
            "milliseconds": {
                f"p{share}": milliseconds[min(sent - 1, sent * share // 100)]
                for share in (50, 95, 99)
            },
        }

    async def _when_due(self, began: float) -> int:
        given, sent = self._given, 0
        while sent < given.count:
            now = time.perf_counter()
            while sent < given.count and began + sent / given.rate <= now:
                self._send(sent, began + sent / given.rate)
                sent += 1
            await asyncio.sleep(_TICK)
        return sent

    async def _as_effects_come(self, began: float) -> int:
        given, sent = self._given, 0
        looking = asyncio.get_running_loop().run_in_executor(None, self._count_effects, began)
        while sent < given.count and time.perf_counter() < began + given.seconds:
            while sent < given.count and sent < self._effects + given.window and self._free:
                self._send(sent, time.perf_counter())
                sent += 1
            await asyncio.sleep(_TICK)
        await looking
        return sent

    def _count_effects(self, began: float) -> None:
        with closing(psycopg2.connect(self._given.database)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            first = None
            while time.perf_counter() < began + self._given.seconds:
                cursor.execute(self._given.effects)
                (count,) = cursor.fetchone() or (0,)
                first = count if first is None else first
                self._effects = count - first
                time.sleep(_LOOK)

    def _send(self, number: int, due: float) -> None:
        if self._free:
            self._free.popleft().send(self._requests[number], due)
        else:
            self._waiting.append((number, due))

    def _answer(self, connection: Connection, accepted: bool) -> None:
        self._latencies.append(time.perf_counter() - connection.due)
        self._refused += not accepted
        self._to_answer -= 1
        if self._to_answer == 0:
            self._all_answered.set()
        if self._waiting:
            number, due = self._waiting.popleft()
            connection.send(self._requests[number], due)
        else:
            self._free.append(connection)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("port", "length", "first", "count"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--file", required=True)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--window", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--database", default="")
    parser.add_argument("--effects", default="")

    async def _main() -> dict[str, object]:
        return await Sender(parser.parse_args()).run()

    json.dump(uvloop.run(_main()), sys.stdout)
