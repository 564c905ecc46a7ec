"""Which logins the pods of a process get, on the way from one of all processes to its own each."""

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.vault.components import SERVICES, Component, child_name
from medvault_operator.vault.interface import Process
from medvault_operator.vault.release import Release
from medvault_operator.vault.secret_files import (
    Files,
    SecretFile,
    mounted,
    own_files,
    ring_file,
    secret_files,
)
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World


def files_of(vault: MedicalVault, world: World, process: Component, release: Release) -> Files:
    """Return where a process' secret settings come from now.

    It gets its own logins once a migration has admitted them, and keeps them while its image stays.
    The API has the ring besides until no process of the release before is left.
    """
    deployed = found(vault, world, process)
    now, own = mounted(deployed), set(own_files(vault, process).values())
    stays = deployed is not None and _image(deployed) == release.deploy
    ring = not (release.contracted or _new(vault, world) or _ringless(vault, now))
    admitted = release.divides or (stays and bool(now & own))
    return secret_files(vault, world, process, own=admitted, ring=ring)


def files_now(vault: MedicalVault, world: World, part: Component) -> Files:
    """Return where a part's secret settings come from by what its pods mount."""
    now = mounted(found(vault, world, part))
    own = part not in SERVICES or bool(now & set(own_files(vault, part).values()))
    return secret_files(vault, world, part, own=own)


def differs(vault: MedicalVault, world: World, process: Process, files: Files) -> bool:
    """Tell whether a process' Deployment mounts others than these."""
    wanted = {files[name] for name in process.settings if name in files}
    return mounted(found(vault, world, process.component)) != wanted


def found(vault: MedicalVault, world: World, process: Component) -> Manifest | None:
    """Return a process' Deployment as it is."""
    return world.children.get(("Deployment", child_name(vault, process)))


def _image(deployed: Manifest) -> str:
    image: str = deployed["spec"]["template"]["spec"]["containers"][0]["image"]
    return image


def _new(vault: MedicalVault, world: World) -> bool:
    return not any(found(vault, world, one) for one in SERVICES)


def _ringless(vault: MedicalVault, now: frozenset[SecretFile]) -> bool:
    public = own_files(vault, Component.API)["intake_key"]
    return public in now and ring_file(vault) not in now
