"""Signed webhooks at a steady rate from a process of its own, each timed from when it was due."""

import asyncio
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Self

import aiohttp

from support.stack.service import ending_with_us

TESTS = Path(__file__).parents[2]
SENDERS = 200
CONNECTIONS = 1000
"""At most; few are needed where webhooks are answered at once."""

LONGEST = 10.0
"""Seconds until a webhook counts as not answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A webhook's number, the HTTP status or the error's name, and the seconds since it was due."""

    number: int
    status: int | str
    seconds: float


@dataclass(frozen=True, slots=True)
class Answers:
    """How all webhooks of one traffic were answered."""

    mark: str
    answers: Sequence[Answer]

    @property
    def statuses(self) -> Counter[int | str]:
        """How many were answered with what."""
        return Counter(answer.status for answer in self.answers)

    @property
    def failed(self) -> int:
        """How many were not answered 200."""
        return len(self.answers) - self.statuses[200]

    @property
    def accepted(self) -> list[str]:
        """The message ids of those answered 200."""
        return [wamid(self.mark, found.number) for found in self.answers if found.status == 200]

    def milliseconds(self, share: float) -> float:
        """The time within which this share of those answered 200 were answered."""
        times = sorted(answer.seconds for answer in self.answers if answer.status == 200)
        return round(times[min(len(times) - 1, int(share * len(times)))] * 1000, 1)


class Traffic:
    """Posts reactions of many patients, `rate` a second, whether they are answered or not."""

    def __init__(self, url: str, secret: str, rate: float, connections: int = CONNECTIONS) -> None:
        self._command = [url, str(rate), str(connections)]
        self._secret = secret
        self._mark = token_hex(4)

    def __enter__(self) -> Self:
        program = [sys.executable, "-m", "support.stack.traffic", self._mark, *self._command]
        self._process = subprocess.Popen(
            ending_with_us(program),
            env=os.environ | {"PYTHONPATH": str(TESTS), "APP_SECRET": self._secret},
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"begun\n"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def finish(self) -> Answers:
        """Sends no more, waits for the last answers and returns all of them."""
        self._process.send_signal(signal.SIGTERM)
        said, _ = self._process.communicate(timeout=LONGEST + 10)
        return Answers(self._mark, [Answer(*found) for found in json.loads(said)])


def wamid(mark: str, number: int) -> str:
    """The message id of a webhook."""
    return f"wamid.traffic-{mark}-{number}"


def _body(mark: str, number: int) -> bytes:
    sender = f"IN.{7 * 10**15 + number % SENDERS}"
    known = {"from_user_id": sender, "id": wamid(mark, number), "timestamp": "1767225600"}
    reaction = {"message_id": "wamid.earlier", "emoji": "\N{THUMBS UP SIGN}"}
    element = {**known, "type": "reaction", "reaction": reaction}
    value = {"messaging_product": "whatsapp", "metadata": {}, "messages": [element]}
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


class _Poster:
    def __init__(self, session: aiohttp.ClientSession, url: str, secret: bytes, mark: str) -> None:
        self._session = session
        self._url = url
        self._secret = secret
        self._mark = mark
        self.answers: list[tuple[int, int | str, float]] = []

    async def post(self, number: int, due: float) -> None:
        body = _body(self._mark, number)
        signature = "sha256=" + hmac.digest(self._secret, body, hashlib.sha256).hex()
        headers = {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}
        status: int | str
        try:
            async with self._session.post(self._url, data=body, headers=headers) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            status = type(error).__name__
        took = asyncio.get_running_loop().time() - due
        self.answers.append((number, status, round(took, 4)))


async def _main(mark: str, url: str, rate: str, connections: str) -> None:
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    connector = aiohttp.TCPConnector(limit=int(connections))
    timeout = aiohttp.ClientTimeout(total=LONGEST)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
        asyncio.TaskGroup() as posting,
    ):
        poster = _Poster(session, url, os.environ["APP_SECRET"].encode(), mark)
        print("begun", flush=True)
        start = loop.time()
        for number in count():
            due = start + number / float(rate)
            try:
                async with asyncio.timeout_at(due):
                    await stopping.wait()
                break
            except TimeoutError:
                posting.create_task(poster.post(number, due))
    print(json.dumps(poster.answers))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
