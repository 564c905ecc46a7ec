"""The commands of `.ci/run`, where a cluster can be had and where none can."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from support.servers.machine import processes
from support.servers.waiting import wait_until

FOLDER = Path(__file__).parents[2] / ".ci"
WORKFLOWS = sorted((FOLDER.parent / ".github" / "workflows").glob("*.yml"))
MAKE = 'echo "made $* for ${MEDVAULT_E2E_CONTEXT:-nobody}"\n'
UP = '[ "$1" = --env ] && echo "export CLUSTER=known" || echo "cluster is up"\n'
TOOLS = (
    "bash", "sh", "dirname", "cat", "echo", "pwd", "timeout", "mkdir", "setsid", "nice", "touch",
)  # fmt: skip


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose `make` only tells what it is asked for, on a machine without docker."""
    place = tmp_path / "code" / "main"
    shutil.copytree(FOLDER, place / ".ci")
    programs = tmp_path / "bin"
    programs.mkdir()
    program(programs / "make", MAKE)
    for name in TOOLS:
        (programs / name).symlink_to(shutil.which(name) or name)
    return place


def program(path: Path, lines: str) -> Path:
    """A shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{lines}")
    path.chmod(0o755)
    return path


def run(checkout: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run it as the machine that checks every change does."""
    path = str(checkout.parents[1] / "bin")
    return subprocess.run(
        [checkout / ".ci" / "run"],
        env={"PATH": path, "HOME": str(checkout), **environment},
        capture_output=True,
        text=True,
    )


def test_without_a_cluster_it_says_loudly_what_it_did_not_run(checkout: Path) -> None:
    done = run(checkout)
    assert done.returncode == 0
    assert done.stdout == "made test for nobody\n"
    assert "NOT RUN: `make e2e`" in done.stderr
    assert "They need docker" in done.stderr


@pytest.mark.parametrize("named", [True, False])
def test_with_a_program_that_makes_a_cluster_it_tries_that_one_too(
    checkout: Path, *, named: bool
) -> None:
    place = "elsewhere/up" if named else "shared/cluster/up"
    up = program(checkout.parent / place, UP)
    done = run(checkout, **({"MEDVAULT_CLUSTER_UP": str(up)} if named else {}))
    assert done.returncode == 0
    made_test, cluster, took, made_e2e = done.stdout.splitlines()
    assert made_test == "made test for nobody"
    assert (cluster, took.startswith("The cluster is up after ")) == ("cluster is up", True)
    assert made_e2e == "made e2e for kind-vault"
    assert done.stderr == ""


def test_what_the_cluster_is_made_of_is_compiled_meanwhile_and_waited_for(checkout: Path) -> None:
    (folder := checkout.parent / "shared" / "cluster").mkdir(parents=True)
    os.mkfifo(folder / "news")
    program(folder / "build", f"cat {folder}/news; touch {folder}/compiled\n")
    program(folder / "up", f'[ "$1" = --env ] || {{ test -e {folder}/compiled && echo whole; }}\n')
    program(checkout.parents[1] / "bin" / "make", f'[ "$1" = e2e ] || echo done >{folder}/news\n')
    done = run(checkout)
    assert done.returncode == 0
    assert "whole" in done.stdout
    assert done.stderr == ""


def test_a_failure_ends_what_is_compiled_meanwhile(checkout: Path) -> None:
    (folder := checkout.parent / "shared" / "cluster").mkdir(parents=True)
    os.mkfifo(folder / "news")
    program(folder / "build", f"exec 3<>{folder}/news; echo $$ >{folder}/pid; cat <&3\n")
    program(folder / "up", UP)
    program(
        checkout.parents[1] / "bin" / "make", f"until [ -s {folder}/pid ]; do :; done; exit 3\n"
    )
    assert run(checkout).returncode == 3
    pid = int((folder / "pid").read_text())
    wait_until(lambda: pid not in processes(), seconds=10, what="its end")


def test_a_program_that_makes_no_cluster_is_told_of_loudly(checkout: Path) -> None:
    program(checkout.parent / "shared" / "cluster" / "up", "echo no room >&2; exit 1\n")
    done = run(checkout)
    assert done.returncode == 0
    assert done.stdout == "made test for nobody\n"
    assert "no room" in done.stderr
    assert "NOT RUN: `make e2e`" in done.stderr
    assert "made no cluster" in done.stderr


@pytest.mark.parametrize("target", ["test", "e2e"])
def test_a_failure_of_the_tests_ends_it(checkout: Path, target: str) -> None:
    program(checkout.parent / "shared" / "cluster" / "up", UP)
    program(checkout.parents[1] / "bin" / "make", f'[ "$1" != {target} ] || exit 3\n')
    assert run(checkout).returncode == 3


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_takes_others_programs_only_as_they_were_when_they_were_looked_at(
    workflow: Path,
) -> None:
    text = workflow.read_text()
    steps = [step for job in yaml.safe_load(text)["jobs"].values() for step in job["steps"]]
    actions = [step["uses"] for step in steps if "uses" in step]
    assert actions
    assert [used for used in actions if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", used)] == []
    assert "@latest" not in text
    for step in steps:
        script = step.get("run", "")
        assert script.count("curl ") == script.count("sha512sum --check")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_only_packages_of_the_system_are_installed_as_root(workflow: Path) -> None:
    lines = [line.strip() for line in workflow.read_text().splitlines() if "sudo" in line]
    assert [line for line in lines if not line.startswith("run: sudo setup/apt ")] == []
