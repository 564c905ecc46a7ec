"""The limits of a vault's pods: an account without rights, and network policies."""

from dataclasses import replace

from medvault_operator.capabilities.decision import Decision
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.resources.network_policies import network_policies
from medvault_operator.resources.service_account import service_account
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.vault.scaling import scaled
from medvault_operator.world.world import World


def isolation(blueprint: Blueprint, world: World, rollout: Rollout) -> Decision:  # noqa: ARG001
    """Decide on account and policies, which come before the first pod.

    A scaler gets in only where workers are scaled.
    """
    vault, network = blueprint.vault, blueprint.network
    if not scaled(vault):
        network = replace(network, scalers=())
    policies = network_policies(vault, network)
    return Decision(objects=(service_account(vault), *policies))
