"""Two replicas around one Lease: however the leader ends, the other takes over in time."""

import time
from collections.abc import Callable

from support.kubernetes.kubectl import Kubectl
from support.kubernetes.operators import Operator
from support.servers.waiting import wait_until

Replica = Callable[[str], Operator]


def takes_over(other: Operator, *, seconds: float) -> float:
    """Wait until a replica leads; return after how many seconds."""
    began = time.monotonic()
    wait_until(other.leads, seconds=seconds, what="the other replica leading", every=0.1)
    return time.monotonic() - began


def leading_pair(replica: Replica) -> tuple[Operator, Operator]:
    leader = replica("one")
    wait_until(leader.leads, seconds=30, what="the first replica leading")
    return leader, replica("two")


def test_one_leads_and_the_other_stands_by_ready(replica: Replica) -> None:
    leader, other = leading_pair(replica)
    wait_until(leader.ready, seconds=30, what="leader ready")
    wait_until(other.ready, seconds=30, what="other ready")
    assert not other.leads()
    assert leader.metric("medvault_operator_leader") == 1
    assert other.metric("medvault_operator_leader") == 0
    wait_until(
        lambda: leader.metric("medvault_operator_watching") == 1, seconds=30, what="watching"
    )


def test_a_killed_leader_is_followed_within_30_seconds(replica: Replica) -> None:
    leader, other = leading_pair(replica)
    leader.kill()
    assert takes_over(other, seconds=30) < 30


def test_a_leader_that_is_asked_to_end_is_followed_within_3_seconds(
    replica: Replica, defined: Kubectl
) -> None:
    leader, other = leading_pair(replica)
    leader.stop()
    assert takes_over(other, seconds=3) < 3
    assert leader.logged()[-1]["event"] == "Asked to end."
    assert "Traceback" not in leader.log.read_text()
    holder = defined.run("get", "lease", "medvault-operator", "-o=jsonpath={.spec.holderIdentity}")
    assert holder.startswith("two_")


def test_a_frozen_leader_ends_as_it_wakes_and_writes_nothing(replica: Replica) -> None:
    leader, other = leading_pair(replica)
    leader.pause()
    takes_over(other, seconds=30)
    leader.resume()
    wait_until(lambda: not leader.runs, seconds=10, what="end of the former leader")
    assert other.leads()
    assert any("The Lease is lost" in line["event"] for line in leader.logged())
