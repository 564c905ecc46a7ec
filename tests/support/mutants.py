"""Bodies, headers and signatures that are nearly right, by a seeded generator."""

import hashlib
import hmac
import json
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

Headers = list[tuple[bytes, bytes]]

STRANGE: tuple[Any, ...] = (
    None, True, 0, -1, 10**40, 1e308, "", "\0", "\ud800", "a" * 600, [], {}, [[]], {"": {}},
)  # fmt: skip
_PIECES = (
    b"\0", b"\xff", b"\xef\xbb\xbf", b"\\ud800", b"NaN", b"1e999", b"9" * 400, b"[" * 3000, b'"',
    b"}", b"{", b",", b'{"object":"whatsapp_business_account","entry":', b"\r\n", "é".encode(),
)  # fmt: skip


def body(random: Random, good: bytes) -> bytes:
    """A webhook with an element replaced, taken or doubled; or its bytes cut and mixed."""
    kind = random.randrange(4)
    if kind == 0:
        return random.randbytes(random.randrange(200))
    if kind == 1:
        return _cut(random, good)
    root = json.loads(good)
    for _ in range(random.randint(1, 4)):
        _change(random, root)
    mutant = json.dumps(root).encode()
    return _cut(random, mutant) if kind == 2 else mutant


def _cut(random: Random, data: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    to = min(len(data), at + random.randrange(20))
    return data[:at] + random.choice(_PIECES) * random.randrange(3) + data[to:]


def _change(random: Random, root: Any) -> None:
    node = root
    while True:
        keys: list[Any] = list(node) if type(node) is dict else list(range(len(node)))
        if not keys:
            return
        key = random.choice(keys)
        if type(node[key]) not in (dict, list) or random.random() < 0.2:
            break
        node = node[key]
    change = random.randrange(3)
    if change == 0:
        node[key] = deepcopy(random.choice(STRANGE))
    elif change == 1:
        del node[key]
    elif type(node) is list:
        node.append(deepcopy(node[key]))
    else:
        node[random.choice(("type", "id", "messages", "statuses", "x"))] = deepcopy(node[key])


def headers(random: Random, signature: bytes) -> Headers:
    """Headers with what a front door looks at: absent, doubled, wrong or right."""
    found: Headers = [(b"x-hub-signature-256", signature)] * random.choice((0, 1, 1, 1, 1, 2))
    lengths = (b"", b"0", b"-1", b"+3", b"0x3", b"3145729", b"9" * 50, b" 1", b"\xb2", b"1,1")
    if random.random() < 0.3:
        found.append((b"content-length", random.choice(lengths)))
    for _ in range(random.randrange(3)):
        found.append((random.choice((b"expect", b"cookie", b"")), random.randbytes(9)))
    random.shuffle(found)
    return found


def signature(random: Random, good: bytes) -> bytes:
    """A signature header that is not `good`, and near it."""
    while (mutant := random.choice(_SIGNATURES)(random, good)) == good:
        continue
    return mutant


def _digit(random: Random, good: bytes) -> bytes:
    at = random.randrange(len(good))
    return good[:at] + random.choice(b"0123456789abcdefABCDEF= \0\xe9").to_bytes() + good[at + 1 :]


def _shortened(random: Random, good: bytes) -> bytes:
    return good[: random.randrange(len(good))]


def _lengthened(random: Random, good: bytes) -> bytes:
    return random.choice((good + b" ", b" " + good, good + b"\0", good * 2, good + b"," + good))


def _cased(random: Random, good: bytes) -> bytes:
    return random.choice((good.upper(), good.title(), b"sha256=" + good[7:].upper()))


def _prefixed(random: Random, good: bytes) -> bytes:
    names = (b"", b"sha1=", b"sha512=", b"md5=", b"sha256:", b"sha256==", b"SHA256=", b"=")
    return random.choice(names) + good[7:]


def _of_another(random: Random, good: bytes) -> bytes:
    secret = random.choice((b"", b"\0", b"secret", random.randbytes(16)))
    return b"sha256=" + hmac.digest(secret, random.randbytes(40), "sha256").hex().encode()


def _plain(random: Random, good: bytes) -> bytes:
    return b"sha256=" + hashlib.sha256(random.randbytes(9)).hexdigest().encode()


def _flipped(random: Random, good: bytes) -> bytes:
    digest = bytearray.fromhex(good[7:].decode())
    digest[random.randrange(len(digest))] ^= 1 << random.randrange(8)
    return b"sha256=" + digest.hex().encode()


_SIGNATURES: tuple[Callable[[Random, bytes], bytes], ...] = (
    _digit, _shortened, _lengthened, _cased, _prefixed, _of_another, _plain, _flipped,
)  # fmt: skip
