"""The operator as a process of the tests' own, outside the cluster that it looks after."""

import json
import sys
from pathlib import Path
from typing import Any

import urllib3

from support.kubernetes.access import kubeconfig
from support.kubernetes.kubectl import Kubectl
from support.servers.machine import free_port
from support.servers.private import PrivateServer

IMAGE = "ghcr.io/medvault/services:0.1.0"


class Operator(PrivateServer):
    """One replica, which looks after one namespace, and `others`, and has its Lease there."""

    name = "operator"
    patience = 30.0

    def __init__(
        self, kubectl: Kubectl, identity: str = "one", image: str = IMAGE, *others: str
    ) -> None:
        super().__init__()
        self._watched = " ".join([kubectl.namespace, *others])
        self._namespace = kubectl.namespace
        self._identity = identity
        self._image = image
        self.port = free_port()
        self._kubeconfig = self.directory / "kubeconfig"
        self._kubeconfig.write_text(kubeconfig(kubectl))

    def command(self) -> list[str]:
        return [sys.executable, "-m", "medvault_operator"]

    def environment(self) -> dict[str, str]:
        return {
            **super().environment(),
            "KUBECONFIG": str(self._kubeconfig),
            "MEDVAULT_OPERATOR_SERVICES_IMAGE": self._image,
            "MEDVAULT_OPERATOR_NAMESPACE": self._namespace,
            "MEDVAULT_OPERATOR_WATCH_NAMESPACES": self._watched,
            "MEDVAULT_OPERATOR_IDENTITY": self._identity,
            "MEDVAULT_OPERATOR_HOST": "127.0.0.1",
            "MEDVAULT_OPERATOR_PORT": str(self.port),
        }

    def answers(self) -> bool:
        """It serves probes; whether it leads is another matter."""
        return self.probe("/health") is not None

    def probe(self, path: str) -> tuple[int, dict[str, Any]] | None:
        """Return status and body of a probe, or nothing while nobody answers."""
        try:
            answer = urllib3.request(
                "GET", f"http://127.0.0.1:{self.port}{path}", retries=False, timeout=1
            )
        except urllib3.exceptions.HTTPError:
            return None
        return answer.status, json.loads(answer.data)

    def ready(self) -> bool:
        """Whether it says that it does its part."""
        said = self.probe("/ready")
        return said is not None and said[0] == 200

    def leads(self) -> bool:
        """Whether it says that it leads."""
        said = self.probe("/ready")
        return said is not None and bool(said[1]["leader"])

    def metric(self, line: str) -> float:
        """Return the value of one series; 0 if there is none yet."""
        text = urllib3.request("GET", f"http://127.0.0.1:{self.port}/metrics", timeout=3).data
        values = [
            float(found.rsplit(" ", 1)[1])
            for found in text.decode().splitlines()
            if found.rsplit(" ", 1)[0] == line
        ]
        return sum(values)

    def logged(self) -> list[dict[str, Any]]:
        """Return what it logged."""
        lines = Path(self.log).read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]
