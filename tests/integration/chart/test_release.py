"""The script of the release's Job and of its test, as their pods run it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.kubernetes.answering import Answering, serving
from support.kubernetes.chart import CHART, pods, rendered_with

GROUP = "GET /apis/medvault.dev/v1alpha1"
VAULT = "PATCH /apis/medvault.dev/v1alpha1/namespaces/clinics/medicalvaults/clinic"
READY = "GET /ready"
KNOWN = (200, {"resources": [{"name": "medicalvaults"}, {"name": "medicalvaults/status"}]})
UNKNOWN = (404, {"message": "not found"})
BODY: dict[str, Any] = {
    "kind": "MedicalVault",
    "metadata": {"name": "clinic", "namespace": "clinics"},
}


@pytest.fixture
def account(tmp_path: Path) -> Path:
    """A service account's folder; without a certificate, since no TLS is spoken here."""
    (tmp_path / "token").write_text("a-token")
    return tmp_path


def run(command: str, account: Path, told: Answering, seconds: float = 30) -> tuple[int, str]:
    """Run the script as a pod's command line does; returns exit code and what it says."""
    done = subprocess.run(
        [sys.executable, "-c", (CHART / "files" / "release.py").read_text(), command],
        env={
            "KUBERNETES_API": told.url,
            "OPERATOR": told.url,
            "ACCOUNT": str(account),
            "SECONDS_TO_WAIT": str(seconds),
            "VAULT": json.dumps(BODY),
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_vault_is_applied_as_soon_as_its_kind_is_served(account: Path) -> None:
    with serving(Answering({GROUP: [UNKNOWN, (503, {}), KNOWN], VAULT: [(201, {})]})) as api:
        code, said = run("apply", account, api)
    assert (code, said) == (0, "Applied the vault clinic.\n")
    applied = api.asked[-1]
    assert json.loads(applied["body"]) == BODY
    assert applied["type"] == "application/apply-patch+yaml"
    assert applied["authorization"] == "Bearer a-token"
    assert "fieldManager=medvault-chart" in applied["path"]


def test_what_the_api_says_against_a_vault_is_told(account: Path) -> None:
    message = "spec.database: set exactly one of external and managed"
    refusal = (422, {"message": message})
    with serving(Answering({GROUP: [KNOWN], VAULT: [refusal]})) as api:
        code, said = run("apply", account, api)
    assert code == 1
    assert message in said
    assert "Traceback" not in said


def test_a_kind_that_is_never_served_is_named(account: Path) -> None:
    with serving(Answering({})) as api:
        code, said = run("apply", account, api, seconds=0)
    assert code == 1
    assert "MedicalVault (is crds.enabled off?)" in said


def test_a_release_is_well_if_the_operator_is_ready_and_the_kind_is_served(account: Path) -> None:
    with serving(Answering({GROUP: [KNOWN], READY: [(503, {}), (200, {})]})) as api:
        code, said = run("check", account, api)
    assert (code, said) == (0, "The operator is ready, and the API serves MedicalVault.\n")


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        ({GROUP: [KNOWN], READY: [(503, {})]}, "the operator to be ready"),
        ({READY: [(200, {})]}, "the API to serve MedicalVault"),
    ],
)
def test_a_release_that_is_not_well_says_what_is_missing(
    account: Path, answers: dict[str, list[tuple[int, Any]]], missing: str
) -> None:
    with serving(Answering(answers)) as api:
        code, said = run("check", account, api, seconds=0)
    assert code == 1
    assert missing in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("name", "command"),
    [("Pod medvault-operator-test", "check"), ("Job medvault-operator-apply", "apply")],
)
def test_the_pods_run_this_script(name: str, command: str) -> None:
    (container,) = dict(pods(rendered_with("vault")))[name]["spec"]["containers"]
    assert container["command"] == ["python", "-c"]
    script, word = container["args"]
    assert script.strip() == (CHART / "files" / "release.py").read_text().strip()
    assert word == command
