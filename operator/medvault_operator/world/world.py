"""The cluster around one vault."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from medvault_operator.world.children import Children
from medvault_operator.world.cluster import StorageClass
from medvault_operator.world.pods import IdentityCheck, Trouble
from medvault_operator.world.secrets import Secret


@dataclass(frozen=True, slots=True)
class World:
    """The cluster around one vault at one moment.

    `children` are the objects that the vault owns, by kind and name. `secrets` are those that the
    vault refers to or that were generated for it, by name, as far as they exist. `terminations` are
    the termination messages of Jobs' pods, the newest of each Job, by the Job's name. `served` is a
    subset of `OPTIONAL_APIS`. `zones` are the values that the vault's zone key has on nodes.
    `external_metrics` and `version` are the cluster's.
    `inbound` are the IP addresses of inbound's ready pods, in the order of the pods' names.
    `identity_check` is nothing until an answer to the first question is there; `identity_due` tells
    that it is time to ask.
    """

    now: datetime
    children: Children = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    served: frozenset[str] = frozenset()
    storage_classes: tuple[StorageClass, ...] = ()
    zones: frozenset[str] = frozenset()
    external_metrics: str = ""
    version: tuple[int, int] = (0, 0)
    troubles: tuple[Trouble, ...] = ()
    terminations: Mapping[str, str] = field(default_factory=dict)
    inbound: tuple[str, ...] = ()
    identity_check: IdentityCheck | None = None
    identity_due: bool = False
