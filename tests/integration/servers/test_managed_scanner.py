"""clamd as the operator starts it: a release that can close its commands does, another says so."""

import re
from collections.abc import Iterator

import pytest

from medvault_operator.world.manifest import Manifest
from support.medical_vaults import MANAGED, vault
from support.servers.clamd import PrivateClamd
from support.servers.machine import free_port
from support.worlds import children

SETTINGS = "/etc/medvault"


class ManagedClamd(PrivateClamd):
    """The operator's command and configuration, with folders and a port of the test's own."""

    def __init__(self) -> None:
        super().__init__()
        parts = {one["kind"]: one for one in children(vault(MANAGED)) if _is_scanners(one)}
        (self._container,) = (
            one
            for one in parts["StatefulSet"]["spec"]["template"]["spec"]["containers"]
            if one["name"] == "scanner"
        )
        self.port = free_port()
        for name, text in parts["ConfigMap"]["data"].items():
            signed = text.replace("/signatures/database", str(self.directory / "database"))
            here = signed.replace("TCPSocket 3310", f"TCPSocket {self.port}")
            (self.directory / name).write_text(here)

    def command(self) -> list[str]:
        """As in the pod."""
        return [one.replace(SETTINGS, str(self.directory)) for one in self._container["command"]]


def _is_scanners(part: Manifest) -> bool:
    return bool(part["metadata"]["name"] == "clinic-scanner")


@pytest.fixture(scope="module")
def scanner() -> Iterator[ManagedClamd]:
    """A scanner that runs."""
    with ManagedClamd() as running:
        yield running


def release(scanner: ManagedClamd) -> tuple[int, ...]:
    """ClamAV's release: (1, 5)."""
    found = re.match(r"ClamAV (\d+)\.(\d+)", scanner.ask("VERSION"))
    assert found
    return tuple(int(one) for one in found.groups())


def test_it_starts_and_is_closed_as_far_as_it_can_be(scanner: ManagedClamd) -> None:
    said = scanner.log.read_text()
    if release(scanner) < (1, 5):
        assert "older than 1.5: whoever reaches its port may end it" in said
        assert scanner.ask("STATS").startswith("POOLS")
        return
    assert "older than 1.5" not in said
    for command in ("STATS", "RELOAD", "SHUTDOWN"):
        assert scanner.ask(command) == "COMMAND UNAVAILABLE"
    assert scanner.ask("PING") == "PONG"
