"""What has a form that only its reader knows: the keys."""

from collections.abc import Callable, Mapping
from typing import Final

from medvault.adapters.crypto.blind_index import KeyedIndex
from medvault.adapters.crypto.intake_key import IntakeKey
from medvault.adapters.crypto.keyring import KeyRing

FORMS: Final[Mapping[str, Callable[[str], object]]] = {
    "keys": KeyRing.parse,
    "intake_key": IntakeKey.parse,
    "index_key": KeyedIndex.parse,
}
"""Readers of settings by their names; each raises ValueError, which does not show what it read."""
