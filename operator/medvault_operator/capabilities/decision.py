"""The decision of a capability, or of all: nothing but data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TypedDict

from medvault_operator.api.conditions import ConditionType
from medvault_operator.api.v1alpha1.status import StorageStatus, WorkloadStatus
from medvault_operator.capabilities.actions import Action
from medvault_operator.capabilities.conditions.finding import Finding
from medvault_operator.capabilities.conditions.judgement import Judgement
from medvault_operator.world.children import ObjectKey
from medvault_operator.world.manifest import Manifest


class Told(TypedDict, total=False):
    """Fields of the status besides conditions and generation."""

    image: str | None
    ready: str
    workloads: list[WorkloadStatus]
    storage: StorageStatus | None


@dataclass(frozen=True, slots=True)
class Decision:
    """All that one capability wants, or all of them together.

    `objects` are applied in this order; others that the vault owns are deleted. `again` are objects
    that are deleted first, so that they are made again.
    """

    objects: tuple[Manifest, ...] = ()
    again: tuple[ObjectKey, ...] = ()
    actions: tuple[Action, ...] = ()
    conditions: Mapping[ConditionType, Judgement] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    status: Told = field(default_factory=Told)

    @classmethod
    def joined(cls, decisions: Iterable["Decision"]) -> "Decision":
        """Join decisions in their order; no two have the same condition or field of the status."""
        all_of_them = tuple(decisions)
        conditions: dict[ConditionType, Judgement] = {}
        status = Told()
        for one in all_of_them:
            conditions.update(one.conditions)
            status.update(one.status)
        return cls(
            objects=tuple(chain.from_iterable(one.objects for one in all_of_them)),
            again=tuple(chain.from_iterable(one.again for one in all_of_them)),
            actions=tuple(chain.from_iterable(one.actions for one in all_of_them)),
            conditions=conditions,
            findings=tuple(chain.from_iterable(one.findings for one in all_of_them)),
            status=status,
        )
