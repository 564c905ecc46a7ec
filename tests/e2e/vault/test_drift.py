"""The operator puts back, as it was, each object of a vault that is edited or deleted."""

import json
import time
from collections.abc import Callable

import pytest

from support.cluster.objects import LOOK, Manifest, content, get
from support.cluster.site import Clinic
from support.servers.waiting import wait_until

pytestmark = pytest.mark.timeout(1800)
BACK = 30.0
EDITS: dict[str, tuple[str, Manifest]] = {
    "serviceaccount": ("vault", {"automountServiceAccountToken": True}),
    "service": ("vault-cache", {"spec": {"selector": {"app.kubernetes.io/component": "none"}}}),
    "configmap": ("vault-scanner", {"data": {"clamd.conf": "Foreground no\n"}}),
    "statefulset": ("vault-cache", {"spec": {"replicas": 0}}),
    "deployment": ("vault-outbound", {"spec": {"replicas": 0}}),
    "poddisruptionbudget": ("vault-api", {"spec": {"maxUnavailable": 2}}),
    "networkpolicy": ("vault-database", {"spec": {"ingress": [{}]}}),
    "ingress": ("vault-api", {"metadata": {"labels": {"app.kubernetes.io/part-of": "other"}}}),
}
"""One object of each kind, and a change to it that would do harm."""


@pytest.fixture(params=EDITS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of which a vault owns something all the time."""
    return str(request.param)


def test_these_are_all_kinds_that_a_vault_owns(clinic: Clinic) -> None:
    owned = {child["kind"].lower() for child in clinic.vault.children()}
    assert owned - {"job"} == set(EDITS)


def test_an_edit_is_put_back(clinic: Clinic, kind: str, figures: Callable[..., None]) -> None:
    name, change = EDITS[kind]
    before = seen(clinic, kind, name)
    clinic.kubectl.run("patch", kind, name, "--type", "merge", "-p", json.dumps(change))
    began = time.monotonic()
    wait_until(
        lambda: content(seen(clinic, kind, name)) == content(before),
        seconds=BACK, what=f"the {kind} as it was", every=LOOK,
    )  # fmt: skip
    figures(back_s=round(time.monotonic() - began, 1))
    assert seen(clinic, kind, name)["metadata"]["uid"] == before["metadata"]["uid"]


def test_what_is_deleted_comes_back(
    clinic: Clinic, kind: str, figures: Callable[..., None]
) -> None:
    name, _ = EDITS[kind]
    before = seen(clinic, kind, name)
    clinic.kubectl.run("delete", kind, name, "--wait=false")
    began = time.monotonic()

    def is_another() -> bool:
        found = get(clinic.kubectl, kind, name)
        return found is not None and found["metadata"]["uid"] != before["metadata"]["uid"]

    wait_until(is_another, seconds=BACK, what=f"another {kind}", every=LOOK)
    figures(back_s=round(time.monotonic() - began, 1))
    assert labels(seen(clinic, kind, name)) == labels(before)


def test_a_finished_migrations_job_may_be_deleted(clinic: Clinic) -> None:
    for job in clinic.vault.children("jobs"):
        clinic.kubectl.run("delete", "job", job["metadata"]["name"], "--wait=true")
    clinic.vault.until(clinic.vault.settled, seconds=180, what="the vault in place")


def seen(clinic: Clinic, kind: str, name: str) -> Manifest:
    """An object that must be there."""
    found = get(clinic.kubectl, kind, name)
    assert found is not None, f"there is no {kind} {name}"
    return found


def labels(manifest: Manifest) -> Manifest:
    """An object's labels."""
    found: Manifest = manifest["metadata"]["labels"]
    return found
