"""kubectl, as an administrator uses it."""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.servers.machine import program
from support.servers.waiting import wait_until

MISSING = "kubectl is missing: put it on PATH (https://kubernetes.io/docs/tasks/tools/)"


class RefusedError(Exception):
    """The API server said no; the text is what an administrator reads."""


@dataclass(frozen=True)
class Kubectl:
    """Commands against one context, in one namespace."""

    context: str
    namespace: str = "default"
    kubeconfig: Path | None = None
    binary: Path = field(default_factory=lambda: program("kubectl", missing=MISSING))

    def run(self, *arguments: str, given: str | None = None, seconds: float = 60) -> str:
        """Return what a command prints; RefusedError with what it complains of."""
        where = ["--context", self.context, "--namespace", self.namespace]
        done = subprocess.run(
            [str(self.binary), *where, *arguments],
            input=given,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        if done.returncode != 0:
            raise RefusedError(done.stderr)
        return done.stdout

    def apply(self, manifest: Mapping[str, Any], *options: str) -> dict[str, Any]:
        """Apply server-side, as the operator does; returns the object as it was stored."""
        command = ["apply", "--server-side", "--force-conflicts", "-o", "json", "-f", "-"]
        manager = ["--field-manager", "medvault-operator"]
        found: dict[str, Any] = json.loads(
            self.run(*command, *manager, *options, given=json.dumps(manifest))
        )
        return found

    def await_definition(self, name: str) -> None:
        """Wait until a kind is served.

        `kubectl wait` fails on a definition that has no conditions yet, as just after its making.
        """

        def established() -> bool:
            status = json.loads(self.run("get", "crd", name, "-o", "json")).get("status", {})
            told = {one["type"]: one["status"] for one in status.get("conditions") or ()}
            return told.get("Established") == "True"

        wait_until(established, seconds=30, what=f"establishment of {name}")

    def _environment(self) -> dict[str, str]:
        chosen = {"KUBECONFIG": str(self.kubeconfig)} if self.kubeconfig else {}
        return {**os.environ, **chosen}
