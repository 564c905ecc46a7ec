"""The vault that a release applies: by whom, and what becomes of one that can't be meant."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from medvault_operator.api.crd import definition
from support.kubernetes.chart import CHART, VALUES, Manifest, objects, of_kind
from support.kubernetes.kubectl import Kubectl
from support.kubernetes.programs import run
from support.kubernetes.proxy import proxy

ACCOUNT = "medvault-operator-apply"
OTHERS = {"ServiceAccount", "Role", "RoleBinding"}


@pytest.fixture
def job(empty: Kubectl) -> Manifest:
    """The Job that applies a vault; its account and that one's rights are there already."""
    empty.apply(definition())
    empty.await_definition("medicalvaults.medvault.dev")
    values = ["--values", str(VALUES["vault"]), "--show-only", "templates/vault.yaml"]
    release = ["medvault", str(CHART), "--namespace", empty.namespace]
    rendered = objects(run("helm", "template", *release, *values))
    for one in rendered:
        if one["kind"] in OTHERS:
            empty.apply(one)
    (found,) = of_kind(rendered, "Job")
    return found


def carry_out(
    job: Manifest, kubectl: Kubectl, folder: Path, spec: dict[str, Any]
) -> tuple[int, str]:
    """Do what the Job does, with its own account's rights; returns exit code and words."""
    (container,) = job["spec"]["template"]["spec"]["containers"]
    told = {one["name"]: one["value"] for one in container["env"]}
    vault = json.loads(told["VAULT"])
    vault["spec"] |= spec
    (folder / "token").write_text(kubectl.run("create", "token", ACCOUNT))
    with proxy(kubectl) as url:
        done = subprocess.run(
            [sys.executable, "-c", *container["args"]],
            env={"KUBERNETES_API": url, "ACCOUNT": str(folder), "VAULT": json.dumps(vault)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    return done.returncode, done.stdout + done.stderr


def test_it_is_made_and_changed_with_the_rights_of_its_account(
    job: Manifest, empty: Kubectl, tmp_path: Path
) -> None:
    made = carry_out(job, empty, tmp_path, {})
    assert made == (0, "Applied the vault clinic.\n")
    changed = carry_out(job, empty, tmp_path, {"timezone": "Europe/Berlin"})
    assert changed == made
    vault = json.loads(empty.run("get", "medicalvault", "clinic", "-o", "json"))
    assert vault["spec"]["timezone"] == "Europe/Berlin"


def test_what_cant_be_meant_is_refused_with_advice(
    job: Manifest, empty: Kubectl, tmp_path: Path
) -> None:
    both = {"external": {"secretRef": {"name": "postgres"}}, "managed": {}}
    code, said = carry_out(job, empty, tmp_path, {"database": both})
    assert code == 1
    assert "set exactly one of external and managed" in said
