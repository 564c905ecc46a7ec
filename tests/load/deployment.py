"""medvault's processes as they are deployed, and those that they are compared with."""

import os
import sys
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import urllib3

from load.memory import Memory
from medvault.adapters.crypto.intake_key import IntakeKey
from medvault.adapters.crypto.keyring import KeyRing, encode_key
from medvault.bootstrap import migration
from medvault.settings import PREFIX, Settings
from support.servers.machine import free_port
from support.servers.private import PrivateServer

TESTS = Path(__file__).parents[1]
TICKS = os.sysconf("SC_CLK_TCK")

APP_SECRET = token_hex(16)
SERVICE = f"service:{token_hex(8)}"
"""Name and password of the services' login."""

_RING = KeyRing.generate()
_SECRETS = {
    "whatsapp_app_secrets": APP_SECRET,
    "whatsapp_verify_token": token_hex(8),
    "whatsapp_phone_number_id": "106540352242922",
    "keys": _RING.to_text(),
    "intake_key": IntakeKey.of(_RING).to_text(),
    "whatsapp_token": token_hex(16),
    "index_key": encode_key(token_bytes(32)),
}


def service_url(database: str) -> str:
    """A superuser's URL to a database turned into the services' own."""
    parts = urlsplit(database)
    return urlunsplit(parts._replace(netloc=f"{SERVICE}@{parts.netloc.rpartition('@')[2]}"))


def values(database: str, broker: str) -> dict[str, str]:
    """The settings of all services; `database` is a superuser's URL."""
    return _SECRETS | {"database_url": service_url(database), "broker_url": broker}


def settings(database: str, broker: str) -> Settings:
    """The same, read."""
    return Settings.model_validate(values(database, broker))


def migrated(database: str) -> None:
    """Bring a new database up to date and let the services in."""
    owner = {"database_owner_url": database, "database_url": service_url(database)}
    migration.migrate_database(Settings.model_validate(owner))


class Process(PrivateServer):
    """A Python program of the benchmark, on one core where `core` names it."""

    def __init__(self, core: int | None = None, environment: Mapping[str, str] = {}) -> None:
        self.port = free_port()
        self._core = core
        self._environment = environment
        super().__init__()

    @abstractmethod
    def program(self) -> Sequence[str]:
        """The arguments that come behind the interpreter."""

    def command(self) -> list[str]:
        """Bound to its core before it starts."""
        bound = [] if self._core is None else ["taskset", "--cpu-list", str(self._core)]
        return [*bound, sys.executable, *self.program()]

    def environment(self) -> dict[str, str]:
        """Its settings, and where the benchmark's modules are."""
        ours = {f"{PREFIX}{name.upper()}": value for name, value in self._environment.items()}
        return super().environment() | ours | {"PYTHONPATH": str(TESTS)}

    def answers(self) -> bool:
        """/ready says so."""
        try:
            answer = urllib3.request("GET", self.url("/ready"), retries=False, timeout=1)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200

    def url(self, path: str) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}{path}"

    def must_run(self) -> None:
        """Raises `ServerStartError` with the end of its log if it has ended."""
        if self._process is None or self._process.poll() is not None:
            raise self._failure(f"{self.name} ended by itself")

    def cpu_seconds(self) -> float:
        """The processor time that it took up to now (proc(5), utime and stime)."""
        return _ticks(self.pid, 11) / TICKS

    def children_seconds(self) -> float:
        """The same of its children that have ended (cutime and cstime)."""
        return _ticks(self.pid, 13) / TICKS

    def memory(self) -> Memory:
        """The memory that it takes now."""
        return Memory.of(self.pid)


def _ticks(pid: int, first: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[first]) + int(fields[first + 1])


