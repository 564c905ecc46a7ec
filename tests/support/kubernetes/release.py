"""A release of the chart in a cluster, made by Helm as an administrator makes it."""

from dataclasses import dataclass

from support.kubernetes.chart import CHART
from support.kubernetes.kubectl import Kubectl
from support.kubernetes.programs import run

NAME = "medvault"
HELMS = ("helm", "helm3")
"""Helm, and Helm 3 beside it by that name; `setup/helm helm3` installs both."""


@dataclass(frozen=True)
class Release:
    """Commands on one release, in the namespace of `kubectl`."""

    kubectl: Kubectl
    helm: str

    def install(self, *options: str) -> str:
        """Install; ProgramError with what Helm complains of."""
        return self._run("install", NAME, str(CHART), *options)

    def upgrade(self, *options: str) -> str:
        """Upgrade."""
        return self._run("upgrade", NAME, str(CHART), *options)

    def uninstall(self) -> str:
        """Uninstall."""
        return self._run("uninstall", NAME)

    def take_over(self) -> str:
        """Install over objects that are there already, whoever made them."""
        force = [] if self.major == "v3" else ["--force-conflicts"]
        return self.install("--take-ownership", *force)

    @property
    def major(self) -> str:
        """Helm's major version: v3 or v4."""
        return run(self.helm, "version", "--short").partition(".")[0]

    def _run(self, *arguments: str) -> str:
        where = ["--kube-context", self.kubectl.context, "--namespace", self.kubectl.namespace]
        if self.kubectl.kubeconfig:
            where += ["--kubeconfig", str(self.kubectl.kubeconfig)]
        return run(self.helm, *arguments, *where)
