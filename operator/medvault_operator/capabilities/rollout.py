"""The way of a vault from one image to the next: migrate, roll out, contract."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from medvault_operator.api.conditions import Reason
from medvault_operator.capabilities.termination import termination
from medvault_operator.resources.jobs import Jobs, jobs, name_of
from medvault_operator.vault import workloads
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import Component
from medvault_operator.vault.division import differs, files_of
from medvault_operator.vault.interface import RUNNING
from medvault_operator.vault.release import Release
from medvault_operator.vault.secret_files import Files, mounted
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World

_BEFORE_MIGRATION = (Component.DATABASE, Component.STORAGE)


@dataclass(frozen=True, slots=True)
class Rollout:
    """The stage that a vault has reached, and the release that runs in it.

    `files` tell where the secret settings of each process come from now. `retry` names Jobs that
    gave up and are to be deleted, so that they are made again.
    """

    release: Release
    jobs: Jobs
    files: Mapping[Component, Files]
    retry: tuple[str, ...]
    reason: Reason
    message: str

    @classmethod
    def of(cls, blueprint: Blueprint, world: World) -> "Rollout":
        """Decide on the stage, on the way to the image of the blueprint.

        Services keep the image they have until the migration of the next one is done. The contract
        step comes once no pod of the release before is left.
        """
        made = jobs(blueprint)
        release = _release(blueprint, world, made)
        files = files_at(blueprint, world, release)
        release, reason, message = _stage(blueprint, world, release, files, made)
        retry = tuple(name for name in made.names if workloads.exhausted(_job(world, name)))
        return cls(release, made, files, retry, reason, message)

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do."""
        return self.reason is Reason.SETTLED


def files_at(blueprint: Blueprint, world: World, release: Release) -> Mapping[Component, Files]:
    """Return where the secret settings of each process come from while a release stands so."""
    return {one.component: files_of(blueprint, world, one.component, release) for one in RUNNING}


def _release(blueprint: Blueprint, world: World, made: Jobs) -> Release:
    """Return the release to run, without a contract step that may begin now."""
    migrating, contracting = (_job(world, name) for name in made.names)
    if not workloads.complete(migrating):
        return Release(
            blueprint.image,
            migrate=not _starting(blueprint, world),
            deploy=workloads.image(workloads.found(blueprint.vault, world, Component.API)),
            contract=False,
        )
    return Release(
        blueprint.image,
        migrate=True,
        deploy=blueprint.image,
        contract=contracting is not None,
        divides=termination(world.terminations.get(name_of(made.migrate), "")).divides,
        contracted=workloads.complete(contracting),
    )


def _stage(
    blueprint: Blueprint,
    world: World,
    release: Release,
    files: Mapping[Component, Files],
    made: Jobs,
) -> tuple[Release, Reason, str]:
    if not workloads.complete(_job(world, name_of(made.migrate))):
        return release, *_before(blueprint, world, release)
    if waiting := _waiting(blueprint, world, release, files):
        return release, Reason.ROLLING_OUT, f"Pods of {', '.join(waiting)} are being replaced."
    if not release.contracted:
        release = replace(release, contract=True)
        message = "Schema that only the previous release used is being removed."
        return release, Reason.CONTRACTING, message
    return release, Reason.SETTLED, "Everything is as the spec says."


def _before(blueprint: Blueprint, world: World, release: Release) -> tuple[Reason, str]:
    if release.migrate:
        return Reason.MIGRATING, f"The database is being brought up to date for {release.image}."
    starting = " and ".join(_starting(blueprint, world))
    message = f"Waiting for {starting} to be ready, to migrate the database."
    return Reason.STARTING_DEPENDENCIES, message


def _waiting(
    blueprint: Blueprint, world: World, release: Release, files: Mapping[Component, Files]
) -> list[Component]:
    """Return the processes whose pods are not of this image, or have other Secrets mounted."""
    return [
        process.component
        for process in RUNNING
        if not workloads.rolled_out(
            workloads.found(blueprint.vault, world, process.component),
            release.image,
            blueprint.replicas[process.component],
        )
        or differs(blueprint, world, process, files[process.component])
    ]


def _starting(blueprint: Blueprint, world: World) -> list[Component]:
    """Return the dependencies that have to be ready before a migration."""
    return [
        component
        for component in blueprint.managed
        if (
            component in _BEFORE_MIGRATION
            and not workloads.serves(workloads.found(blueprint.vault, world, component))
        )
        or (component is Component.BROKER and not _knows_users(blueprint, world))
    ]


def _knows_users(blueprint: Blueprint, world: World) -> bool:
    """Tell whether the broker's pod, ready or not, is one that reads the users of all processes."""
    broker = workloads.found(blueprint.vault, world, Component.BROKER)
    users = blueprint.credentials.own_place(Component.BROKER)
    return workloads.renewed(broker) and users in {file.secret for file in mounted(broker)}


def _job(world: World, name: str) -> Manifest | None:
    return world.children.get(("Job", name))
