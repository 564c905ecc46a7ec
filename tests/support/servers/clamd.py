"""ClamAV's daemon with one signature, or one that exists."""

import os
import socket
from collections.abc import Iterator

from support.servers.machine import free_port, program
from support.servers.private import PrivateServer

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The harmless file that scanners agree to report (eicar.org); in two parts, lest this be it."""

SIGNATURE = "Eicar-Test-Signature"
MISSING = (
    "ClamAV is missing: install it (Debian, Ubuntu: apt-get install clamav-daemon), or set "
    "MEDVAULT_TEST_CLAMD_ADDRESS=host:port"
)
ADDRESS = "MEDVAULT_TEST_CLAMD_ADDRESS"
LIMITS = {
    "StreamMaxLength": "100M",
    "MaxFileSize": "256M",
    "MaxScanSize": "10G",
    "MaxScanTime": "900000",
    "AlertExceedsMax": "yes",
}
"""Those of docs/operations.md."""


class Clamd:
    """A scanner at `address`, host:port."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.host, _, port = address.rpartition(":")
        self.port = int(port)

    def ask(self, command: str) -> str:
        """One command of clamd's protocol, such as PING or VERSION; OSError if it is away."""
        with socket.create_connection((self.host, self.port), timeout=1) as connection:
            connection.sendall(b"n" + command.encode() + b"\n")
            with connection.makefile("rb") as answer:
                return answer.read().decode().strip()


class PrivateClamd(PrivateServer, Clamd):
    """A daemon of our own that knows EICAR, anywhere in a file, and nothing else."""

    name = "clamd"

    def __init__(self) -> None:
        self._binary = program("clamd", missing=MISSING)
        PrivateServer.__init__(self)
        Clamd.__init__(self, f"127.0.0.1:{free_port()}")
        database = self.directory / "database"
        database.mkdir()
        (database / "eicar.ndb").write_text(f"{SIGNATURE}:0:*:{EICAR.hex()}\n")
        self._configuration = self.directory / "clamd.conf"
        options = LIMITS | {
            "TCPAddr": "127.0.0.1",
            "TCPSocket": str(self.port),
            "DatabaseDirectory": str(database),
            "TemporaryDirectory": str(self.directory),
            "Foreground": "yes",
            "MaxThreads": "16",
        }
        lines = [f"{option} {value}\n" for option, value in options.items()]
        self._configuration.write_text("".join(lines))

    def command(self) -> list[str]:
        """All settings come from the file."""
        return [str(self._binary), "--config-file", str(self._configuration)]

    def answers(self) -> bool:
        """PING is answered with PONG, which it is once the database is loaded."""
        try:
            return self.ask("PING") == "PONG"
        except OSError:
            return False


def clamd() -> Iterator[Clamd]:
    """The one MEDVAULT_TEST_CLAMD_ADDRESS names, else a private one."""
    if address := os.environ.get(ADDRESS):
        yield Clamd(address)
    else:
        with PrivateClamd() as server:
            yield server
