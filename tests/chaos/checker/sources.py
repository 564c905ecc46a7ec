"""Where the checker looks: Meta's ledger, the tables, the store, and the key of the digests."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of an S3 store."""

    endpoint: str
    name: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"


@dataclass(frozen=True, slots=True)
class Sources:
    """`database_url` is the tables' owner's; `index_key` is base64, as the services get it.

    `repeat_after` is the wait of the services for a status, before they repeat what nobody told of.
    """

    simulator_url: str
    database_url: str = field(repr=False)
    index_key: str = field(repr=False)
    store: Bucket | Path
    repeat_after: float = 120.0
