"""Helm installs, upgrades and uninstalls the chart, and keeps what patients depend on."""

import json
from dataclasses import replace

import pytest

from medvault_operator.api.crd import definition
from support.kubernetes.cluster import namespace
from support.kubernetes.kubectl import Kubectl, RefusedError
from support.kubernetes.programs import ProgramError
from support.kubernetes.release import NAME, Release
from support.medical_vaults import MANAGED, body

DEFINITION = "crd/medicalvaults.medvault.dev"
OPERATOR = "deployment/medvault-operator"


def established(kubectl: Kubectl) -> None:
    """Wait until vaults can be applied."""
    kubectl.await_definition("medicalvaults.medvault.dev")


def value(kubectl: Kubectl, what: str, path: str) -> str:
    """One field of an object."""
    return kubectl.run("get", what, "-o", f"jsonpath={{{path}}}")


def apply_vault(kubectl: Kubectl) -> None:
    """Apply a vault, and say something in its status as an operator does."""
    established(kubectl)
    kubectl.apply(body(MANAGED))
    kubectl.apply({**body(MANAGED), "status": {"ready": "8/8"}}, "--subresource=status")


def test_installing_brings_the_operator_and_its_kind(release: Release) -> None:
    said = release.install()
    assert "apply your first vault" in said
    established(release.kubectl)
    assert value(release.kubectl, OPERATOR, ".spec.replicas") == "2"


def test_an_upgrade_changes_what_is_the_charts_and_nothing_else(release: Release) -> None:
    release.install()
    apply_vault(release.kubectl)
    release.upgrade("--set", "replicas=3", "--set", "commonLabels.team=platform")
    assert value(release.kubectl, OPERATOR, ".spec.replicas") == "3"
    assert value(release.kubectl, DEFINITION, ".metadata.labels.team") == "platform"
    assert value(release.kubectl, "medicalvault/clinic", ".status.ready") == "8/8"


def test_uninstalling_keeps_vaults_and_what_they_are(release: Release) -> None:
    release.install()
    apply_vault(release.kubectl)
    release.uninstall()
    with pytest.raises(RefusedError, match="not found"):
        release.kubectl.run("get", OPERATOR)
    assert value(release.kubectl, "medicalvault/clinic", ".status.ready") == "8/8"
    release.install()
    assert value(release.kubectl, "medicalvault/clinic", ".status.ready") == "8/8"


def test_uninstalling_takes_vaults_along_where_that_was_chosen(release: Release) -> None:
    release.install("--set", "crds.keep=false")
    apply_vault(release.kubectl)
    release.uninstall()
    release.kubectl.run("wait", "--for=delete", DEFINITION, "--timeout=30s")
    with pytest.raises(RefusedError, match=r"doesn't have a resource type|could not find"):
        release.kubectl.run("get", "medicalvaults")


def test_a_definition_of_somebody_elses_is_taken_over_on_request(release: Release) -> None:
    release.kubectl.apply(definition())
    with pytest.raises(ProgramError, match="invalid ownership metadata"):
        release.install()
    release.take_over()
    owner = json.loads(value(release.kubectl, DEFINITION, ".metadata.annotations"))
    assert owner["meta.helm.sh/release-name"] == NAME


def test_an_upgrade_that_would_leave_vaults_alone_is_refused_with_what_to_do(
    release: Release,
) -> None:
    release.install("--set", "rbac.scope=cluster")
    established(release.kubectl)
    with namespace(release.kubectl) as clinic:
        clinic.apply(body(MANAGED))
        with pytest.raises(ProgramError) as refused:
            release.upgrade("--reset-values")
        chosen = f"watch.namespaces={{{clinic.namespace}}}"
        assert f"--set '{chosen}'" in str(refused.value)
        assert "--set rbac.scope=cluster" in str(refused.value)
        release.upgrade("--set", "rbac.scope=cluster")
        release.upgrade("--reset-values", "--set", chosen)
        assert value(clinic, "role/medvault-operator", ".metadata.name") == "medvault-operator"
        release.upgrade("--reuse-values", "--set", "replicas=1")


def test_an_upgrade_without_vaults_elsewhere_confines_the_operator(release: Release) -> None:
    release.install("--set", "rbac.scope=cluster")
    apply_vault(release.kubectl)
    release.upgrade("--reset-values")
    with pytest.raises(RefusedError, match="not found"):
        release.kubectl.run("get", "clusterrole/medvault-operator")
    assert value(release.kubectl, "role/medvault-operator", ".metadata.name") == "medvault-operator"


def test_a_release_of_helm_3_is_upgraded_by_a_newer_helm(release: Release) -> None:
    replace(release, helm="helm3").install()
    apply_vault(release.kubectl)
    release.upgrade("--set", "replicas=3")
    assert value(release.kubectl, OPERATOR, ".spec.replicas") == "3"
    assert value(release.kubectl, "medicalvault/clinic", ".status.ready") == "8/8"
