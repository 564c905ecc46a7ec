"""What capabilities decide in one pass: nothing but data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import TypedDict

from medvault_operator.api.conditions import ConditionType
from medvault_operator.api.v1alpha1.status import StorageStatus, WorkloadStatus
from medvault_operator.capabilities.actions import Action
from medvault_operator.capabilities.conditions.finding import Finding
from medvault_operator.capabilities.conditions.judgement import Judgement
from medvault_operator.world.children import Place
from medvault_operator.world.manifest import Manifest


class Told(TypedDict, total=False):
    """Fields of the status besides conditions and generation."""

    image: str | None
    ready: str
    workloads: list[WorkloadStatus]
    storage: StorageStatus | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What one capability wants, or all of them together.

    `objects` shall be there, in the order in which they are applied; what the vault owns besides
    is deleted. `again` are objects that are deleted first, to be made again.
    """

    objects: tuple[Manifest, ...] = ()
    again: tuple[Place, ...] = ()
    actions: tuple[Action, ...] = ()
    conditions: Mapping[ConditionType, Judgement] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    status: Told = field(default_factory=Told)

    @classmethod
    def joined(cls, decisions: Iterable["Decision"]) -> "Decision":
        """Put together what capabilities decided, in their order; each has its own conditions."""
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
