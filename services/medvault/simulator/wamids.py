"""Identifiers in Meta's shape."""

import base64
import os
import secrets

_OUTBOUND, _INBOUND = b"\x11", b"\x12"


def new_wamid(person: str, *, inbound: bool) -> str:
    """`wamid.` and base64 that contains the phone's digits, or the user id if there is none."""
    name = person.encode()
    raw = (
        b"\x1c\x18"
        + bytes((len(name),))
        + name
        + b"\x15\x02\x00"
        + (_INBOUND if inbound else _OUTBOUND)
        + b"\x18\x12"
        + os.urandom(9).hex().upper().encode()
        + b"\x00"
    )
    return "wamid." + base64.b64encode(raw).decode()


def person_in(wamid: str) -> str:
    """The digits or user id inside a wamid, empty if it isn't one."""
    try:
        raw = base64.b64decode(wamid.removeprefix("wamid."))
        return raw[3 : 3 + raw[2]].decode()
    except (ValueError, IndexError):
        return ""


def new_user_id(country: str) -> str:
    """A business-scoped user id: ISO country, a dot, 22 digits."""
    return f"{country}.{_digits(22)}"


def new_media_id() -> str:
    """A media id: 16 digits."""
    return _digits(16)


def new_identity_hash() -> str:
    """The hash of a user's identity key as Meta shows it."""
    return base64.b64encode(os.urandom(8)).decode()


def _digits(count: int) -> str:
    return str(secrets.randbelow(9 * 10 ** (count - 1)) + 10 ** (count - 1))
