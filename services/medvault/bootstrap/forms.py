"""Settings whose form only their readers know: keys and certificates."""

import ssl
from collections.abc import Callable, Mapping
from typing import Final

from medvault.adapters.crypto.blind_index import KeyedIndex
from medvault.adapters.crypto.intake_key import IntakeKey
from medvault.adapters.crypto.keyring import KeyRing


def _certificates(text: str) -> None:
    try:
        ssl.create_default_context(cadata=text)
    except (ssl.SSLError, ValueError):
        raise ValueError("holds no certificates in PEM") from None


FORMS: Final[Mapping[str, Callable[[str], object]]] = {
    "keys": KeyRing.parse,
    "intake_key": IntakeKey.parse,
    "index_key": KeyedIndex.parse,
    "s3_ca": _certificates,
}
"""Readers of settings by their names; each raises ValueError, which does not show what it read."""
