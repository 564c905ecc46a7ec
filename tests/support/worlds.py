"""Worlds around a vault, as an operator would observe them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from medvault_operator.api.conditions import Reason
from medvault_operator.api.v1alpha1 import logins
from medvault_operator.api.v1alpha1.status import VaultStatus
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.decision import Decision
from medvault_operator.capabilities.rollout import Rollout, files_at
from medvault_operator.capabilities.standing import standing
from medvault_operator.capabilities.whole import decide
from medvault_operator.resources import generated_secrets
from medvault_operator.resources.generated_logins import RandomBytes
from medvault_operator.resources.generated_secrets import Values
from medvault_operator.resources.jobs import jobs
from medvault_operator.resources.settings import volume
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import SERVICES, Component, child_name, managed, replicas
from medvault_operator.vault.credentials import Credentials
from medvault_operator.vault.installation import Installation, Network, operator_of
from medvault_operator.vault.interface import RUNNING
from medvault_operator.vault.release import Release
from medvault_operator.world.cluster import OPTIONAL_APIS, StorageClass
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.secrets import Secret
from medvault_operator.world.world import World

IMAGE = "ghcr.io/medvault/services:0.1.0"
NETWORK = Network(operator=(operator_of("medvault-system"),))
NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
EVERYTHING = Release(IMAGE, migrate=True, deploy=IMAGE, contract=True, divides=True)
MIGRATED = '{"logins": []}'
"""The termination message of a migration that has let all logins in."""
DATABASE, BROKER, STORAGE = Component.DATABASE, Component.BROKER, Component.STORAGE


def furnished(vault: MedicalVault, **more: Any) -> World:
    """A cluster that has all a vault asks for, and nothing of the vault's own yet."""
    secrets = {one.name: Secret(frozenset(one.keys), "1") for one in Credentials.of(vault).needed}
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
    world, credentials = furnished(vault), Credentials.of(vault)
    places = [credentials.own_place(one) for one in (DATABASE, BROKER, STORAGE)]
    more = {*logins.URLS, *logins.STORE_KEYS, logins.INTAKE_KEY}
    secrets = {
        name: replace(secret, keys=secret.keys | more)
        for name, secret in world.secrets.items()
        if name in (*places, credentials.intake_place)
    }
    return replace(world, secrets={**world.secrets, **secrets})


def children(vault: MedicalVault, release: Release = EVERYTHING, **more: Any) -> list[Manifest]:
    """All that a vault shall own."""
    world = furnished(vault, **more)
    plan = blueprint(vault, world, release.image)
    stage = Rollout(release, jobs(plan), files_at(plan, world, release), (), Reason.SETTLED, "")
    return list(decide(plan, world, stage).objects)


def blueprint(vault: MedicalVault, world: World, image: str = IMAGE) -> Blueprint:
    """The blueprint of a vault where the operator brings an image."""
    installation = Installation(image, NETWORK)
    return Blueprint.derive(vault, installation, Credentials.of(vault), world.secrets)


def decided(vault: MedicalVault, world: World, image: str = IMAGE) -> Decision:
    """All that is decided of a vault on the way to an image."""
    plan = blueprint(vault, world, image)
    return decide(plan, world, Rollout.of(plan, world))


def told(vault: MedicalVault, world: World, image: str = IMAGE) -> VaultStatus:
    """The status that follows."""
    return standing(vault, world.now, decided(vault, world, image))


def job_names(vault: MedicalVault, world: World, image: str = IMAGE) -> tuple[str, str]:
    """The names of an image's Jobs, the migration and the contract step."""
    return jobs(blueprint(vault, world, image)).names


def missing(
    vault: MedicalVault,
    world: World,
    random_bytes: RandomBytes,
    known: Mapping[str, Values] | None = None,
) -> list[Manifest]:
    """The Secrets that the operator makes now; `known` are the values of those they are made of."""
    return generated_secrets.missing(vault, Credentials.of(vault), world, random_bytes, known)


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
    files = blueprint(vault, divided(vault)).files.of_process(component)
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
    migrate, contract = job_names(vault, world, image)
    return holding(
        world,
        *(deployment(vault, component, image) for component in SERVICES),
        *(server(vault, component) for component in managed(vault)),
        job(migrate, ended="Complete"),
        job(contract, ended="Complete"),
        terminations={migrate: MIGRATED},
    )
