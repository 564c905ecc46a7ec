"""medvault's own processes, and the Jobs that change the database around a release."""

from medvault_operator.api.conditions import ConditionType
from medvault_operator.api.v1alpha1.status import WorkloadStatus
from medvault_operator.capabilities.conditions.available import available
from medvault_operator.capabilities.conditions.progressing import progressing
from medvault_operator.capabilities.decision import Decision, Told
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.resources import services
from medvault_operator.resources.deployments import deployment
from medvault_operator.vault import scaling, workloads
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import SERVICES, Component, replicas
from medvault_operator.vault.interface import API, RUNNING
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World


def processes(blueprint: Blueprint, world: World, rollout: Rollout) -> Decision:
    """Decide on Services, Jobs and Deployments; a Job that gave up is made again."""
    vault = blueprint.vault
    return Decision(
        objects=(*_services(blueprint), *_release(blueprint, world, rollout)),
        again=tuple(("Job", name) for name in rollout.retry),
        conditions={
            ConditionType.AVAILABLE: available(vault, world, rollout),
            ConditionType.PROGRESSING: progressing(rollout),
        },
        status=_told(blueprint, world),
    )


def _services(blueprint: Blueprint) -> list[Manifest]:
    vault, workers = blueprint.vault, [process for process in RUNNING if process is not API]
    return [services.api(vault), *(services.worker(vault, process) for process in workers)]


def _release(blueprint: Blueprint, world: World, rollout: Rollout) -> list[Manifest]:
    release = rollout.release
    found = [rollout.jobs.migrate] if release.migrate else []
    if release.deploy:
        found += [
            deployment(
                blueprint,
                process,
                release.deploy,
                rollout.files[process.component],
                _replicas(blueprint, world, process.component),
            )
            for process in RUNNING
        ]
    if release.contract:
        found.append(rollout.jobs.contract)
    return found


def _replicas(blueprint: Blueprint, world: World, component: Component) -> int | None:
    """Return how many are to run, nothing where an autoscaler decides on it.

    Where one is to come, or is lost, there stay as many as there are.
    """
    vault, least = blueprint.vault, scaling.least(blueprint, world, component)
    if component not in scaling.scaled(vault):
        return least
    if scaling.autoscaler(vault, world, component):
        return None
    now = workloads.replicas(workloads.found(vault, world, component))
    return min(max(now, least), replicas(vault, component).max or least)


def _told(blueprint: Blueprint, world: World) -> Told:
    """Count pods of each process and dependency."""
    vault = blueprint.vault
    counts = [
        WorkloadStatus(
            name=one,
            desired=_desired(blueprint, world, one),
            ready=workloads.ready(workloads.found(vault, world, one)),
        )
        for one in (*SERVICES, *blueprint.managed)
    ]
    ready, desired = sum(one.ready for one in counts), sum(one.desired for one in counts)
    return Told(
        image=workloads.image(workloads.found(vault, world, Component.API)),
        ready=f"{ready}/{desired}",
        workloads=counts,
    )


def _desired(blueprint: Blueprint, world: World, component: Component) -> int:
    """Return how many should run; an autoscaler's wish stands in the Deployment."""
    if component not in SERVICES:
        return 1
    wanted = _replicas(blueprint, world, component)
    found = workloads.found(blueprint.vault, world, component)
    return workloads.replicas(found) if wanted is None else wanted
