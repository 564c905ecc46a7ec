"""Answers that never end, and those that never fit: Meta's servers, or who stands in for them."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from uuid import uuid4

import pytest
from urllib3 import PoolManager, Timeout

from medvault.adapters.whatsapp import calls, time_limits
from medvault.adapters.whatsapp.channel import CloudChannel
from medvault.adapters.whatsapp.media import CloudMedia
from medvault.domain.errors import Transient, Unavailable
from medvault.domain.identifiers import LetterId
from medvault.domain.identity import Contact
from medvault.domain.outbound import Answer, Outgoing, Reaction, Refused
from medvault.domain.replies import Reply
from support.attacks import Attacks
from support.graph import Behaviour, Graph, answers, planned_graph

PATIENCE = 0.5
EVERY = 0.1
DRIPS = 20
LARGE = 24 * 1024 * 1024


def drips(*begin: bytes) -> Behaviour:
    """Send the beginning at once, and then a byte now and then for some seconds."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        with contextlib.suppress(ConnectionError):
            handler.wfile.write(b"".join(begin))
            for _ in range(DRIPS):
                handler.wfile.write(b"1")
                time.sleep(EVERY)

    return behave


HEAD = b"HTTP/1.1 200 OK\r\n"
SLOW = {
    "status line": (b"HTTP/1.1 200 ",),
    "header": (HEAD, b"A: "),
    "body": (HEAD, b"Content-Length: 1000\r\n\r\n"),
    "chunk size": (HEAD, b"Transfer-Encoding: chunked\r\n\r\n"),
    "until closed": (HEAD, b"Connection: close\r\n\r\n"),
}


@pytest.fixture
def graph() -> Iterator[Graph]:
    with planned_graph() as found:
        yield found


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limits, "ANSWER", PATIENCE)
    monkeypatch.setattr(calls, "LEAST_RATE", 1000 * 1024)


def seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    with contextlib.suppress(Exception):
        act()
    return time.monotonic() - began


def as_before(graph: Graph) -> bytes:
    """A call with a time-out for each read, and no other bound."""
    with PoolManager(timeout=Timeout(connect=3, read=20), retries=False) as pool:
        answer: bytes = pool.request("GET", graph.url).data
    return answer


@pytest.mark.calm
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("where", SLOW)
def test_an_answer_that_drips_is_given_up_in_time(
    graph: Graph, where: str, attacks: Attacks
) -> None:
    graph.plan(drips(*SLOW[where]), drips(*SLOW[where]))
    with CloudMedia(graph.options()) as media:

        def delete() -> None:
            with pytest.raises(Unavailable):
                media.delete("77")

        taken = seconds(delete)
    before = seconds(lambda: as_before(graph))
    assert taken < PATIENCE + 0.8 < 1.8 < before
    attacks.tried(f"dripping_{where.replace(' ', '_')}", 1, 0, (1, int(before > 1.8)))


@pytest.mark.calm
@pytest.mark.usefixtures("impatient")
def test_a_file_that_drips_is_given_up_by_its_size(graph: Graph) -> None:
    announced = b'{"url":"%s/file","file_size":512000}' % graph.url.encode()
    graph.plan(answers(announced), drips(HEAD, b"Content-Length: 512000\r\n\r\n%PDF"))
    began = time.monotonic()
    with CloudMedia(graph.options()) as media, pytest.raises(Transient), media.fetch("77") as file:
        b"".join(file.chunks)
    assert PATIENCE + 0.5 <= time.monotonic() - began < PATIENCE + 1.5


@pytest.mark.usefixtures("impatient")
def test_a_file_that_comes_well_may_be_read_slowly(graph: Graph) -> None:
    content = bytes(2 * 1024 * 1024)
    announced = b'{"url":"%s/file","file_size":%d}' % (graph.url.encode(), len(content))
    graph.plan(answers(announced), answers(content))
    found = bytearray()
    with CloudMedia(graph.options()) as media, media.fetch("77") as file:
        for chunk in file.chunks:
            found += chunk
            time.sleep(2 * PATIENCE / 8)
    assert found == content


@pytest.mark.parametrize("status", [200, 400, 500])
def test_an_answer_too_large_is_not_read_and_says_nothing(graph: Graph, status: int) -> None:
    error = b'{"error":{"code":100},' + b" " * LARGE
    sent: list[int] = []

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(error)))
        handler.end_headers()
        with contextlib.suppress(ConnectionError):
            for at in range(0, len(error), 65536):
                sent.append(65536)
                handler.wfile.write(error[at : at + 65536])

    graph.plan(behave, behave)
    with CloudMedia(graph.options()) as media, pytest.raises(Transient):
        media.delete("77")
    assert sum(sent) < LARGE / 2
    sent.clear()
    assert len(as_before(graph)) == len(error)
    assert sum(sent) >= len(error)


def test_an_answer_too_large_to_a_message_leaves_it_in_doubt(graph: Graph) -> None:
    graph.plan(answers(b'{"messages":[{"id":"wamid.A"}]}' + b" " * LARGE))

    async def send() -> Answer:
        async with CloudChannel(graph.options()) as channel:
            message = Outgoing(LetterId(uuid4()), Contact("IN.1", None), Reply("Hello"))
            return await channel.send(message, time.monotonic() + 5)

    assert asyncio.run(send()) == Refused(Reaction.UNKNOWN)
