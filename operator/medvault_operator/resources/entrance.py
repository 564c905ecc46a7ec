"""The way in from the internet: an Ingress or an HTTPRoute to the webhook, and to nothing else."""

from typing import Any

from medvault_operator.api.v1alpha1.entrance import Entrance, IngressEntrance, Tls
from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources.objects import owned
from medvault_operator.resources.services import API_PORT
from medvault_operator.vault.components import Component, child_name
from medvault_operator.vault.interface import WEBHOOK
from medvault_operator.world.cluster import HTTP_ROUTE
from medvault_operator.world.manifest import Manifest
from medvault_operator.world.world import World

BODIES = {"nginx.ingress.kubernetes.io/proxy-body-size": "4m"}
"""Meta's webhooks have up to 3 MB; nginx passes 1 MB unless told."""

_ISSUERS = {
    "Issuer": "cert-manager.io/issuer",
    "ClusterIssuer": "cert-manager.io/cluster-issuer",
}


def entrance(vault: MedicalVault, world: World) -> list[Manifest]:
    """Return the entrance; an HTTPRoute only where the cluster knows that kind."""
    given = vault.spec.entrance
    if given is None:
        return []
    if given.ingress:
        return [_ingress(vault, given.host, given.ingress)]
    return [_route(vault, given)] if HTTP_ROUTE in world.served else []


def _ingress(vault: MedicalVault, host: str, given: IngressEntrance) -> Manifest:
    backend = {"service": {"name": child_name(vault, Component.API), "port": {"number": API_PORT}}}
    spec: dict[str, Any] = {
        "rules": [
            {
                "host": host,
                "http": {"paths": [{"path": WEBHOOK, "pathType": "Exact", "backend": backend}]},
            }
        ]
    }
    if given.class_name:
        spec["ingressClassName"] = given.class_name
    if given.tls:
        spec["tls"] = [{"hosts": [host], "secretName": _certificate(vault, given.tls)}]
    made = owned("Ingress", vault, Component.API, spec=spec)
    made["metadata"]["annotations"] = {**BODIES, **_issuer(given.tls), **given.annotations}
    return made


def _certificate(vault: MedicalVault, tls: Tls) -> str:
    return tls.secret_name or f"{vault.name}-tls"


def _issuer(tls: Tls | None) -> dict[str, str]:
    """Return the annotation by which cert-manager makes the certificate."""
    if tls is None or tls.issuer_ref is None:
        return {}
    return {_ISSUERS[tls.issuer_ref.kind]: tls.issuer_ref.name}


def _route(vault: MedicalVault, given: Entrance) -> Manifest:
    parents = given.http_route.parent_refs if given.http_route else []
    return owned(
        "HTTPRoute",
        vault,
        Component.API,
        spec={
            "parentRefs": [one.model_dump(by_alias=True, exclude_none=True) for one in parents],
            "hostnames": [given.host],
            "rules": [
                {
                    "matches": [{"path": {"type": "Exact", "value": WEBHOOK}}],
                    "backendRefs": [{"name": child_name(vault, Component.API), "port": API_PORT}],
                }
            ],
        },
    )
