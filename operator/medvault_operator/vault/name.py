"""How the vaults of a cluster are told apart."""

from typing import NamedTuple


class VaultName(NamedTuple):
    """A vault in its namespace."""

    namespace: str
    name: str
