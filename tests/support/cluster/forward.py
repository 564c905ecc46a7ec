"""A way from this machine to a Service in the cluster, for as long as it is needed."""

import subprocess
import threading
from types import TracebackType
from typing import Self

from support.cluster.tools import find
from support.kubernetes.kubectl import Kubectl
from support.servers.machine import free_port, listening
from support.servers.waiting import wait_until
from support.stack.service import ending_with_us

LOOK, PAUSE, PATIENCE = 0.2, 0.5, 60.0
"""Seconds: between two looks, between two tries, until the first must have come through."""


class PortForward:
    """`kubectl port-forward`, begun anew whenever it ends: the pod behind it may be killed."""

    def __init__(self, kubectl: Kubectl, service: str, port: int) -> None:
        self._what = (f"service/{service}", str(port))
        self._kubectl = kubectl
        self.port = free_port()
        self._closing = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_open, daemon=True)

    @property
    def address(self) -> str:
        """Host and port on this machine."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self._await_another(None)
        return self

    def renew(self) -> None:
        """Begin anew: that the pod behind it is gone, kubectl finds out by who comes next."""
        if (process := self._process) is not None:
            process.kill()
            self._await_another(process)

    def _await_another(self, before: "subprocess.Popen[bytes] | None") -> None:
        wait_until(
            lambda: self._process is not before and listening(self.port),
            seconds=PATIENCE,
            what=f"a way to {self._what[0]}",
            every=0.1,
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._thread.join()

    def _keep_open(self) -> None:
        service, port = self._what
        where = ["--context", self._kubectl.context, "--namespace", self._kubectl.namespace]
        command = [str(find("kubectl")), *where, "port-forward", service, f"{self.port}:{port}"]
        while not self._closing.is_set():
            process = self._process = subprocess.Popen(
                ending_with_us(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            while process.poll() is None and not self._closing.wait(LOOK):
                continue
            process.kill()
            process.wait()
            self._closing.wait(PAUSE)
