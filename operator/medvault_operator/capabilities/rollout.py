"""How a vault gets from one image to the next: migrate, roll out, contract."""

from dataclasses import dataclass, replace

from medvault_operator.api.conditions import Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.reports import report
from medvault_operator.vault import workloads
from medvault_operator.vault.components import Component, managed
from medvault_operator.vault.credentials import own_place
from medvault_operator.vault.division import differs, files_of, found
from medvault_operator.vault.interface import RUNNING
from medvault_operator.vault.release import JobNames, Release
from medvault_operator.vault.secret_files import mounted
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World

_BEFORE_MIGRATION = (Component.DATABASE, Component.STORAGE)


@dataclass(frozen=True, slots=True)
class Rollout:
    """Where a vault stands on its way, and what to do now.

    `retry` names Jobs that gave up and are to be deleted, so that they are made anew.
    """

    release: Release
    jobs: JobNames
    retry: tuple[str, ...]
    settled: bool
    reason: Reason
    message: str


def rollout(vault: MedicalVault, world: World, image: str, jobs: JobNames) -> Rollout:
    """Decide what runs now, on the way to `image`.

    Services keep the image they have until the migration of the next one is done. What only the
    release before needed is taken away once none of its pods is left.
    """
    release, reason, message = _stage(vault, world, image, jobs)
    named = (jobs.migrate, jobs.contract)
    return Rollout(
        release=release,
        jobs=jobs,
        retry=tuple(name for name in named if workloads.exhausted(_job(world, name))),
        settled=reason is Reason.SETTLED,
        reason=reason,
        message=message,
    )


def _stage(
    vault: MedicalVault, world: World, image: str, jobs: JobNames
) -> tuple[Release, Reason, str]:
    running = workloads.image(workloads.found(vault, world, Component.API))
    if not workloads.complete(_job(world, jobs.migrate)):
        return _before(vault, world, image, running)
    contracting = _job(world, jobs.contract)
    release = Release(
        image,
        migrate=True,
        deploy=image,
        contract=contracting is not None,
        divides=report(world.reports.get(jobs.migrate, "")).divides,
        contracted=workloads.complete(contracting),
    )
    if waiting := _waiting(vault, world, release):
        return release, Reason.ROLLING_OUT, f"Pods of {', '.join(waiting)} are being replaced."
    if not release.contracted:
        release = replace(release, contract=True)
        message = "What only the release before needed is being removed from the database."
        return release, Reason.CONTRACTING, message
    return release, Reason.SETTLED, "Everything is as the spec says."


def _waiting(vault: MedicalVault, world: World, release: Release) -> list[Component]:
    """Return the processes whose pods are not of this image, or have other Secrets mounted."""
    return [
        process.component
        for process in RUNNING
        if not workloads.rolled_out(found(vault, world, process.component), release.image)
        or differs(vault, world, process, files_of(vault, world, process.component, release))
    ]


def _before(
    vault: MedicalVault, world: World, image: str, running: str | None
) -> tuple[Release, Reason, str]:
    starting = [
        component
        for component in managed(vault)
        if (
            component in _BEFORE_MIGRATION
            and not workloads.serves(workloads.found(vault, world, component))
        )
        or (component is Component.BROKER and not _knows_users(vault, world))
    ]
    release = Release(image, migrate=not starting, deploy=running, contract=False)
    if starting:
        message = f"Waiting for {' and '.join(starting)} to be ready, to migrate the database."
        return release, Reason.STARTING_DEPENDENCIES, message
    return release, Reason.MIGRATING, f"The database is being brought up to date for {image}."


def _knows_users(vault: MedicalVault, world: World) -> bool:
    """Tell whether the broker's pod, ready or not, is one that reads the users of all processes."""
    broker = workloads.found(vault, world, Component.BROKER)
    users = own_place(vault, Component.BROKER)
    return workloads.renewed(broker) and users in {file.secret for file in mounted(broker)}


def _job(world: World, name: str) -> Manifest | None:
    return world.children.get(("Job", name))
