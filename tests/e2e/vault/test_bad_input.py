"""Input that can't be meant is refused at once; input that can't work is told within 30 seconds."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from support.cluster.leaning import leaning_on
from support.cluster.objects import Manifest
from support.cluster.operator import CHART, InstalledOperator
from support.cluster.site import Clinic
from support.cluster.target import Target
from support.cluster.tools import ToolError, call
from support.cluster.vault import VaultObject
from support.kubernetes import cluster
from support.kubernetes.kubectl import Kubectl, RefusedError
from support.medical_vaults import EXTERNAL, MANAGED, body

pytestmark = pytest.mark.timeout(1800)
TOLD = 30.0


@pytest.fixture
def beside(nodes: Target, operator: InstalledOperator) -> Iterator[Kubectl]:
    """A namespace for a vault that can't work, on a cluster whose operator does."""
    with cluster.namespace(nodes.kubectl()) as found:
        yield found


@pytest.mark.parametrize(
    ("spec", "advice"),
    [
        ({**MANAGED, "database": {}}, "database: {managed: {}}"),
        ({**MANAGED, "database": {"managed": {}, "external": {"secretRef": {"name": "x"}}}},
         "set exactly one of external and managed"),
        ({**MANAGED, "api": {"replicas": {"min": 5, "max": 3}}}, "must not be above"),
    ],
)  # fmt: skip
def test_an_invalid_object_is_refused_with_advice(
    beside: Kubectl, spec: Manifest, advice: str, figures: Callable[..., None]
) -> None:
    with pytest.raises(RefusedError, match=re.escape(advice)):
        beside.apply(body(spec))
    figures(advice=advice)


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        (["--set", "replicas=-1"], "replicas"),
        (["--set", "logs.level=loud"], "level"),
        (["--set", "replica=3"], "replica"),
        (["--kube-version", "1.24.0"], "kubeVersion"),
    ],
)
def test_wrong_values_and_an_old_kubernetes_are_refused(
    nodes: Target, options: list[str], advice: str, figures: Callable[..., None]
) -> None:
    with pytest.raises(ToolError, match=advice):
        call("helm", "template", "wrong", CHART, *options)
    figures(advice=advice)


def test_a_missing_secret_is_named(beside: Kubectl, figures: Callable[..., None]) -> None:
    with applied(beside, EXTERNAL, figures) as vault:
        said = vault.wait("Degraded", "True", seconds=TOLD)
        assert said["reason"] == "SecretMissing"
        assert "whatsapp" in said["message"]


def test_an_image_that_does_not_exist_is_named(
    clinic: Clinic, beside: Kubectl, figures: Callable[..., None]
) -> None:
    spec = {**leaning_on(clinic, beside), "image": "medvault-services:no-such-tag"}
    with applied(beside, spec, figures) as vault:
        said = vault.wait("Degraded", "True", "ImagePullFailed", seconds=TOLD)
        assert "medvault-services:no-such-tag" in said["message"]


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ("postgres", "owner-url in the Secret postgres"),
        ("rabbitmq", "check url in the Secret rabbitmq"),
        ("s3", "secret-key in the Secret s3"),
    ],
)
def test_a_wrong_password_is_told(
    clinic: Clinic,
    beside: Kubectl,
    wrong: str,
    advice: str,
    figures: Callable[..., None],
) -> None:
    with applied(beside, leaning_on(clinic, beside, wrong=wrong), figures) as vault:
        said = vault.wait("Degraded", "True", "MigrationFailed", seconds=TOLD)
        assert advice in said["message"]


def test_a_storage_class_that_does_not_exist_is_named(
    clinic: Clinic, beside: Kubectl, figures: Callable[..., None]
) -> None:
    volume = {"storage": {"size": "1Gi", "storageClassName": "no-such-class"}}
    spec = {**leaning_on(clinic, beside), "database": {"managed": volume}}
    with applied(beside, spec, figures) as vault:
        said = vault.wait("Degraded", "True", "NoStorageClass", seconds=TOLD)
        assert "no-such-class" in said["message"]


@contextmanager
def applied(
    kubectl: Kubectl, spec: Manifest, figures: Callable[..., None]
) -> Iterator[VaultObject]:
    """A vault, which must be told of within the block."""
    vault = VaultObject(kubectl, "wrong")
    vault.apply(spec)
    began = time.monotonic()
    yield vault
    figures(
        told_s=round(time.monotonic() - began, 1), advice=vault.conditions()["Degraded"]["message"]
    )
    vault.delete()
