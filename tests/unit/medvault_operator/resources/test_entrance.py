"""The way in from the internet leads to the webhook and to nothing else."""

from typing import Any

import pytest

from medvault_operator.resources.entrance import entrance
from medvault_operator.world.manifest import Manifest
from support.medical_vaults import EXTERNAL, LARGE, ROUTED, vault
from support.worlds import furnished

HOST = "vault.clinic.example"


def made(spec: dict[str, Any], **world: Any) -> list[Manifest]:
    """The objects that are made of a spec's entrance."""
    given = vault(spec)
    return entrance(given, furnished(given, **world))


def through_ingress(**ingress: Any) -> Manifest:
    """The Ingress of a spec."""
    (found,) = made({**EXTERNAL, "entrance": {"host": HOST, "ingress": ingress}})
    return found


def test_without_an_entrance_there_is_a_service_only() -> None:
    assert made(EXTERNAL) == []


def test_an_ingress_leads_to_the_webhook_only() -> None:
    (rule,) = through_ingress()["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    assert rule["host"] == HOST
    assert (path["path"], path["pathType"]) == ("/webhook/whatsapp", "Exact")
    assert path["backend"]["service"] == {"name": "clinic-api", "port": {"number": 80}}


def test_bodies_of_three_megabytes_pass_nginx() -> None:
    key = "nginx.ingress.kubernetes.io/proxy-body-size"
    assert through_ingress()["metadata"]["annotations"][key] == "4m"
    given = through_ingress(annotations={key: "8m", "example.org/waf": "on"})
    assert given["metadata"]["annotations"] == {key: "8m", "example.org/waf": "on"}


def test_cert_manager_makes_the_certificate_where_an_issuer_is_named() -> None:
    (ingress,) = made(LARGE)
    assert ingress["spec"]["ingressClassName"] == "nginx"
    assert ingress["spec"]["tls"] == [{"hosts": [HOST], "secretName": "clinic-tls"}]
    annotations = ingress["metadata"]["annotations"]
    assert annotations["cert-manager.io/cluster-issuer"] == "letsencrypt"


@pytest.mark.parametrize(
    ("kind", "annotation"),
    [("Issuer", "cert-manager.io/issuer"), ("ClusterIssuer", "cert-manager.io/cluster-issuer")],
)
def test_both_kinds_of_issuers_are_named(kind: str, annotation: str) -> None:
    ingress = through_ingress(tls={"issuerRef": {"name": "ca", "kind": kind}})
    assert ingress["metadata"]["annotations"][annotation] == "ca"


def test_a_certificate_of_ones_own_is_used() -> None:
    ingress = through_ingress(tls={"secretName": "wildcard"})
    assert ingress["spec"]["tls"] == [{"hosts": [HOST], "secretName": "wildcard"}]
    assert "cert-manager.io/cluster-issuer" not in ingress["metadata"]["annotations"]


def test_a_route_belongs_to_its_gateways_and_leads_to_the_webhook_only() -> None:
    (route,) = made(ROUTED)
    assert route["kind"] == "HTTPRoute"
    assert route["spec"] == {
        "parentRefs": [{"name": "public", "namespace": "gateways"}],
        "hostnames": [HOST],
        "rules": [
            {
                "matches": [{"path": {"type": "Exact", "value": "/webhook/whatsapp"}}],
                "backendRefs": [{"name": "clinic-api", "port": 80}],
            }
        ],
    }


def test_no_route_is_made_where_the_cluster_does_not_know_the_kind() -> None:
    assert made(ROUTED, served=frozenset()) == []
