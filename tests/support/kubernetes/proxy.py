"""The Kubernetes API over plain HTTP on loopback, for who brings a token along."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from support.kubernetes.kubectl import Kubectl
from support.servers.machine import free_port, listening
from support.servers.waiting import wait_until


@contextmanager
def proxy(kubectl: Kubectl) -> Iterator[str]:
    """Run `kubectl proxy`; yields its URL."""
    port = free_port()
    command = [str(kubectl.binary), "--context", kubectl.context, "proxy", f"--port={port}"]
    if kubectl.kubeconfig:
        command += ["--kubeconfig", str(kubectl.kubeconfig)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: listening(port), seconds=10, what="kubectl proxy")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
