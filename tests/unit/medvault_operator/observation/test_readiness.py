"""An inbound pod's word on Meta's check, asked of real servers that behave and that do not."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from medvault.observability.health import Readiness
from medvault.observability.identity_check import NOTE
from medvault.observability.identity_check import IdentityCheck as Messages
from medvault.observability.probes import ProbeServer
from medvault_operator.observation.readiness import BYTES, identity_check
from medvault_operator.world.pods import IdentityCheck
from support.scripted import Script, serving

ON = json.dumps({"notes": {NOTE: "on"}}).encode()
LONG = json.dumps({"notes": {NOTE: "on"}, "more": "x" * BYTES}).encode()
HARD = 10.0
"""Seconds that no test comes near to: one that ends before has ended for another reason."""


def answer(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """An answer by HTTP; a part of it lacks the rest of its length."""
    length = b"Content-Length: %d" % len(body)
    return b"\r\n".join([b"HTTP/1.1 " + status, length, *headers, b"", body])


def told(given: bytes, seconds: float = HARD) -> IdentityCheck:
    """The result for a server that answers so, and then keeps the connection."""
    with serving(Script(given, after=1, hang=True)) as script:
        return identity_check("127.0.0.1", urlsplit(script.address).port or 0, seconds)


@pytest.mark.parametrize(
    ("noted", "known"),
    [
        ((0, 0), IdentityCheck.NOT_SEEN),
        ((1, 0), IdentityCheck.ON),
        ((0, 20), IdentityCheck.OFF),
    ],
)
def test_the_services_own_answer_is_understood(
    noted: tuple[int, int], known: IdentityCheck
) -> None:
    messages = Messages()
    messages.note(*noted)
    server = ProbeServer("127.0.0.1", 0, Readiness({}, notes={NOTE: messages}))
    server.start()
    try:
        assert identity_check("127.0.0.1", server.port) is known
    finally:
        server.stop()


def test_a_pod_that_is_not_ready_tells_the_same() -> None:
    assert told(answer(ON, status=b"503 Service Unavailable")) is IdentityCheck.ON


def test_a_pod_may_have_an_address_of_ipv6() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        port = listener.getsockname()[1]
        with serving(Script(answer(ON), after=1, hang=True), listener):
            assert identity_check("::1", port) is IdentityCheck.ON


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff",
        b"null",
        b"[]",
        b'"notes"',
        b'{"notes": []}',
        b'{"notes": {"identity check": ["on"]}}',
        b'{"notes": {"identity check": "On, says who asks"}}',
        b'{"dependencies": {}}',
        b"[" * BYTES,
    ],
    ids=range(11),
)
def test_an_answer_that_says_nothing_of_it_is_none(body: bytes) -> None:
    assert told(answer(body)) is IdentityCheck.UNTOLD


def test_an_answer_may_be_so_long_and_no_longer() -> None:
    assert told(answer(ON.ljust(BYTES))) is IdentityCheck.ON
    assert told(answer(LONG)) is IdentityCheck.UNTOLD


def test_a_long_answer_is_left_where_it_is_too_long() -> None:
    whole = answer(bytes(BYTES * 1024))
    started = time.monotonic()
    assert told(whole[: BYTES * 4]) is IdentityCheck.UNTOLD
    assert time.monotonic() - started < HARD / 2


def test_nobody_is_sent_elsewhere() -> None:
    with serving(Script(answer(ON), after=1, hang=True)) as elsewhere:
        place = elsewhere.address.replace("tcp", "http").encode()
        moved = answer(b"", b"Location: " + place, status=b"302 Found")
        assert told(moved) is IdentityCheck.UNTOLD
        assert not elsewhere.heard
        socket.create_connection(("127.0.0.1", urlsplit(elsewhere.address).port or 0)).close()


@pytest.mark.parametrize("given", [b"", answer(ON)[:-1], b"SSH-2.0-OpenSSH_9.9\r\n"])
def test_a_pod_that_does_not_answer_by_http_or_not_in_whole_says_nothing(given: bytes) -> None:
    assert told(given, seconds=0.2) is IdentityCheck.UNTOLD


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert identity_check("127.0.0.1", port, HARD) is IdentityCheck.UNTOLD


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nX-Slow: ", answer(bytes(BYTES)).rstrip(b"\0")],
    ids=["head", "body"],
)
def test_an_answer_that_trickles_in_is_not_waited_for(head: bytes) -> None:
    started = time.monotonic()
    with trickling(head) as (port, given_up):
        assert identity_check("127.0.0.1", port, seconds=0.3) is IdentityCheck.UNTOLD
        assert time.monotonic() - started < HARD / 2
        assert given_up.wait(HARD)


@contextmanager
def trickling(head: bytes) -> Iterator[tuple[int, threading.Event]]:
    """A server that sends a byte now and then for ever; the event tells that its client left."""
    given_up = threading.Event()

    def send() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(head)
            while not given_up.wait(0.02):
                try:
                    connection.sendall(b"-")
                except ConnectionError:
                    given_up.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(HARD)
        thread = threading.Thread(target=send)
        thread.start()
        try:
            yield listener.getsockname()[1], given_up
        finally:
            given_up.set()
            thread.join()
