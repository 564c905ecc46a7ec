"""Files: the STREAM construction over segments of AES-256-GCM.

Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance (CRYPTO 2015), §7.
"""

import secrets
from collections.abc import Iterable, Iterator
from itertools import chain

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from typing_extensions import override

from medvault.adapters.crypto import header
from medvault.adapters.crypto.header import FILES, Format
from medvault.adapters.crypto.keyring import KEY_BYTES, KeyRing
from medvault.adapters.crypto.segments import cut
from medvault.domain.errors import Misplaced, Permanent
from medvault.domain.place import Place
from medvault.ports import FileSealer

SEGMENT_BYTES = 256 * 1024
TAG_BYTES = 16

_COUNTER_BYTES = 4


class SegmentSealer(FileSealer):
    """Fulfils `FileSealer`; thread-safe.

    Each file has a key and a nonce prefix (7 bytes) of its own, from HKDF-SHA256 with a random
    salt of 32 bytes and its place. A segment's nonce is prefix, counter (4 bytes), last (0 or
    1), so segments can't be dropped, moved or added; the header is authenticated with each.
    """

    def __init__(self, ring: KeyRing, form: Format = FILES[-1]) -> None:
        self._ring = ring
        self._form = form

    def write(self, form: Format) -> None:
        """Seal in this format from now on; all are opened."""
        self._form = form

    @override
    def sealed_size(self, size: int) -> int:
        start = 2 + len(self._ring.current) + self._form.salt + self._form.commitment
        segments = max(1, -(-size // SEGMENT_BYTES))
        return start + size + segments * TAG_BYTES

    @override
    def seal(self, chunks: Iterable[bytes], place: Place) -> Iterator[bytes]:
        form, key_id = self._form, self._ring.current
        start = header.begin(form, key_id, secrets.token_bytes(form.salt))
        bound = form.binding(place)
        secret, commitment = header.derive(start, self._ring.master(key_id), bound)
        start += commitment
        cipher, prefix = AESGCM(secret[:KEY_BYTES]), secret[KEY_BYTES:]
        yield start
        for number, (segment, last) in enumerate(cut(chunks, SEGMENT_BYTES)):
            yield cipher.encrypt(_nonce(prefix, number, last=last), segment, start)

    @override
    def open(self, chunks: Iterable[bytes], place: Place) -> Iterator[bytes]:
        """Decrypt; each segment is authenticated before it is given out.

        That none is missing is known at the end only: a caller that takes a file for whole must
        have read it to the end. Raises `Permanent` when bytes, key, order, end or place don't fit.
        """
        start, rest = _read_header(chunks)
        cipher, prefix = self._derived(start, place)
        for number, (segment, last) in enumerate(cut(rest, SEGMENT_BYTES + TAG_BYTES)):
            try:
                yield cipher.decrypt(_nonce(prefix, number, last=last), segment, start)
            except InvalidTag:
                message = "a sealed file was damaged or cut short, or belongs elsewhere"
                raise Misplaced(message) from None

    def _derived(self, start: bytes, place: Place) -> tuple[AESGCM, bytes]:
        form = header.format_of(start)
        if form not in FILES or len(start) != header.length(start):
            message = "not a sealed file, or damaged: its header can't be read"
            raise Permanent(message)
        master = self._ring.master(header.key_id_of(start))
        secret, commitment = header.derive(start, master, form.binding(place))
        header.require_commitment(start, commitment)
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
