"""Files: the STREAM construction over segments of AES-256-GCM.

Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance (CRYPTO 2015), §7.
"""

import secrets
from collections.abc import Iterable, Iterator
from itertools import chain

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from medvault.adapters.crypto import header
from medvault.adapters.crypto.keyring import KEY_BYTES, KeyRing
from medvault.adapters.crypto.segments import cut
from medvault.domain.errors import Permanent

SEGMENT_BYTES = 256 * 1024
TAG_BYTES = 16

_PREFIX_BYTES = 7
_COUNTER_BYTES = 4
_INFO = b"medvault file v1\0"


class SegmentSealer:
    """Fulfils `FileSealer`; thread-safe.

    Each file has a key and a nonce prefix (7 bytes) of its own, from HKDF-SHA256 with a random
    salt of 32 bytes and `bound_to`. A segment's nonce is prefix, counter (4 bytes), last (0 or
    1), so segments can't be dropped, moved or added; the header is authenticated with each.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def sealed_size(self, size: int) -> int:
        """Return how many bytes a file of `size` bytes takes once sealed."""
        segments = max(1, -(-size // SEGMENT_BYTES))
        return 2 + len(self._ring.current) + header.FILE_SALT + size + segments * TAG_BYTES

    def seal(self, chunks: Iterable[bytes], bound_to: bytes) -> Iterator[bytes]:
        """Encrypt a stream of chunks of any lengths, under the current key."""
        salt = secrets.token_bytes(header.FILE_SALT)
        start = header.pack(header.FILE_FORMAT, self._ring.current, salt)
        cipher, prefix = self._derive(start, bound_to)
        yield start
        for number, (segment, last) in enumerate(cut(chunks, SEGMENT_BYTES)):
            yield cipher.encrypt(_nonce(prefix, number, last=last), segment, start)

    def open(self, chunks: Iterable[bytes], bound_to: bytes) -> Iterator[bytes]:
        """Decrypt; each segment is authenticated before it is given out.

        That none is missing is known at the end only: whoever takes a file for whole must have
        read it to the end. Raises `Permanent` when bytes, key, order, end or `bound_to` don't fit.
        """
        start, rest = _read_header(chunks)
        cipher, prefix = self._derive(start, bound_to)
        for number, (segment, last) in enumerate(cut(rest, SEGMENT_BYTES + TAG_BYTES)):
            try:
                yield cipher.decrypt(_nonce(prefix, number, last=last), segment, start)
            except InvalidTag:
                message = "a sealed file was damaged or cut short, or belongs elsewhere"
                raise Permanent(message) from None

    def _derive(self, start: bytes, bound_to: bytes) -> tuple[AESGCM, bytes]:
        key_id, salt = header.unpack(start, header.FILE_FORMAT)
        expand = HKDF(SHA256(), KEY_BYTES + _PREFIX_BYTES, salt, _INFO + bound_to)
        secret = expand.derive(self._ring.master(key_id))
        return AESGCM(secret[:KEY_BYTES]), secret[KEY_BYTES:]


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(_COUNTER_BYTES, "big") + (b"\1" if last else b"\0")


def _read_header(chunks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes | memoryview]]:
    rest = iter(chunks)
    start = b""
    while len(start) < 2 or len(start) < header.length(start):
        chunk = next(rest, None)
        if chunk is None:
            break
        start += chunk
    end = header.length(start) if len(start) > 1 else 0
    return start[:end], chain([memoryview(start)[end:]], rest)
