"""The programs that chart and manifests are tried with; `setup/helm` installs them."""

import os
import subprocess
from pathlib import Path

from support.servers.machine import MissingServerError, program

ROOT = Path(__file__).parents[3]
CACHE = Path("~/.cache/medvault").expanduser()
PATH = os.pathsep.join([os.environ.get("PATH", ""), str(CACHE / "bin")])


class ProgramError(Exception):
    """A program ended with an error; the text is what it complains of."""


def run(name: str, *arguments: str, given: str | None = None) -> str:
    """Return what a program prints; ProgramError with what it complains of."""
    command = [str(installed(name)), *arguments]
    done = subprocess.run(
        command, input=given, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    if done.returncode != 0:
        raise ProgramError(f"{done.stdout}\n{done.stderr}")
    return done.stdout


def installed(name: str) -> Path:
    """Where a program is; MissingServerError if it is nowhere."""
    return program(name, folders=PATH, missing=f"{name} is missing: run `setup/helm {name}`")


def kustomize(folder: Path) -> str:
    """Return what a kustomization amounts to, by whichever program is there."""
    try:
        return run("kustomize", "build", str(folder))
    except MissingServerError:
        return run("kubectl", "kustomize", str(folder))
