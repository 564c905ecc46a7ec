"""The leader is killed while it changes a vault, and another replica finishes the work."""

import time
from collections.abc import Callable

import pytest

from support.cluster.images import LoadedImage
from support.cluster.operator import InstalledOperator
from support.cluster.pods import kill
from support.cluster.site import Clinic, wait_telling
from support.cluster.target import Say, Target
from support.servers.waiting import wait_until

pytestmark = pytest.mark.timeout(1800)
TAKEOVER, IN_PLACE = 30.0, 600.0


def jobs(clinic: Clinic) -> set[str]:
    """The Jobs that the vault owns."""
    return {job["metadata"]["name"] for job in clinic.vault.children("jobs")}


def test_another_replica_takes_over_from_a_leader_killed_in_mid_reconcile(
    nodes: Target,
    operator: InstalledOperator,
    clinic: Clinic,
    newer: LoadedImage,
    say: Say,
    figures: Callable[..., None],
) -> None:
    if not nodes.kind:
        pytest.skip("only kind's nodes let a process in a pod be killed with SIGKILL")
    leader, holder, before = operator.leader(), operator.holder(), jobs(clinic)
    clinic.vault.patch({"image": newer.name})
    wait_until(lambda: jobs(clinic) - before, seconds=60, what="the migration's Job", every=0.1)
    kill(leader)
    began = time.monotonic()
    assert newer.name not in clinic.images(), "the work was done before the leader was killed"
    wait_until(
        lambda: operator.holder() not in ("", holder), seconds=TAKEOVER, what="another leader"
    )
    took = time.monotonic() - began
    say(f"Another replica leads after {took:.1f} s.")
    wait_telling(clinic.vault, say, seconds=IN_PLACE)
    figures(takeover_s=round(took, 1), in_place_s=round(time.monotonic() - began, 1))
    assert clinic.images() == {newer.name}
