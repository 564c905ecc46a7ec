"""HAProxy in front of several APIs, as an ingress would be."""

from collections.abc import Sequence

import urllib3

from support.servers.machine import free_port, program
from support.servers.private import PrivateServer

MISSING = "HAProxy is missing: install it (Debian, Ubuntu: apt-get install haproxy)"
ALIVE = "/haproxy"
CHECKED_EVERY = 0.5
"""Seconds between two looks at the /ready of an API."""


class PrivateHaproxy(PrivateServer):
    """A balancer at `url` over APIs on these ports; only those whose /ready says 200 get requests.

    A request that was sent on is not repeated: its sender learns that it failed.
    """

    name = "haproxy"

    def __init__(self, api_ports: Sequence[int]) -> None:
        self._binary = program("haproxy", missing=MISSING)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__()
        self._configuration = self.directory / "haproxy.cfg"
        self._configuration.write_text(_configuration(self.port, api_ports))

    def command(self) -> list[str]:
        """One process in the foreground."""
        return [str(self._binary), "-db", "-f", str(self._configuration)]

    def answers(self) -> bool:
        """It answers for itself; whether an API is behind it is another question."""
        return self._status(ALIVE) == 200

    def passes(self) -> bool:
        """Whether an API answers through it that it is ready."""
        return self._status("/ready") == 200

    def _status(self, path: str) -> int | None:
        try:
            return urllib3.request("GET", self.url + path, retries=False, timeout=1).status
        except urllib3.exceptions.HTTPError:
            return None


def _configuration(port: int, api_ports: Sequence[int]) -> str:
    every = f"{CHECKED_EVERY * 1000:.0f}ms"
    lines = [
        "global",
        "  nbthread 1",
        "  maxconn 4000",
        "defaults",
        "  mode http",
        "  timeout connect 1s",
        "  timeout client 75s",
        "  timeout server 5s",
        "  timeout check 2s",
        "  retries 3",
        "  retry-on conn-failure",
        "  option redispatch 1",
        f"  default-server check inter {every} fall 2 rise 1",
        "listen webhooks",
        f"  bind 127.0.0.1:{port} backlog 2048",
        f"  monitor-uri {ALIVE}",
        "  balance roundrobin",
        "  option httpchk GET /ready",
        "  http-check expect status 200",
    ]
    lines += [
        f"  server api-{number} 127.0.0.1:{api_port}"
        for number, api_port in enumerate(api_ports, start=1)
    ]
    return "\n".join(lines) + "\n"
