"""The network policies let through what is needed, and nothing else."""

from typing import Any

import pytest

from medvault_operator.api.v1alpha1.vault import MedicalVault
from medvault_operator.resources import outside
from medvault_operator.resources.flows import Flow, flows
from medvault_operator.resources.network_policies import network_policies
from medvault_operator.vault.components import SERVICES, Component, managed
from medvault_operator.vault.installation import Network, operator_of
from medvault_operator.world.manifest import Manifest
from support.medical_vaults import EXTERNAL, LARGE, MANAGED, ROUTED, VAULTS, WHATSAPP, vault
from support.worlds import children, pod_templates

Rule = dict[str, Any]


def policies(given: MedicalVault) -> dict[str, Manifest]:
    """The policies' specs by what follows the vault's name."""
    return {
        one["metadata"]["name"].removeprefix(f"{given.name}-"): one["spec"]
        for one in children(given)
        if one["kind"] == "NetworkPolicy"
    }


def outgoing(spec: Manifest) -> set[tuple[int, str]]:
    """Ports and peers that a policy lets its pods reach, DNS apart."""
    return {
        (port["port"], _peer(rule))
        for rule in spec.get("egress", ())
        for port in rule["ports"]
        if port["port"] != 53
    }


def _peer(rule: Rule) -> str:
    peers: list[Rule] = rule["to"]
    if peers == outside.anywhere():
        return "anywhere"
    if peers == outside.public():
        return "the internet"
    if block := peers[0].get("ipBlock"):
        return str(block["cidr"])
    return str(peers[0]["podSelector"]["matchLabels"]["app.kubernetes.io/component"])


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_everything_is_denied_to_every_pod_of_the_vault(given: MedicalVault) -> None:
    spec = policies(given)["default-deny"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert spec.keys() == {"podSelector", "policyTypes"}
    chosen = spec["podSelector"]["matchLabels"].items()
    for pod in pod_templates(children(given)).values():
        assert chosen <= pod["metadata"]["labels"].items()


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_every_component_has_a_policy_of_its_own(given: MedicalVault) -> None:
    components = {*SERVICES, Component.MIGRATE, Component.CONTRACT, *managed(given)}
    assert policies(given).keys() == {"default-deny", "api-entrance", *components}


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_no_policy_lets_everybody_in_and_its_own_pods_out(given: MedicalVault) -> None:
    """Some plugins look through all rules of a policy, whichever way they are meant."""
    for name, spec in policies(given).items():
        open_to_all = [rule for rule in spec.get("ingress", ()) if "from" not in rule]
        assert not (open_to_all and "Egress" in spec["policyTypes"]), name


@pytest.mark.parametrize("given", VAULTS.values(), ids=VAULTS)
def test_both_ends_of_every_flow_inside_are_open(given: MedicalVault) -> None:
    found = policies(given)
    inside = [flow for flow in flows(given) if flow.target]
    for flow in inside:
        assert (flow.port, flow.target) in outgoing(found[flow.source])
        let_in = [
            peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"]
            for rule in found[str(flow.target)]["ingress"]
            for peer in rule["from"]
            if rule["ports"][0]["port"] == flow.port
        ]
        assert flow.source in let_in


def test_only_media_and_outbound_reach_meta_and_the_scanner_its_signatures() -> None:
    found = policies(vault(MANAGED))
    online = {name for name, spec in found.items() if (443, "the internet") in outgoing(spec)}
    assert online == {"media", "outbound", "scanner"}


def test_what_keeps_data_opens_no_connection() -> None:
    found = policies(vault(ROUTED))
    for component in ("database", "broker", "cache", "storage"):
        assert "egress" not in found[component]


def test_a_scanner_without_updates_opens_no_connection() -> None:
    given = vault({**MANAGED, "scanner": {"managed": {"updateSignatures": False}}})
    assert "egress" not in policies(given)["scanner"]


def test_jobs_are_reached_by_nobody() -> None:
    found = policies(vault(ROUTED))
    assert "ingress" not in found["migrate"]
    assert outgoing(found["migrate"]) == {(5432, "database"), (5672, "broker"), (7070, "storage")}
    assert outgoing(found["contract"]) == {(5432, "database")}


def test_the_way_to_external_dependencies_is_open_by_port() -> None:
    found = policies(vault(EXTERNAL))
    assert outgoing(found["api"]) == {(5432, "anywhere"), (5671, "anywhere")}
    assert outgoing(found["media"]) == {
        (443, "the internet"),
        *((port, "anywhere") for port in (5432, 5671, 6379, 9000, 3310)),
    }


def test_a_cloud_identity_can_be_asked_for() -> None:
    found = policies(vault(LARGE))
    for component in ("media", "migrate"):
        assert (80, "169.254.169.254/32") in outgoing(found[component])
        assert (443, "anywhere") in outgoing(found[component])
    assert (80, "169.254.169.254/32") not in outgoing(found["api"])


def test_a_stand_in_for_meta_is_reached_on_its_own_port() -> None:
    stand_in = {**WHATSAPP, "baseUrl": "http://simulator.test.svc:8090"}
    given = vault({**EXTERNAL, "whatsapp": stand_in})
    assert Flow(Component.OUTBOUND, 8090) in flows(given)


MONITORING = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
INGRESS = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}}


def incoming(network: Network, component: str) -> list[Rule]:
    """The rules by which a component's policy lets traffic in."""
    made = network_policies(vault(MANAGED), network)
    (spec,) = (one["spec"] for one in made if one["metadata"]["name"] == f"clinic-{component}")
    found: list[Rule] = spec.get("ingress", [])
    return found


def test_metrics_are_open_to_monitoring_and_the_webhook_to_all() -> None:
    port = [{"port": 9000, "protocol": "TCP"}]
    (webhook,), (measured,) = incoming(Network(), "api-entrance"), incoming(Network(), "api")
    assert webhook == {"ports": [{"port": 8000, "protocol": "TCP"}]}
    assert measured == {"from": [MONITORING], "ports": port}
    assert incoming(Network(), "media") == [{"from": [MONITORING], "ports": port}]
    assert incoming(Network(metrics=()), "media") == []


def test_inbound_is_open_to_the_operator_and_to_scalers_and_nothing_else_is() -> None:
    own, keda = operator_of("medvault-system"), Network().scalers
    (rule,) = incoming(Network(operator=(own,)), "inbound")
    assert rule == {"from": [MONITORING, own, *keda], "ports": [{"port": 9000, "protocol": "TCP"}]}
    for component in ("api", "media", "outbound", "database"):
        assert incoming(Network(operator=(own,)), component) == incoming(Network(), component)


def test_the_webhook_may_be_open_to_the_entrance_alone() -> None:
    (webhook,) = incoming(Network(entrance=(INGRESS,)), "api-entrance")
    (measured,) = incoming(Network(entrance=(INGRESS,)), "api")
    assert (webhook["from"], measured["from"]) == ([INGRESS], [MONITORING])
    assert incoming(Network(entrance=(INGRESS,)), "media")[0]["from"] == [MONITORING]
