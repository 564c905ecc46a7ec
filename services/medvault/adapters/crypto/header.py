"""The header that every sealed thing begins with, readable without any key.

One byte of format, one byte with the length of the key id, the key id (ASCII), the salt, and since
formats 3 and 4 the commitment: 32 bytes that are derived with the key. A thing that was sealed with
one key can't be made to open with another.

The id of a key of the ring has no @. The id @k1 names the intake's public key that belongs to the
ring's key k1: in format 3 the salt is then the sender's ephemeral public key.
"""

import hmac
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from medvault.adapters.crypto.keyring import KEY_ID
from medvault.domain.errors import Misplaced, Permanent
from medvault.domain.place import Place

INTAKE = "@"
_ANY_ID = re.compile(f"{INTAKE}?{KEY_ID.pattern}")


@dataclass(frozen=True, slots=True)
class Format:
    """How one thing is sealed: bytes of salt, of commitment, and of a nonce that are random."""

    number: int
    salt: int
    commitment: int
    random: int
    name: bytes
    secret: int

    def binding(self, place: Place) -> bytes:
        """Return a place as this format binds it."""
        return place.bound if self.commitment else place.bound_before


VALUES = (
    Format(1, salt=16, commitment=0, random=0, name=b"medvault value v1", secret=32),
    Format(3, salt=32, commitment=32, random=8, name=b"medvault value v3", secret=32),
)
"""Formats of values, the newest last."""

FILES = (
    Format(2, salt=32, commitment=0, random=0, name=b"medvault file v1\0", secret=32 + 7),
    Format(4, salt=32, commitment=32, random=0, name=b"medvault file v4\0", secret=32 + 7),
)
"""Formats of files, the newest last."""

_FORMATS = {form.number: form for form in (*VALUES, *FILES)}


def begin(form: Format, key_id: str, salt: bytes) -> bytes:
    """Write a header as far as it is known before anything is derived."""
    return bytes((form.number, len(key_id))) + key_id.encode() + salt


def length(start: bytes) -> int:
    """Return how long a header is that starts with these bytes, two at least."""
    form = _FORMATS.get(start[0])
    return 2 + start[1] + (form.salt + form.commitment if form else 0)


def format_of(start: bytes) -> Format:
    """Return the format of what starts with these bytes; raises `Permanent` if it is none."""
    form = _FORMATS.get(start[0]) if start else None
    if form is None:
        message = "not sealed by medvault, or damaged: its header can't be read"
        raise Permanent(message)
    return form


def salt_of(start: bytes) -> bytes:
    """Return the salt of a header."""
    return start[2 + start[1] :][: format_of(start).salt]


def derive(start: bytes, master: bytes, context: bytes = b"") -> tuple[bytes, bytes]:
    """Return secret and commitment of a header, by HKDF-SHA256 (RFC 5869) with its salt."""
    form = format_of(start)
    expand = HKDF(SHA256(), form.secret + form.commitment, salt_of(start), form.name + context)
    derived = expand.derive(master)
    return derived[: form.secret], derived[form.secret :]


def require_commitment(start: bytes, commitment: bytes) -> None:
    """Raise `Misplaced` unless a whole header ends with this commitment."""
    form = format_of(start)
    if not hmac.compare_digest(start[len(start) - form.commitment :], commitment):
        message = "sealed with another key, damaged, or belongs elsewhere"
        raise Misplaced(message)


def key_id_of(sealed: bytes) -> str:
    """Return the id of the key that something was sealed with; raises `Permanent`."""
    key_id = sealed[2 : 2 + sealed[1]].decode("latin-1") if len(sealed) > 1 else ""
    if not _ANY_ID.fullmatch(key_id) or sealed[0] not in _FORMATS:
        message = "not sealed by medvault, or damaged: it names no key"
        raise Permanent(message)
    return key_id
