"""What every sealed thing begins with, readable without any key.

One byte of format, one byte with the length of the key id, the key id (ASCII), the salt.
"""

from medvault.adapters.crypto.keyring import KEY_ID
from medvault.domain.errors import Permanent

VALUE_FORMAT, VALUE_SALT = 1, 16
FILE_FORMAT, FILE_SALT = 2, 32

_SALTS = {VALUE_FORMAT: VALUE_SALT, FILE_FORMAT: FILE_SALT}


def pack(form: int, key_id: str, salt: bytes) -> bytes:
    """Write a header."""
    return bytes((form, len(key_id))) + key_id.encode() + salt


def length(start: bytes) -> int:
    """Return how long a header is that starts with these bytes, two at least."""
    return 2 + start[1] + _SALTS.get(start[0], 0)


def unpack(header: bytes, form: int) -> tuple[str, bytes]:
    """Return key id and salt of a whole header; raises `Permanent` if it isn't one of `form`."""
    if len(header) < 2 or header[0] != form or len(header) != length(header):
        message = "not sealed by medvault, or damaged: its header can't be read"
        raise Permanent(message)
    return key_id_of(header), header[2 + header[1] :]


def key_id_of(sealed: bytes) -> str:
    """Return the id of the master key that something was sealed with; raises `Permanent`."""
    key_id = sealed[2 : 2 + sealed[1]].decode("latin-1") if len(sealed) > 1 else ""
    if not KEY_ID.fullmatch(key_id) or sealed[0] not in _SALTS:
        message = "not sealed by medvault, or damaged: it names no key"
        raise Permanent(message)
    return key_id