class Medvault(Process):
    """A process of medvault's own."""

    arguments: ClassVar[tuple[str, ...]]

    def __init__(
        self, database: str, broker: str, core: int | None = None, more: Mapping[str, str] = {}
    ) -> None:
        self.probe_port = free_port()
        super().__init__(core, {**values(database, broker), **more})

    def program(self) -> Sequence[str]:
        """The command line as an image has it."""
        return ("-c", "from medvault.cli import main; main()", *self.arguments)

    def environment(self) -> dict[str, str]:
        """Its ports."""
        ports = {"PORT": str(self.port), "PROBE_PORT": str(self.probe_port)}
        ports["API_PROBE_PORT"] = str(self.probe_port)
        hosts = {"HOST": "127.0.0.1", "PROBE_HOST": "127.0.0.1", "LOG_LEVEL": "warning"}
        named = {f"{PREFIX}{name}": value for name, value in (ports | hosts).items()}
        return super().environment() | named

    def _counted(self, series: str) -> int:
        url = f"http://127.0.0.1:{self.probe_port}/metrics"
        metrics = urllib3.request("GET", url, timeout=5).data.decode()
        line = next(line for line in metrics.splitlines() if line.startswith(f"{series} "))
        return int(float(line.removeprefix(series)))


class Api(Medvault):
    """`medvault api`."""

    name = "api"
    arguments = ("api",)

    def environment(self) -> dict[str, str]:
        """It seals by the public key alone."""
        given = super().environment()
        del given[f"{PREFIX}KEYS"]
        return given

    def accepted(self) -> int:
        """How many webhooks it has answered 200."""
        return self._counted('medvault_webhook_requests_total{answer="200"}')

    def spilled(self) -> int:
        """How many of them the broker took in, PostgreSQL not having answered in time."""
        return self._counted("medvault_intake_spilled_total")


class Worker(Medvault):
    """A worker of one kind, which has probes and metrics at its only port."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.probe_port = self.port

    def consumes(self) -> bool:
        """Whether its consumers are on the broker."""
        return self._counted("medvault_consuming") == 1


class InboundWorker(Worker):
    """`medvault worker inbound`."""

    name = "inbound"
    arguments = ("worker", "inbound")


class OutboundWorker(Worker):
    """`medvault worker outbound`."""

    name = "outbound"
    arguments = ("worker", "outbound")


class MediaWorker(Worker):
    """`medvault worker media`."""

    name = "media"
    arguments = ("worker", "media")


class Taken(NamedTuple):
    """A message that Meta took: to whom it went, when in Unix time, its ids there and here."""

    to: str
    at: float
    wamid: str
    reference: str


class LeastMeta(Process):
    """Meta as far as a benchmark needs it; with a file under every id where there is one."""

    name = "meta"

    def __init__(self, core: int | None = None, file: Path | None = None) -> None:
        super().__init__(core)
        self._file = file

    def program(self) -> Sequence[str]:
        """The app behind uvicorn."""
        file = () if self._file is None else ("--file", str(self._file))
        return ("-m", "load.meta", "--port", str(self.port), *file)

    def taken(self) -> Sequence[Taken]:
        """All messages so far."""
        found = urllib3.request("GET", self.url("/taken"), timeout=5).json()
        return [Taken(*one) for one in found]


class Bare(Process):
    """uvicorn and HMAC alone."""

    name = "bare"

    def program(self) -> Sequence[str]:
        """The app behind uvicorn."""
        return ("-m", "load.bare", "--port", str(self.port), "--secret", APP_SECRET)


class RawApi(Process):
    """The reference of the pipeline's front."""

    name = "raw api"

    def __init__(self, database: str, broker: str, core: int | None = None) -> None:
        super().__init__(core, values(database, broker))

    def program(self) -> Sequence[str]:
        """It reads the same settings."""
        return ("-m", "load.raw_api", "--port", str(self.port))


class RawConsumer(Process):
    """The reference of the message processor."""

    name = "reference"

    def __init__(self, database: str, broker: str) -> None:
        super().__init__(None, values(database, broker) | {"database_url": database})

    def program(self) -> Sequence[str]:
        """It reads the same settings."""
        return ("-m", "load.reference")

    def answers(self) -> bool:
        """It begins to work by itself; the database shows what it has done."""
        return True
