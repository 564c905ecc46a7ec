"""The release's pods reach what they need and nothing else, as far as the policies say."""

import pytest

from medvault_operator.vault.installation import operator_of
from medvault_operator.vault.interface import PROBE_PORT
from support.kubernetes.chart import (
    NAMESPACE,
    Manifest,
    of_kind,
    pods,
    rendered,
    rendered_with,
)
from support.kubernetes.network import Place, reaches

PORTS = {"http": 8080}
DNS = Place("kube-system", {"k8s-app": "kube-dns"})
API_SERVER = Place(address="10.96.0.1")
INTERNET = Place(address="203.0.113.9")
PROMETHEUS = Place("monitoring", {"app.kubernetes.io/name": "prometheus"})
NEIGHBOUR = Place(NAMESPACE, {"app.kubernetes.io/name": "neighbour"})
API = {"app.kubernetes.io/component": "api"}
PATIENTS = Place("clinic", {"app.kubernetes.io/name": "medvault"})


@pytest.fixture(scope="module")
def release() -> list[Manifest]:
    """The chart with a vault of its own."""
    return rendered_with("vault")


def place(release: list[Manifest], name: str) -> Place:
    """A pod of the release."""
    return Place(NAMESPACE, dict(pods(release))[name]["metadata"]["labels"], PORTS)


def policies(release: list[Manifest]) -> list[Manifest]:
    """Its policies."""
    return of_kind(release, "NetworkPolicy")


OPERATOR = "Deployment medvault-operator"
ALL = [OPERATOR, "Pod medvault-operator-test", "Job medvault-operator-apply"]


@pytest.mark.parametrize("pod", ALL)
def test_a_pod_finds_the_api_server(release: list[Manifest], pod: str) -> None:
    here = place(release, pod)
    assert reaches(policies(release), here, DNS, 53, "UDP")
    assert reaches(policies(release), here, DNS, 53)
    assert reaches(policies(release), here, API_SERVER, 443)
    assert reaches(policies(release), here, API_SERVER, 6443)


@pytest.mark.parametrize("pod", ALL)
def test_a_pod_reaches_nothing_else(release: list[Manifest], pod: str) -> None:
    here = place(release, pod)
    for there, port in ((INTERNET, 80), (NEIGHBOUR, 8080), (PATIENTS, 8000), (DNS, 8080)):
        assert not reaches(policies(release), here, there, port)
    for there in (INTERNET, Place("kube-system", {"k8s-app": "metrics-server"})):
        assert not reaches(policies(release), here, there, 53, "UDP")


def test_the_operator_and_nobody_else_asks_inbound_of_vaults(release: list[Manifest]) -> None:
    applied = {"app.kubernetes.io/name": "medvault", "app.kubernetes.io/component": "inbound"}
    inbound, api = Place("clinic", applied), Place("clinic", {**applied, **API})
    for name in ALL:
        found = reaches(policies(release), place(release, name), inbound, PROBE_PORT)
        assert found == (name == OPERATOR)
    assert not reaches(policies(release), place(release, OPERATOR), api, PROBE_PORT)
    assert not reaches(policies(release), place(release, OPERATOR), inbound, 5432)


def test_vaults_know_the_operator_by_labels_that_its_pods_have(release: list[Manifest]) -> None:
    chosen = operator_of(NAMESPACE)["podSelector"]["matchLabels"].items()
    assert {name for name in ALL if chosen <= place(release, name).labels.items()} == {OPERATOR}


def test_prometheus_reads_the_operators_metrics(release: list[Manifest]) -> None:
    operator = place(release, OPERATOR)
    assert reaches(policies(release), PROMETHEUS, operator, 8080)
    assert not reaches(policies(release), PROMETHEUS, operator, 8081)


def test_the_test_of_the_release_reaches_the_operator(release: list[Manifest]) -> None:
    tester, operator = place(release, ALL[1]), place(release, OPERATOR)
    assert reaches(policies(release), tester, operator, 8080)


@pytest.mark.parametrize("pod", ALL)
@pytest.mark.parametrize("stranger", [NEIGHBOUR, PATIENTS, INTERNET])
def test_no_stranger_reaches_a_pod(release: list[Manifest], pod: str, stranger: Place) -> None:
    assert not reaches(policies(release), stranger, place(release, pod), 8080)


def test_the_api_servers_address_may_be_told() -> None:
    release = rendered_with("production")
    operator = place(release, "Deployment vaults")
    assert reaches(policies(release), operator, API_SERVER, 443)
    assert not reaches(policies(release), operator, INTERNET, 443)
    assert not reaches(policies(release), PROMETHEUS, operator, 8080)


def test_policies_may_be_left_to_others() -> None:
    assert policies(rendered("--set", "networkPolicy.enabled=false")) == []
