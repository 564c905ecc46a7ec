"""The logins that pods get, on the way from one that processes share to one of each."""

from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import SERVICES, Component
from medvault_operator.vault.interface import Process
from medvault_operator.vault.release import Release
from medvault_operator.vault.secret_files import Files, SecretFile, mounted
from medvault_operator.vault.workloads import found, image
from medvault_operator.world.world import World


def files_of(blueprint: Blueprint, world: World, process: Component, release: Release) -> Files:
    """Return where a process' secret settings come from now.

    It gets its own logins once a migration has admitted them, and keeps them while its image stays.
    The API has the ring besides until no process of the release before is left.
    """
    deployed, files = found(blueprint.vault, world, process), blueprint.files
    now, own = mounted(deployed), set(files.own[process].values())
    stays = deployed is not None and image(deployed) == release.deploy
    ring = not (release.contracted or _new(blueprint, world) or _ringless(blueprint, now))
    admitted = release.divides or (stays and bool(now & own))
    return files.of_process(process, own=admitted, ring=ring)


def files_now(blueprint: Blueprint, world: World, part: Component) -> Files:
    """Return where a part's secret settings come from by what its pods mount."""
    now, files = mounted(found(blueprint.vault, world, part)), blueprint.files
    own = part not in SERVICES or bool(now & set(files.own[part].values()))
    return files.of_process(part, own=own)


def differs(blueprint: Blueprint, world: World, process: Process, files: Files) -> bool:
    """Tell whether a process' Deployment mounts others than these."""
    wanted = {files[name] for name in process.settings if name in files}
    return mounted(found(blueprint.vault, world, process.component)) != wanted


def _new(blueprint: Blueprint, world: World) -> bool:
    return not any(found(blueprint.vault, world, one) for one in SERVICES)


def _ringless(blueprint: Blueprint, now: frozenset[SecretFile]) -> bool:
    files = blueprint.files
    return files.own[Component.API]["intake_key"] in now and files.ring not in now
