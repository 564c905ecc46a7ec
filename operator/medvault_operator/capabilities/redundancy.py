"""Whether a vault goes on when a pod, a node or a zone is lost."""

from medvault_operator.api.conditions import Reason
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.capabilities.judgement import Judgement
from medvault_operator.vault.components import SERVICES, managed, replicas
from medvault_operator.world.world import World


def redundancy(vault: MedicalVault, world: World) -> Judgement:
    """Decide whether the vault is highly available."""
    single = [component for component in SERVICES if replicas(vault, component).min < 2]
    if parts := managed(vault):
        return Judgement(
            "False",
            Reason.SINGLE_INSTANCE,
            f"The operator runs {', '.join(parts)} as single instances: while one restarts, "
            "patients wait. For production use external ones.",
        )
    if single:
        fields = ", ".join(single)
        return Judgement(
            "False",
            Reason.SINGLE_REPLICA,
            f"{fields}: replicas.min is 1, so that each new release is an outage. "
            "Set it to 2 or more.",
        )
    if len(world.zones) < 2:
        return Judgement(
            "False",
            Reason.SINGLE_ZONE,
            f"Nodes with the label {vault.spec.topology.zone_key} are in {len(world.zones)} "
            "zone(s): a lost zone is an outage. Add nodes in another one, or name the right "
            "label in spec.topology.zoneKey.",
        )
    zones = f"{len(world.zones)} zones"
    message = f"Two or more of each process, spread over {zones}."
    return Judgement("True", Reason.REDUNDANT, message)
