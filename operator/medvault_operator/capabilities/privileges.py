"""Whether each process has what it needs and no more: logins of its own, and the API no ring."""

from collections.abc import Iterator

from medvault_operator.api.conditions import Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities import admission
from medvault_operator.capabilities.judgement import Judgement
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.vault.components import SERVICES, Component
from medvault_operator.vault.credentials import intake_place, own_place
from medvault_operator.vault.division import differs
from medvault_operator.vault.interface import RUNNING
from medvault_operator.vault.secret_files import existing, own_files, secret_files
from medvault_operator.world.world import World

_SETTINGS = {
    Component.DATABASE: ("database_url",),
    Component.BROKER: ("broker_url",),
    Component.STORAGE: ("s3_access_key", "s3_secret_key"),
}


def privileges(vault: MedicalVault, world: World, rollout: Rollout) -> Judgement:
    """Decide whether whoever takes over a process gets only what that one needs."""
    if lacks := list(_lacks(vault, world)):
        last = (
            "What all of it is about, and how to give the API its public key: section Least "
            "privilege of docs/kubernetes.md."
        )
        return Judgement("False", Reason.ONE_LOGIN, " ".join([*lacks, last]))
    if _lacking(vault, world, Component.API, "intake_key"):
        return Judgement("False", Reason.RING_IN_API, _ring(vault))
    waiting = [
        process.component
        for process in RUNNING
        if differs(vault, world, process, secret_files(vault, world, process.component))
    ]
    names = ", ".join(waiting)
    if waiting and rollout.settled:
        return Judgement(
            "False",
            Reason.OLDER_IMAGE,
            f"The image knows no logins of single processes, and {names} share one. Name a newer "
            "one in spec.image, or none.",
        )
    if waiting:
        message = f"Pods of {names} are still to get their own logins and keys. Wait."
        return Judgement("False", Reason.ROLLING_OUT, message)
    message = "Each process has logins of its own, and the API a public key only."
    return Judgement("True", Reason.DIVIDED, message)


def _lacks(vault: MedicalVault, world: World) -> Iterator[str]:
    """Say for each server which logins are missing, and how to make them."""
    prefix = vault.name.replace("-", "_")
    if without := _without(vault, world, Component.DATABASE):
        made = " ".join(admission.sql(prefix, without))
        yield f"{_shared(vault, Component.DATABASE, without)} In PostgreSQL: {made}"
    if without := _without(vault, world, Component.BROKER):
        made = "; ".join(admission.rabbitmqctl(prefix, without))
        yield f"{_shared(vault, Component.BROKER, without)} In RabbitMQ: {made}."
    external = vault.spec.storage.external
    if external and not _of_store(vault, world):
        policy = admission.s3_policy(external.bucket)
        yield f"{_shared_store(vault)} Its user's policy in S3: {policy}."


def _without(vault: MedicalVault, world: World, server: Component) -> list[Component]:
    (setting,) = _SETTINGS[server]
    return [one for one in SERVICES if _lacking(vault, world, one, setting)]


def _of_store(vault: MedicalVault, world: World) -> bool:
    names = _SETTINGS[Component.STORAGE]
    return not any(_lacking(vault, world, Component.MEDIA, name) for name in names)


def _lacking(vault: MedicalVault, world: World, process: Component, setting: str) -> bool:
    return setting not in existing(own_files(vault, process), world)


def _shared(vault: MedicalVault, server: Component, without: list[Component]) -> str:
    place = own_place(vault, server)
    keys = ", ".join(own_files(vault, one)[f"{server}_url"].key for one in without)
    return (
        f"{', '.join(without)} share one login to the {server}: the Secret {place} lacks {keys}. "
        f"Make a login for each, and add its URL: "
        f"kubectl -n {vault.namespace} edit secret {place}."
    )


def _shared_store(vault: MedicalVault) -> str:
    place = own_place(vault, Component.STORAGE)
    if place is None:
        return (
            "The cloud's identity, which reaches the store, belongs to all pods of the vault. "
            "Name a Secret in spec.storage.external.secretRef, with media-access-key and "
            "media-secret-key for media."
        )
    return (
        f"media has the keys that also set up the bucket: the Secret {place} lacks "
        "media-access-key and media-secret-key. Make a user for media, and add its keys: "
        f"kubectl -n {vault.namespace} edit secret {place}."
    )


def _ring(vault: MedicalVault) -> str:
    place = intake_place(vault)
    return (
        f"The API has the ring, which opens everything: the Secret {place} lacks intake-key. Add "
        f"what `medvault keys intake` prints: kubectl -n {vault.namespace} exec deploy/"
        f"{vault.name}-inbound -- medvault keys intake; "
        f"kubectl -n {vault.namespace} edit secret {place}."
    )
