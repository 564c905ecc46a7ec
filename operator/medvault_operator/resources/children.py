"""All objects of a vault, in the order in which they are applied."""

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources import broker, cache, database, jobs, scanner, services, storage
from medvault_operator.resources.deployments import deployment
from medvault_operator.resources.disruption import budgets
from medvault_operator.resources.entrance import entrance
from medvault_operator.resources.network_policies import network_policies
from medvault_operator.resources.service_account import service_account
from medvault_operator.resources.service_monitor import service_monitor
from medvault_operator.vault.installation import Network
from medvault_operator.vault.interface import API, RUNNING
from medvault_operator.vault.release import Release
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World


def desired(
    vault: MedicalVault, world: World, release: Release, network: Network
) -> list[Manifest]:
    """Return what the vault shall own now; what it owns besides is to be deleted.

    The Secrets that were generated are not among them: they are made once and have no owner.
    """
    return [
        service_account(vault),
        *network_policies(vault, network),
        *_dependencies(vault, world),
        *_services(vault),
        *_processes(vault, world, release),
        *budgets(vault),
        *entrance(vault, world),
        *service_monitor(vault, world),
    ]


def _dependencies(vault: MedicalVault, world: World) -> list[Manifest]:
    spec = vault.spec
    return [
        *(database.objects(vault, spec.database.managed) if spec.database.managed else ()),
        *(broker.objects(vault, world, spec.broker.managed) if spec.broker.managed else ()),
        *(cache.objects(vault, spec.cache.managed) if spec.cache and spec.cache.managed else ()),
        *(storage.objects(vault, spec.storage.managed) if spec.storage.managed else ()),
        *(scanner.objects(vault, spec.scanner.managed) if spec.scanner.managed else ()),
    ]


def _services(vault: MedicalVault) -> list[Manifest]:
    workers = [process for process in RUNNING if process is not API]
    return [services.api(vault), *(services.worker(vault, process) for process in workers)]


def _processes(vault: MedicalVault, world: World, release: Release) -> list[Manifest]:
    """Return the Jobs around a release, and what runs."""
    found = [jobs.migrate(vault, world, release.image)] if release.migrate else []
    if release.deploy:
        found += [deployment(vault, world, process, release, release.deploy) for process in RUNNING]
    if release.contract:
        found.append(jobs.contract(vault, world, release.image))
    return found
