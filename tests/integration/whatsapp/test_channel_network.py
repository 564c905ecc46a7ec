import asyncio
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler
from uuid import uuid4

import pytest

from medvault.adapters.whatsapp.channel import CloudChannel
from medvault.adapters.whatsapp.options import WhatsAppOptions
from medvault.domain.identifiers import LetterId
from medvault.domain.identity import Contact
from medvault.domain.outbound import Accepted, Answer, Outgoing, Reaction, Refused
from medvault.domain.replies import Reply
from support.graph import Behaviour, Graph, answers, closes, options_for, then_closes
from support.servers.waiting import wait_until

TAKEN = answers(b'{"messages":[{"id":"wamid.1"}]}')
UNKNOWN = Refused(Reaction.UNKNOWN)
UNREACHABLE = Refused(Reaction.UNREACHABLE)
RETRY = Refused(Reaction.RETRY)


def message() -> Outgoing:
    return Outgoing(LetterId(uuid4()), Contact("IN.1", None), Reply("Hello"))


def send(options: WhatsAppOptions, times: int = 1, within: float = 5.0) -> list[Answer]:
    async def run() -> list[Answer]:
        async with CloudChannel(options) as channel:
            return [await channel.send(message(), time.monotonic() + within) for _ in range(times)]

    return asyncio.run(run())


def test_a_refused_connection_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert send(options_for(f"http://127.0.0.1:{port}")) == [UNREACHABLE]


def test_a_name_that_does_not_resolve_is_tried_again() -> None:
    assert send(options_for("http://graph.invalid")) == [UNREACHABLE]


def test_a_server_that_does_not_speak_tls_is_tried_again(graph: Graph) -> None:
    url = graph.url.replace("http://", "https://")
    assert send(options_for(url)) == [UNREACHABLE]
    assert graph.received.empty()


def test_a_deadline_that_has_passed_writes_nothing(graph: Graph) -> None:
    graph.plan(TAKEN)
    late, in_time = asyncio.run(late_then_in_time(graph.options()))
    assert late == UNREACHABLE
    assert in_time == Accepted("wamid.1")
    graph.request()
    assert graph.received.empty()


async def late_then_in_time(options: WhatsAppOptions) -> tuple[Answer, Answer]:
    async with CloudChannel(options) as channel:
        late = await channel.send(message(), time.monotonic() - 0.001)
        return late, await channel.send(message(), time.monotonic() + 5)


def test_the_deadline_counts_once_a_connection_is_free(graph: Graph) -> None:
    over = threading.Event()

    def answers_late(handler: BaseHTTPRequestHandler) -> None:
        over.wait(10)
        TAKEN(handler)

    graph.plan(answers_late, TAKEN)

    async def run() -> list[Answer]:
        async with CloudChannel(graph.options(connections=1)) as channel:
            first = asyncio.create_task(channel.send(message(), time.monotonic() + 5))
            await asyncio.to_thread(graph.request)
            deadline = time.monotonic() + 0.1
            second = asyncio.create_task(channel.send(message(), deadline))
            await asyncio.to_thread(
                wait_until, lambda: time.monotonic() > deadline, seconds=5, what="the deadline"
            )
            over.set()
            return [await first, await second]

    assert asyncio.run(run()) == [Accepted("wamid.1"), UNREACHABLE]
    assert graph.received.empty()


def test_a_time_out_before_the_connection_stands_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        assert send(options_for(url, timeout=0.3)) == [UNREACHABLE]


def test_silence_after_the_message_was_written_is_unknown(graph: Graph) -> None:
    graph.plan(graph.hangs)
    assert send(graph.options(timeout=0.3)) == [UNKNOWN]
    graph.request()


@pytest.mark.parametrize(
    "behaviour",
    [
        closes,
        then_closes(answers(b'{"messages":[{"id":"wam', Content_Length="999")),
        lambda handler: handler.wfile.write(b"\x00\x01 no HTTP\r\n\r\n"),
        answers(b""),
        answers(b"<html>"),
        answers(b'{"messages":[]}'),
        answers(b'{"messages":[{"id":5}]}'),
    ],
)
def test_an_answer_that_tells_nothing_is_unknown(graph: Graph, behaviour: Behaviour) -> None:
    graph.plan(behaviour)
    assert send(graph.options()) == [UNKNOWN]
    graph.request()
    assert graph.received.empty()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(graph: Graph, status: int) -> None:
    graph.plan(answers(b"", status, Location=f"{graph.url}/elsewhere"), TAKEN)
    assert send(graph.options()) == [RETRY]
    graph.request()
    assert graph.received.empty()


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_nobody_knows_what_became_of_a_message_behind_a_broken_gateway(
    graph: Graph, status: int
) -> None:
    graph.plan(answers(b"<html>", status))
    assert send(graph.options()) == [UNKNOWN]


def test_a_probe_is_answered_as_a_message_would_be(graph: Graph) -> None:
    async def probe() -> Refused | None:
        async with CloudChannel(graph.options(timeout=0.5)) as channel:
            return await channel.probe()

    graph.plan(answers(b'{"error":{"code":190}}', 401), answers(b"", 503), graph.hangs)
    assert asyncio.run(probe()) == Refused(Reaction.STOP_LINE, 190)
    assert asyncio.run(probe()) == UNKNOWN
    assert asyncio.run(probe()) == Refused(Reaction.UNREACHABLE)
    request = graph.request()
    assert (request.method, request.path) == ("GET", "/v25.0/109876543210987?fields=id")
    assert request.headers["Authorization"] == "Bearer token-1"


def test_a_connection_is_kept_and_a_closed_one_replaced(graph: Graph) -> None:
    graph.plan(TAKEN, then_closes(answers(b'{"messages":[{"id":"wamid.1"}]}', Connection="close")))
    graph.plan(TAKEN)
    assert send(graph.options(), times=3) == [Accepted("wamid.1")] * 3


def test_the_head_says_what_is_needed(graph: Graph) -> None:
    graph.plan(TAKEN)
    send(graph.options())
    request = graph.request()
    assert request.path == "/v25.0/109876543210987/messages"
    assert request.headers["Authorization"] == "Bearer token-1"
    assert request.headers["Content-Type"] == "application/json"
