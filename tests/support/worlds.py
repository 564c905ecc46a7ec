"""Worlds around a vault, as an operator would observe them."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from medvault_operator.api.v1alpha1 import logins
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources.children import desired
from medvault_operator.resources.jobs import job_names
from medvault_operator.resources.settings import volume
from medvault_operator.vault.components import SERVICES, Component, child_name, managed, replicas
from medvault_operator.vault.credentials import intake_place, needed, own_place
from medvault_operator.vault.installation import Installation, Network, operator_of
from medvault_operator.vault.interface import RUNNING
from medvault_operator.vault.release import Release
from medvault_operator.vault.secret_files import secret_files
from medvault_operator.world.cluster import OPTIONAL_APIS, StorageClass
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.secrets import Secret
from medvault_operator.world.world import World

IMAGE = "ghcr.io/medvault/services:0.1.0"
INSTALLATION = Installation(IMAGE)
NETWORK = Network(operator=(operator_of("medvault-system"),))
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
EVERYTHING = Release(IMAGE, migrate=True, deploy=IMAGE, contract=True, divides=True)
MIGRATED = '{"logins": []}'
"""What a migration leaves that has let all logins in."""
DATABASE, BROKER, STORAGE = Component.DATABASE, Component.BROKER, Component.STORAGE


def furnished(vault: MedicalVault, **more: Any) -> World:
    """A cluster that has all a vault asks for, and nothing of the vault's own yet."""
    secrets = {one.name: Secret(frozenset(one.keys), "1") for one in needed(vault)}
    world = World(
        NOW,
        secrets=secrets,
        served=frozenset(OPTIONAL_APIS),
        storage_classes=(StorageClass("standard", default=True),),
        zones=frozenset({"a", "b", "c"}),
    )
    return replace(world, **more)


def divided(vault: MedicalVault) -> World:
    """A cluster whose Secrets have a login for each process, and a public key for the API."""
    world = furnished(vault)
    places = [own_place(vault, one) for one in (DATABASE, BROKER, STORAGE)]
    more = {*logins.URLS, *logins.STORE_KEYS, logins.INTAKE_KEY}
    secrets = {
        name: replace(secret, keys=secret.keys | more)
        for name, secret in world.secrets.items()
        if name in (*places, intake_place(vault))
    }
    return replace(world, secrets={**world.secrets, **secrets})


def children(vault: MedicalVault, release: Release = EVERYTHING, **more: Any) -> list[Manifest]:
    """All that a vault shall own."""
    return desired(vault, furnished(vault, **more), release, NETWORK)


def pod_templates(manifests: list[Manifest]) -> dict[str, Manifest]:
    """The pod templates among objects, by the name of what makes pods of them."""
    return {
        one["metadata"]["name"]: one["spec"]["template"]
        for one in manifests
        if "template" in one.get("spec", {})
    }


def containers(template: Manifest) -> list[Manifest]:
    """All containers of a pod, those that run first included."""
    spec = template["spec"]
    return [*spec.get("initContainers", []), *spec["containers"]]


def deployment(vault: MedicalVault, component: Component, image: str = IMAGE) -> Manifest:
    """A Deployment as the cluster shows it once all its pods are of its newest template."""
    process = next(one for one in RUNNING if one.component is component)
    files = secret_files(vault, divided(vault), component)
    count = replicas(vault, component).min
    counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    return {
        "kind": "Deployment",
        "metadata": {"name": child_name(vault, component), "generation": 2},
        "spec": {
            "replicas": count,
            "template": {
                "spec": {"containers": [{"image": image}], "volumes": [volume(process, files)]}
            },
        },
        "status": {"observedGeneration": 2, **dict.fromkeys(counts, count)},
    }


def server(vault: MedicalVault, component: Component, ready: int = 1) -> Manifest:
    """A StatefulSet of a dependency, whose pod reads the logins that are made for it."""
    source = {"secret": {"name": f"{child_name(vault, component)}-logins", "items": [{"key": "x"}]}}
    volumes = [{"name": "settings", "projected": {"sources": [source]}}]
    return {
        "kind": "StatefulSet",
        "metadata": {"name": child_name(vault, component)},
        "spec": {"replicas": 1, "template": {"spec": {"volumes": volumes}}},
        "status": {"readyReplicas": ready, "updatedReplicas": 1},
    }


def job(name: str, *, ended: str = "", failed: int = 0) -> Manifest:
    """A Job that is running, or `Complete` or `Failed`, after some failures."""
    conditions = [{"type": ended, "status": "True"}] if ended else []
    return {
        "kind": "Job",
        "metadata": {"name": name},
        "status": {"conditions": conditions, "failed": failed},
    }


def holding(world: World, *manifests: Manifest, **facts: Any) -> World:
    """The world with these children too, and with other facts."""
    more = {(one["kind"], one["metadata"]["name"]): one for one in manifests}
    return replace(world, children={**world.children, **more}, **facts)


def running(vault: MedicalVault, image: str = IMAGE) -> World:
    """A vault whose processes and dependencies are ready, and whose Jobs are done."""
    world = divided(vault)
    names = job_names(vault, world, image)
    return holding(
        world,
        *(deployment(vault, component, image) for component in SERVICES),
        *(server(vault, component) for component in managed(vault)),
        job(names.migrate, ended="Complete"),
        job(names.contract, ended="Complete"),
        reports={names.migrate: MIGRATED},
    )
