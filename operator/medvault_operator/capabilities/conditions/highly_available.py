"""Whether a vault goes on when a pod, a node or a zone is lost."""

from medvault_operator.api.conditions import Reason
from medvault_operator.capabilities.conditions.judgement import Judgement
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.components import SERVICES
from medvault_operator.world.world import World


def highly_available(blueprint: Blueprint, world: World) -> Judgement:
    """Decide whether there are two or more of everything, in two or more zones."""
    single = [component for component in SERVICES if blueprint.replicas[component] < 2]
    if parts := blueprint.managed:
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
        key = blueprint.vault.spec.topology.zone_key
        return Judgement(
            "False",
            Reason.SINGLE_ZONE,
            f"Nodes with the label {key} are in {len(world.zones)} zone(s): a lost zone is an "
            "outage. Add nodes in another one, or name the right label in spec.topology.zoneKey.",
        )
    zones = f"{len(world.zones)} zones"
    message = f"Two or more of each process, spread over {zones}."
    return Judgement("True", Reason.REDUNDANT, message)
