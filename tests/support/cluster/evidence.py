"""The traces in a cluster of a test that failed: objects, events, logs; never a Secret's values."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from support.cluster.target import Target
from support.kubernetes.kubectl import Kubectl, RefusedError
from support.kubernetes.programs import ROOT

FOLDER = ROOT / "build" / "e2e"
KINDS = (
    "medicalvaults,pods,deployments,statefulsets,jobs,services,configmaps,serviceaccounts,"
    "poddisruptionbudgets,networkpolicies,ingresses,persistentvolumeclaims,leases"
)
LINES = "2000"
"""Lines of each log."""


def collect(target: Target, namespaces: tuple[str, ...], test: str) -> Path:
    """Write all of it into a folder of the test's own below build/e2e, and return that one."""
    folder = FOLDER / re.sub(r"[^A-Za-z0-9]+", "-", test).strip("-")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for namespace in namespaces:
        kubectl = target.kubectl(namespace)
        for name, said in _said(kubectl):
            (folder / f"{namespace}-{name}").write_text(said)
    return folder


def _said(kubectl: Kubectl) -> Iterator[tuple[str, str]]:
    yield "objects.yaml", _run(kubectl, "get", KINDS, "-o", "yaml")
    yield "events.txt", _run(kubectl, "get", "events", "--sort-by=.lastTimestamp")
    yield "pods.txt", _run(kubectl, "describe", "pods")
    for pod in _run(kubectl, "get", "pods", "-o", "name").split():
        name = pod.rpartition("/")[2]
        asked = ("logs", pod, "--all-containers", "--prefix", f"--tail={LINES}")
        yield f"{name}.log", _run(kubectl, *asked)
        if before := _run(kubectl, *asked, "--previous"):
            yield f"{name}-before.log", before


def _run(kubectl: Kubectl, *arguments: str) -> str:
    try:
        return kubectl.run(*arguments)
    except RefusedError as error:
        return "" if "--previous" in arguments else f"{error}"
