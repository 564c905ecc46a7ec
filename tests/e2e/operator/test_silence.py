"""An API server that does not answer: /ready says so, and who led ends."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from medvault_operator.api.crd import definition
from support.kubernetes.api_server import CONTEXT, PrivateApiServer
from support.kubernetes.etcd import PrivateEtcd
from support.kubernetes.kubectl import Kubectl
from support.kubernetes.operators import Operator
from support.servers.machine import MissingServerError
from support.servers.waiting import wait_until


@pytest.fixture
def server() -> Iterator[PrivateApiServer]:
    """An API server that nobody else speaks to."""
    with ExitStack() as running:
        try:
            etcd = running.enter_context(PrivateEtcd())
            yield running.enter_context(PrivateApiServer(etcd))
        except MissingServerError as missing:
            pytest.skip(str(missing))


@pytest.fixture
def place(server: PrivateApiServer) -> Kubectl:
    """A namespace of it, which goes with it."""
    kubectl = Kubectl(CONTEXT, "clinics", kubeconfig=server.kubeconfig)
    kubectl.run("create", "namespace", "clinics")
    return kubectl


def test_an_api_server_that_hangs_ends_the_leader_and_is_waited_for_by_the_other(
    server: PrivateApiServer, place: Kubectl
) -> None:
    with Operator(place, "one") as leader, Operator(place, "two") as other:
        wait_until(leader.leads, seconds=30, what="the first replica leading")
        wait_until(other.ready, seconds=30, what="the other replica ready")
        server.pause()
        wait_until(lambda: not leader.runs, seconds=40, what="the end of the leader")
        wait_until(lambda: not other.ready(), seconds=30, what="the other not ready")
        said = other.probe("/ready")
        assert said is not None
        assert (said[0], said[1]["leader"]) == (503, False)
        assert said[1]["api"].startswith("away: ")
        assert other.probe("/health") is not None
        server.resume()
        wait_until(other.leads, seconds=60, what="the other replica leading")


def test_a_cluster_without_the_definition_is_told_of_with_advice_and_found_once_it_has_it(
    place: Kubectl, figures: Callable[..., None]
) -> None:
    with Operator(place) as operator:
        wait_until(operator.leads, seconds=30, what="the operator leading")
        began = time.monotonic()
        wait_until(lambda: advised(operator), seconds=30, what="the advice")
        figures(told_s=round(time.monotonic() - began, 1))
        said = operator.probe("/ready")
        assert said is not None
        assert (said[0], said[1]["vaults"]) == (503, "not served")
        place.apply(definition())
        wait_until(operator.ready, seconds=30, what="the operator ready")
        wait_until(
            lambda: operator.metric("medvault_operator_watching") == 1, seconds=30, what="events"
        )


def advised(operator: Operator) -> bool:
    """Whether it was told how to install the definition."""
    return any(
        "Install its CustomResourceDefinition" in line["event"] for line in operator.logged()
    )
