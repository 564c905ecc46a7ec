"""Secrets that a vault needs: which are missing, incomplete or lost."""

from collections.abc import Iterator

from medvault_operator.api.conditions import Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.conditions.finding import Finding, Rank
from medvault_operator.capabilities.decision import Decision
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.credentials import Credential
from medvault_operator.world.world import World


def credentials(blueprint: Blueprint, world: World, rollout: Rollout) -> Decision:  # noqa: ARG001
    """Find Secrets that an administrator has to provide; the operator's own were made before."""
    return Decision(findings=tuple(_findings(blueprint, world)))


def _findings(blueprint: Blueprint, world: World) -> Iterator[Finding]:
    vault = blueprint.vault
    for credential in blueprint.credentials.needed:
        secret = world.secrets.get(credential.name)
        if secret is not None:
            yield from _keys(vault, credential, secret.keys)
        elif credential.lost(world):
            yield Finding(
                Rank.SECRET,
                Reason.SECRET_LOST,
                f"The Secret {credential.name} ({credential.field}) is gone, and another one would "
                "not open what is kept. Restore it from your copy.",
            )
        elif not credential.generated:
            yield Finding(Rank.SECRET, Reason.SECRET_MISSING, _missing(vault, credential))


def _missing(vault: MedicalVault, credential: Credential) -> str:
    wanted = [*credential.lacking(frozenset(credential.own)), *credential.own]
    files = " ".join(f"--from-file={key}=FILE" for key in wanted)
    return (
        f"The Secret {credential.name} (spec.{credential.field}) does not exist. Make it: "
        f"kubectl -n {vault.namespace} create secret generic {credential.name} {files}"
    )


def _keys(
    vault: MedicalVault, credential: Credential, present: frozenset[str]
) -> Iterator[Finding]:
    if lacking := credential.lacking(present):
        yield Finding(
            Rank.SECRET,
            Reason.SECRET_KEY_MISSING,
            f"The Secret {credential.name} (spec.{credential.field}) lacks "
            f"{', '.join(lacking)}, or they are empty. Add them: "
            f"kubectl -n {vault.namespace} edit secret {credential.name}",
        )
