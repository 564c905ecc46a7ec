"""Connections that cost and bring nothing, beside webhooks that are signed."""

import http.client
import json
import math
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

from support.attacks import Attacks
from support.front_door import FrontDoor, front_door
from support.reception import signed, webhook_body
from support.siege import FORGED, FULL_SIZE, POST, Outcome, Siege

PATH = "/webhook/whatsapp"
CLOSED_WITHIN = 15.0
P99 = 0.25
MORE_MEMORY = 64
FEW_FILES = 300
WEBHOOKS = 10

UNFINISHED = {
    "silent": (b"", b""),
    "half a request line": (b"POST /webh", b""),
    "half the headers": (POST, b""),
    "headers without a body": (POST + FORGED + b"Content-Length: 100\r\n\r\n", b""),
    "empty lines": (b"", b"\r\n"),
    "headers that drip": (POST, b"a"),
    "a body that drips": (POST + FORGED + b"Content-Length: 100\r\n\r\n", b"a"),
    "a chunk's size that drips": (POST + FORGED + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "empty lines behind an answer": (b"GET /health HTTP/1.1\r\nHost: v\r\n\r\n", b"\r\n"),
}
REFUSED = {
    "no signature": (POST + b"Content-Length: 3000000\r\n\r\n", b"401"),
    "two signatures": (POST + FORGED * 2 + b"Content-Length: 3000000\r\n\r\n", b"401"),
    "no form of one": (POST + FORGED[:-4] + b"\r\nContent-Length: 3000000\r\n\r\n", b"401"),
    "too large": (POST + FORGED + b"Content-Length: 3145729\r\n\r\n", b"413"),
    "no number": (POST + FORGED + b"Content-Length: 1" + b"0" * 30 + b"\r\n\r\n", b"400"),
    "chunks too large": (
        POST + FORGED + b"Transfer-Encoding: chunked\r\n\r\n400000\r\n" + bytes(FULL_SIZE + 1),
        b"413",
    ),
    "a large head": (POST + b"A: " + b"a" * 40_000, b"431"),
    "many headers": (POST + b"A: b\r\n" * 120, b"400"),
    "no HTTP": (b"\x16\x03\x01\x02\x00", b"400"),
}


@pytest.fixture(scope="module")
def door() -> Iterator[FrontDoor]:
    with front_door() as found:
        yield found


class Meta:
    """Posts signed webhooks, each by a connection of its own, and one by one that is kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._kept = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        self._body = webhook_body()
        self.answered: list[float] = []
        self.failed = 0

    def post(self, connection: http.client.HTTPConnection | None = None) -> None:
        given = connection or http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        began = time.monotonic()
        try:
            headers = {"X-Hub-Signature-256": signed(self._body)}
            given.request("POST", PATH, self._body, headers)
            answer = given.getresponse()
            answer.read()
            taken = answer.status == 200
        except OSError:
            taken = False
        if connection is None or not taken:
            given.close()
        if taken:
            self.answered.append(time.monotonic() - began)
        else:
            self.failed += 1

    def post_both_ways(self) -> None:
        self.post()
        self.post(self._kept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    @property
    def p99(self) -> float:
        return sorted(self.answered)[math.ceil(0.99 * len(self.answered)) - 1]


def memory(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    kibibytes = next(line.split()[1] for line in lines if line.startswith("VmRSS"))
    return int(kibibytes) / 1024


def besiege(door: FrontDoor, siege: Siege, meta: Meta | None = None) -> float:
    """The most memory that it took more than before, in MiB, while Meta posts."""
    before = most = memory(door.pid)
    while siege.goes_on:
        if meta:
            meta.post_both_ways()
        most = max(most, memory(door.pid))
        time.sleep(0.02)
    return most - before


@dataclass(frozen=True)
class Control:
    """The effects on uvicorn as it is: webhooks answered, connections left, MiB for each body."""

    answered: int
    left: Outcome
    memory: float


@pytest.fixture(scope="module")
def control() -> Control:
    with front_door(mended=False, files=FEW_FILES) as bare, Meta(bare.port) as meta:
        silent = [socket.create_connection(("127.0.0.1", bare.port)) for _ in range(FEW_FILES)]
        for _ in range(WEBHOOKS):
            meta.post()
        for one in silent:
            one.close()
        siege = Siege(bare.port, idle=0, half=0, unsigned=50, seconds=2)
        more = besiege(bare, siege)
        return Control(len(meta.answered), siege.end(), more / 50)


@pytest.mark.alone
@pytest.mark.timeout(120)
def test_a_siege_keeps_nobody_from_being_answered(
    full: bool, control: Control, attacks: Attacks
) -> None:
    besieged(300, 50, 50, FEW_FILES, control, attacks)
    if full:
        besieged(5000, 500, 500, 8192, control, attacks)


def besieged(
    idle: int, half: int, unsigned: int, files: int, control: Control, attacks: Attacks
) -> None:
    with front_door(files=files) as door, Meta(door.port) as meta:
        meta.post_both_ways()
        siege = Siege(door.port, idle=idle, half=half, unsigned=unsigned, seconds=20)
        more = besiege(door, siege, meta)
        outcome = siege.end()
        meta.post_both_ways()
        assert door.log.stat().st_size < 2000
    without = WEBHOOKS, WEBHOOKS - control.answered
    attacks.tried("besieged_webhooks", len(meta.answered) + meta.failed, meta.failed, without)
    attacks.tried(
        "connections", outcome.tried, outcome.left, (control.left.tried, control.left.left)
    )
    attacks.measured(
        idle_connections=idle,
        idle_connections_control=FEW_FILES,
        front_door_p99_ms=round(meta.p99 * 1000),
        unsigned_rss_mib=round(more),
        unsigned_rss_mib_control=round(control.memory * unsigned),
    )
    assert (outcome.tried, outcome.left) == (idle + half + unsigned, 0)
    assert outcome.longest <= CLOSED_WITHIN
    assert meta.failed == 0
    assert meta.p99 <= P99
    assert more <= MORE_MEMORY
    assert control.left.left == control.left.tried
    assert control.answered == 0
    assert control.memory > 2


@pytest.mark.alone
@pytest.mark.timeout(60)
def test_whatever_is_not_finished_in_time_is_closed_and_what_is_idle_stays(
    door: FrontDoor,
) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", door.port, timeout=5)) as idle:
        idle.request("GET", "/health")
        idle.getresponse().read()
        sock = idle.sock
        everything_unfinished(door.port)
        idle.request("GET", "/health")
        answer = idle.getresponse()
        assert (answer.status, answer.read()) == (200, b'{"status":"ok"}')
        assert idle.sock is sock


def everything_unfinished(port: int) -> None:
    open_ones, began = {}, time.monotonic()
    for name, (begin, drip) in UNFINISHED.items():
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(begin)
        connection.settimeout(0.01)
        open_ones[name] = (connection, drip)
    while open_ones and time.monotonic() - began < CLOSED_WITHIN:
        for name, (connection, drip) in list(open_ones.items()):
            if is_closed(connection, drip):
                assert time.monotonic() - began > 9, name
                del open_ones[name]
        time.sleep(0.5)
    assert not open_ones


def is_closed(connection: socket.socket, drip: bytes) -> bool:
    try:
        connection.sendall(drip)
        while connection.recv(1000):
            continue
    except TimeoutError:
        return False
    except OSError:
        pass
    connection.close()
    return True


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_not_be_metas_is_refused_before_it_is_read_and_closed(
    door: FrontDoor, name: str
) -> None:
    begin, status = REFUSED[name]
    with socket.create_connection(("127.0.0.1", door.port), timeout=5) as connection:
        connection.sendall(begin)
        said = b""
        while piece := connection.recv(10_000):
            said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.split()[1] == status
    assert b"connection: close" in head
    assert json.loads(body)["status"] == int(status)


def test_many_requests_at_once_on_a_connection_are_not_all_remembered(door: FrontDoor) -> None:
    with socket.create_connection(("127.0.0.1", door.port), timeout=5) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: v\r\n\r\n" * 1000)
        said = b""
        try:
            while piece := connection.recv(10_000):
                said += piece
        except ConnectionError:
            pass
    assert said.count(b"200 OK") <= 9


def test_malformed_requests_are_counted_and_not_logged(door: FrontDoor) -> None:
    before = door.log.stat().st_size
    for _ in range(50):
        with socket.create_connection(("127.0.0.1", door.port), timeout=5) as connection:
            connection.sendall(b"nonsense\r\n\r\n")
            assert b" 400 " in connection.recv(1000)
    assert door.log.stat().st_size == before


def _enveloped(messages: bytes) -> bytes:
    change = b'{"field":"messages","value":{"messages":[' + messages + b"]}}"
    return b'{"object":"whatsapp_business_account","entry":[{"changes":[' + change + b"]}]}"


_TEXT = b'{"from":"1","id":"%d","type":"text","text":{"body":"' + b"[,{" * 800 + b'"}}'
HOSTILE = {
    "brackets": b"[" * FULL_SIZE,
    "numbers": b"[" + b"1," * 1_500_000 + b"1]",
    "half a surrogate and numbers": b'["\\ud800",' + b"1," * 1_500_000 + b"1]",
    "lists": b"[" + b"[]," * 1_000_000 + b"1]",
    "many elements": _enveloped(b"1," * 100_000 + b"1"),
    "many entries": b'{"object":"whatsapp_business_account","entry":[' + b"{}," * 900_000 + b"1]}",
    "just few enough": _enveloped(b'{"id":"1","x":[' + b"[]," * 49_000 + b"1]}"),
    "texts of brackets": _enveloped(b",".join(_TEXT % one for one in range(1000))),
}


@pytest.mark.alone
def test_hostile_bodies_that_are_signed_keep_nobody_waiting(
    door: FrontDoor, attacks: Attacks
) -> None:
    waits: list[float] = []
    over = threading.Event()

    def ask() -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", door.port, timeout=10)) as other:
            while not over.is_set():
                began = time.monotonic()
                other.request("GET", "/health")
                other.getresponse().read()
                waits.append(time.monotonic() - began)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        statuses = {name: _post(door.port, body) for name, body in HOSTILE.items()}
    finally:
        over.set()
        asking.join()
    assert statuses == dict.fromkeys(HOSTILE, 200)
    attacks.measured(hostile_bodies_wait_ms=round(max(waits) * 1000))
    assert max(waits) <= 0.25


def _post(port: int, body: bytes) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request("POST", PATH, body, {"X-Hub-Signature-256": signed(body)})
        answer = connection.getresponse()
        answer.read()
        return answer.status
