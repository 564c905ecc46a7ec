"""Whether each process has logins of its own, and the API a public key instead of the ring."""

from collections.abc import Iterator

from medvault_operator.api.conditions import Reason
from medvault_operator.capabilities import admission
from medvault_operator.capabilities.conditions.judgement import Judgement
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import SERVICES, Component
from medvault_operator.vault.division import differs
from medvault_operator.vault.interface import RUNNING
from medvault_operator.world.world import World

_SETTINGS = {
    Component.DATABASE: ("database_url",),
    Component.BROKER: ("broker_url",),
    Component.STORAGE: ("s3_access_key", "s3_secret_key"),
}


def least_privilege(blueprint: Blueprint, world: World, rollout: Rollout) -> Judgement:
    """Decide whether a stolen process gives away only what it needs."""
    if lacks := list(_lacks(blueprint)):
        last = (
            "What all of it is about, and how to give the API its public key: section Least "
            "privilege of docs/kubernetes.md."
        )
        return Judgement("False", Reason.ONE_LOGIN, " ".join([*lacks, last]))
    if _lacking(blueprint, Component.API, "intake_key"):
        return Judgement("False", Reason.RING_IN_API, _ring(blueprint))
    waiting = [
        process.component
        for process in RUNNING
        if differs(blueprint, world, process, blueprint.files.of_process(process.component))
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


def _lacks(blueprint: Blueprint) -> Iterator[str]:
    """Say for each server which logins are missing, and how to make them."""
    prefix = blueprint.vault.name.replace("-", "_")
    if without := _without(blueprint, Component.DATABASE):
        made = " ".join(admission.sql(prefix, without))
        yield f"{_shared(blueprint, Component.DATABASE, without)} In PostgreSQL: {made}"
    if without := _without(blueprint, Component.BROKER):
        made = "; ".join(admission.rabbitmqctl(prefix, without))
        yield f"{_shared(blueprint, Component.BROKER, without)} In RabbitMQ: {made}."
    external = blueprint.vault.spec.storage.external
    if external and not _of_store(blueprint):
        policy = admission.s3_policy(external.bucket)
        yield f"{_shared_store(blueprint)} Its user's policy in S3: {policy}."


def _without(blueprint: Blueprint, server: Component) -> list[Component]:
    (setting,) = _SETTINGS[server]
    return [one for one in SERVICES if _lacking(blueprint, one, setting)]


def _of_store(blueprint: Blueprint) -> bool:
    names = _SETTINGS[Component.STORAGE]
    return not any(_lacking(blueprint, Component.MEDIA, name) for name in names)


def _lacking(blueprint: Blueprint, process: Component, setting: str) -> bool:
    return setting not in blueprint.files.granted[process]


def _shared(blueprint: Blueprint, server: Component, without: list[Component]) -> str:
    place = blueprint.credentials.own_place(server)
    keys = ", ".join(blueprint.files.own[one][f"{server}_url"].key for one in without)
    return (
        f"{', '.join(without)} share one login to the {server}: the Secret {place} lacks {keys}. "
        f"Make a login for each, and add its URL: "
        f"kubectl -n {blueprint.vault.namespace} edit secret {place}."
    )


def _shared_store(blueprint: Blueprint) -> str:
    place = blueprint.credentials.own_place(Component.STORAGE)
    if place is None:
        return (
            "The cloud's identity, which reaches the store, belongs to all pods of the vault. "
            "Name a Secret in spec.storage.external.secretRef, with media-access-key and "
            "media-secret-key for media."
        )
    return (
        f"media has the keys that also set up the bucket: the Secret {place} lacks "
        "media-access-key and media-secret-key. Make a user for media, and add its keys: "
        f"kubectl -n {blueprint.vault.namespace} edit secret {place}."
    )


def _ring(blueprint: Blueprint) -> str:
    place = blueprint.credentials.intake_place
    return (
        f"The API has the ring, which opens everything: the Secret {place} lacks intake-key. Add "
        f"what `medvault keys intake` prints: kubectl -n {blueprint.vault.namespace} exec deploy/"
        f"{blueprint.vault.name}-inbound -- medvault keys intake; "
        f"kubectl -n {blueprint.vault.namespace} edit secret {place}."
    )
