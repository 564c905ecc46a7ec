"""The way in from the internet, and the kinds that the cluster lacks for it."""

from collections.abc import Iterator

from medvault_operator.api.conditions import Reason
from medvault_operator.capabilities.conditions.finding import Finding, Rank
from medvault_operator.capabilities.decision import Decision
from medvault_operator.capabilities.rollout import Rollout
from medvault_operator.resources import entrance as ways_in
from medvault_operator.vault.blueprint import Blueprint
from medvault_operator.world.cluster import CERTIFICATE, HTTP_ROUTE
from medvault_operator.world.world import World


def entrance(blueprint: Blueprint, world: World, rollout: Rollout) -> Decision:  # noqa: ARG001
    """Decide on Ingress or HTTPRoute."""
    return Decision(
        objects=tuple(ways_in.entrance(blueprint.vault, world)),
        findings=tuple(_missing_kinds(blueprint, world)),
    )


def _missing_kinds(blueprint: Blueprint, world: World) -> Iterator[Finding]:
    given = blueprint.vault.spec.entrance
    if given and given.http_route and HTTP_ROUTE not in world.served:
        yield Finding(
            Rank.KIND,
            Reason.KIND_MISSING,
            "spec.entrance.httpRoute is set, and the cluster does not know HTTPRoute. Install the "
            "Gateway API, or use spec.entrance.ingress.",
        )
    tls = given and given.ingress and given.ingress.tls
    if tls and tls.issuer_ref and CERTIFICATE not in world.served:
        yield Finding(
            Rank.KIND,
            Reason.KIND_MISSING,
            "spec.entrance.ingress.tls.issuerRef is set, and the cluster does not know "
            "Certificate. Install cert-manager, or name a certificate in tls.secretName.",
        )
