"""An operator that is killed in the middle of a reconcile leaves nothing half done."""

from collections.abc import Callable

from medvault_operator.api.v1alpha1.whatsapp import SECRET_KEYS
from medvault_operator.kube.api import Api
from support.kubernetes.kubectl import Kubectl
from support.kubernetes.live_vault import LiveVault, spec_of
from support.kubernetes.operators import Operator
from support.servers.waiting import wait_until

Replica = Callable[[str], Operator]


def in_the_middle(vault: LiveVault, leader: Operator) -> int:
    """Apply a vault, and kill the leader as soon as the first of its children is there."""
    vault.secret(f"{vault.name}-whatsapp", *SECRET_KEYS)
    vault.apply(spec_of(vault))
    wait_until(vault.children, seconds=30, what="the first child", every=0.01)
    leader.kill()
    return len(vault.children())


def test_another_replica_ends_what_a_killed_one_began_within_30_seconds(
    api: Api, furnished: Kubectl, replica: Replica
) -> None:
    leader = replica("one")
    wait_until(leader.leads, seconds=30, what="the first replica leading")
    other = replica("two")
    vault = LiveVault(api, furnished.namespace, "halfway")
    begun = in_the_middle(vault, leader)
    kept = {name: secret["data"] for name, secret in vault.secrets().items()}
    wait_until(other.leads, seconds=30, what="the other replica leading", every=0.1)
    wait_until(vault.settled, seconds=30, what="the vault being settled", every=0.1)
    assert len(vault.children()) > begun
    assert kept.items() <= {name: one["data"] for name, one in vault.secrets().items()}.items()


def test_the_same_replica_ends_what_it_began_once_it_is_started_again(
    api: Api, furnished: Kubectl, replica: Replica
) -> None:
    leader = replica("one")
    wait_until(leader.leads, seconds=30, what="the replica leading")
    vault = LiveVault(api, furnished.namespace, "restarted")
    in_the_middle(vault, leader)
    leader.start()
    wait_until(vault.settled, seconds=60, what="the vault being settled", every=0.1)
    vault.says("Available", "True")
