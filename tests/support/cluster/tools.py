"""The programs that make a cluster and fill it, from PATH."""

import subprocess
from pathlib import Path

from support.kubernetes.programs import PATH, ROOT
from support.servers.machine import MissingServerError, program

HOW = {
    "docker": "Docker Engine, for this account: https://docs.docker.com/engine/install/",
    "kind": "https://kind.sigs.k8s.io/docs/user/quick-start/#installation, or "
    "`go install sigs.k8s.io/kind@v0.33.0`",
    "helm": "https://helm.sh/docs/intro/install/, or `setup/helm`, which builds it with Go",
    "kubectl": "https://kubernetes.io/docs/tasks/tools/",
}
"""How to get each of them."""


class MissingToolsError(Exception):
    """Something that the tests need is not here; the text says what, and how to get it."""


class ToolError(Exception):
    """A program ended with an error; the text is what it said."""


def find(name: str) -> Path:
    """Where a program is; MissingServerError if it is nowhere."""
    return program(name, folders=PATH, missing=f"{name} is missing: {HOW[name]}")


def require(*names: str) -> None:
    """Look for all of them; MissingToolsError names every one that is missing."""
    missing = []
    for name in names:
        try:
            find(name)
        except MissingServerError as error:
            missing.append(str(error))
    if not missing and "docker" in names and not _answers():
        missing = ["docker's engine does not answer: start it, or let this account use it"]
    if missing:
        raise MissingToolsError("\n".join(["The end-to-end tests can't run here:", *missing]))


def call(name: str, *arguments: str, seconds: float = 60) -> str:
    """Return what a program prints, run from the project's root."""
    done = subprocess.run(
        [str(find(name)), *arguments], cwd=ROOT, capture_output=True, text=True, timeout=seconds
    )
    if done.returncode:
        raise ToolError(f"{name} {arguments[0]}: {(done.stdout + done.stderr)[-4000:]}")
    return done.stdout


def _answers() -> bool:
    try:
        call("docker", "version", seconds=20)
    except (ToolError, subprocess.TimeoutExpired):
        return False
    return True
