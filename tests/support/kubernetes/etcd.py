"""etcd, which holds what an API server is told."""

import urllib3

from support.servers.machine import free_port, program
from support.servers.private import PrivateServer

MISSING = "etcd is missing: put it on PATH"


class PrivateEtcd(PrivateServer):
    """One member on loopback, which forgets everything at its end."""

    name = "etcd"

    def __init__(self) -> None:
        self._binary = program("etcd", missing=MISSING)
        super().__init__()
        self.url = f"http://127.0.0.1:{free_port()}"
        self._peer = f"http://127.0.0.1:{free_port()}"

    def command(self) -> list[str]:
        """No durability: nobody starts it again."""
        return [
            str(self._binary),
            f"--data-dir={self.directory / 'data'}",
            f"--listen-client-urls={self.url}",
            f"--advertise-client-urls={self.url}",
            f"--listen-peer-urls={self._peer}",
            f"--initial-advertise-peer-urls={self._peer}",
            f"--initial-cluster=default={self._peer}",
            "--unsafe-no-fsync",
        ]

    def answers(self) -> bool:
        """It says that it is healthy."""
        try:
            answer = urllib3.request("GET", f"{self.url}/health", retries=False, timeout=1)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200
