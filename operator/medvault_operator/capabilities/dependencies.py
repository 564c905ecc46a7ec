"""Servers that the operator runs for a vault, each as a single instance."""

from collections.abc import Iterator

from medvault_operator.api.conditions import Reason
from medvault_operator.capabilities.conditions.finding import Finding, Rank
from medvault_operator.capabilities.decision import Decision
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.resources import broker, cache, database, scanner, storage
from medvault_operator.vault import workloads
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import volumes
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World


def dependencies(blueprint: Blueprint, world: World, rollout: Rollout) -> Decision:  # noqa: ARG001
    """Decide on the servers' objects, and look whether their volumes can be had."""
    return Decision(
        objects=tuple(_servers(blueprint)),
        findings=tuple(_storage_classes(blueprint, world)),
    )


def _servers(blueprint: Blueprint) -> list[Manifest]:
    spec = blueprint.vault.spec
    return [
        *(database.objects(blueprint, spec.database.managed) if spec.database.managed else ()),
        *(broker.objects(blueprint, spec.broker.managed) if spec.broker.managed else ()),
        *(
            cache.objects(blueprint, spec.cache.managed)
            if spec.cache and spec.cache.managed
            else ()
        ),
        *(storage.objects(blueprint, spec.storage.managed) if spec.storage.managed else ()),
        *(scanner.objects(blueprint, spec.scanner.managed) if spec.scanner.managed else ()),
    ]


def _storage_classes(blueprint: Blueprint, world: World) -> Iterator[Finding]:
    names = {one.name for one in world.storage_classes}
    default = any(one.default for one in world.storage_classes)
    for component, volume in volumes(blueprint.vault).items():
        wanted, field = volume.storage_class_name, f"spec.{component}.managed.storage"
        if workloads.serves(workloads.found(blueprint.vault, world, component)):
            continue
        if wanted and wanted not in names:
            yield Finding(
                Rank.STORAGE_CLASS,
                Reason.NO_STORAGE_CLASS,
                f"{field} asks for the StorageClass {wanted}, which does not exist. Make it: "
                "the volume is waiting for it.",
            )
        elif not wanted and not default:
            yield Finding(
                Rank.STORAGE_CLASS,
                Reason.NO_STORAGE_CLASS,
                f"The cluster has no default StorageClass for the volume of {component}. Annotate "
                "one with storageclass.kubernetes.io/is-default-class=true, or delete the vault "
                f"and create it with {field}.storageClassName.",
            )
