"""No request, signed or not, is answered with an error of ours, and no forgery is taken.

The controls are a reader that takes Meta's shapes for granted, and a lax comparison of signatures.
"""

import asyncio
import json
import os
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

import pytest

from medvault.adapters.whatsapp.signature import Signatures
from medvault.adapters.whatsapp.webhooks import WebhookReader
from medvault.domain.updates import Update, UpdateKind
from support import mutants
from support.attacks import Attacks
from support.front_door import FrontDoor, front_door
from support.reception import SECRET, Front, signed, webhook_body

PATH = "/webhook/whatsapp"
PATHS = (
    PATH, PATH + "/", "/", "/health", "/ready", "/metrics", "/%00", "/\N{SNOWMAN}", "//", "/..",
)  # fmt: skip
TRUSTING = 1_000
"""Cases for the control."""
METHODS = ("GET", "HEAD", "PUT", "OPTIONS", "TRACE", "", "POST")


@pytest.fixture(scope="module")
def random() -> Random:
    seed = int(os.environ.get("MEDVAULT_TEST_SEED") or Random().randrange(10**6))
    print(f"MEDVAULT_TEST_SEED={seed}")
    return Random(seed)


@pytest.fixture(scope="module")
def door() -> Iterator[FrontDoor]:
    with front_door() as found:
        yield found


def test_nothing_that_is_posted_ends_in_an_error_of_ours(
    full: bool, random: Random, door: FrontDoor, attacks: Attacks
) -> None:
    inside, outside = (97_000, 3_000) if full else (1_900, 100)
    statuses = asyncio.run(posted(random, inside))
    trusted = asyncio.run(posted(random, TRUSTING, Trusting()))
    statuses += Counter(spoken(random, door.port) for _ in range(outside))
    failed = sum(count for status, count in statuses.items() if status >= 500)
    attacks.measured(fuzz_cases=inside + outside, fuzz_5xx=failed)
    attacks.measured(fuzz_cases_control=TRUSTING, fuzz_5xx_control=trusted[500])
    assert failed == 0, statuses
    assert {200, 400, 401, 403, 404, 405, 413} <= set(statuses)
    assert "Exception" not in door.log.read_text()
    assert trusted[500] > TRUSTING / 20


class Trusting(WebhookReader):
    """Takes the shapes of Meta's documentation for granted."""

    def split(self, body: bytes) -> Sequence[Update]:
        """The messages of a webhook; raises whatever comes of another shape."""
        changes = [change for entry in json.loads(body)["entry"] for change in entry["changes"]]
        messages = [found for change in changes for found in change["value"]["messages"]]
        return [
            Update(UpdateKind.MESSAGE, found["id"], found["text"]["body"].encode())
            for found in messages
        ]


async def posted(random: Random, count: int, reader: WebhookReader | None = None) -> Counter[int]:
    """The application's statuses, asked without a socket; an exception counts as 500."""
    front, good, statuses = Front(reader=reader), webhook_body(), Counter[int]()
    for number in range(count):
        if number % 1000 == 0:
            front = Front(reader=reader)
        body = mutants.body(random, good)
        given = signed(body).encode()
        if random.random() < 0.3:
            given = mutants.signature(random, given)
        headers = mutants.headers(random, given)
        method, path, query = "POST", PATH, ""
        if random.random() < 0.2:
            method, path = random.choice(METHODS), random.choice(PATHS)
            query = _query(random)
        cut = random.randrange(len(body) + 1)
        try:
            answer = await front.ask(method, path, headers, [body[:cut], body[cut:]], query)
            statuses[answer[0]] += 1
        except Exception:  # noqa: BLE001 - a server answers 500, whatever it is
            statuses[500] += 1
    return statuses


def _query(random: Random) -> str:
    names = ("hub.mode", "hub.verify_token", "hub.challenge", "a", "%", "")
    values = ("subscribe", "verify%20me", "%FF%FE", "x" * 600, "%00", "%u1234", "&", ";", "")
    pairs = (random.choice(names) + "=" + random.choice(values) for _ in range(4))
    return "&".join(pairs)


def spoken(random: Random, port: int) -> int:
    """The status of a request that is written to a socket, its bytes mixed; 0 if there is none."""
    body = webhook_body()
    head = f"POST {PATH} HTTP/1.1\r\nHost: v\r\nX-Hub-Signature-256: {signed(body)}\r\n"
    request = bytearray(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    for _ in range(random.randint(1, 5)):
        at = random.randrange(len(head) + 30)
        request[at : at + random.randrange(3)] = random.randbytes(random.randrange(3))
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        try:
            said = connection.recv(1000)
        except ConnectionError:
            return 0
    return int(said.split()[1]) if said else 0


def test_no_forged_signature_is_taken(full: bool, random: Random, attacks: Attacks) -> None:
    tried, by_http = (1_000_000, 2_000) if full else (20_000, 300)
    verifier, taken, loosely = Signatures([SECRET, b"another"]), 0, 0
    for number in range(tried - by_http):
        if number % 100 == 0:
            body = random.randbytes(60)
            good = signed(body).encode()
            assert verifier.valid(body, good)
        forged = mutants.signature(random, good)
        taken += verifier.valid(body, forged)
        loosely += loose(good, forged)
    taken += asyncio.run(forged_posts(random, by_http))
    attacks.measured(forgeries=tried, forgeries_control=tried - by_http)
    attacks.measured(forgeries_accepted=taken, forgeries_accepted_control=loosely)
    assert taken == 0
    assert loosely > tried / 20


def loose(good: bytes, given: bytes) -> bool:
    """As verifiers are often written: trimmed, in any case, compared as far as both go."""
    expected, found = good[7:].lower(), given.strip().lower().removeprefix(b"sha256=")
    return expected.startswith(found[:64])


async def forged_posts(random: Random, count: int) -> int:
    front, body = Front(), webhook_body()
    good = signed(body).encode()
    for _ in range(count):
        headers = [(b"x-hub-signature-256", mutants.signature(random, good))]
        assert (await front.ask("POST", PATH, headers, [body]))[0] == 401
    return len(front.places.inbox)
