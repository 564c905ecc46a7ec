"""Actions outside of Kubernetes: data, which one actor carries out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AskIdentityCheck:
    """Ask one of inbound's ready pods whether Meta tells the keys of identities.

    `addresses` are the pods' IP addresses, in an order that stays; without one nothing is asked.
    """

    addresses: tuple[str, ...]


Action = AskIdentityCheck
