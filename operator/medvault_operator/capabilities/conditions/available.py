"""Whether patients are served."""

from medvault_operator.api.conditions import Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.conditions.judgement import Judgement
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.vault import workloads
from medvault_operator.vault.components import SERVICES
from medvault_operator.world.world import World


def available(vault: MedicalVault, world: World, rollout: Rollout) -> Judgement:
    """Decide whether at least one pod is ready of each process that is not scaled to none."""
    if rollout.release.deploy is None:
        return Judgement("False", Reason.NOT_DEPLOYED, f"Nothing runs yet. {rollout.message}")
    found = {one: workloads.found(vault, world, one) for one in SERVICES}
    asleep = {one for one, it in found.items() if it and not workloads.replicas(it)}
    away = [one for one in SERVICES if one not in asleep and not workloads.serves(found[one])]
    if away:
        names = ", ".join(away)
        return Judgement(
            "False",
            Reason.NOT_READY,
            f"No pod is ready of: {names}. If it lasts, the condition Degraded says why.",
        )
    return Judgement("True", Reason.READY, "Patients are served.")
