"""medvault as a clinic runs it: several processes of each kind, behind a balancer."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.servers.haproxy import PrivateHaproxy
from support.servers.machine import free_port
from support.servers.waiting import wait_until
from support.stack.environment import (
    Keys,
    Servers,
    environment,
    of_process,
    own_logins,
    secrets_in,
    values,
)
from support.stack.forking import run
from support.stack.meta import PATH, Meta
from support.stack.phone import Phone
from support.stack.remains import Vault
from support.stack.service import START, Service, Spawn, spawn
from support.stack.tables import Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many processes there are of each kind."""

    api: int = 2
    inbound: int = 3
    media: int = 3
    outbound: int = 3


@dataclass(frozen=True, slots=True, repr=False)
class Fleet:
    """All processes, each with a name such as inbound-2; Meta is a process of its own."""

    apis: tuple[Service, ...]
    inbound: tuple[Service, ...]
    media: tuple[Service, ...]
    outbound: tuple[Service, ...]
    balancer: PrivateHaproxy
    simulator: Service
    meta: Meta
    vault: Vault
    servers: Servers
    keys: Keys
    secrets: tuple[str, ...]

    @property
    def processes(self) -> tuple[Service, ...]:
        """Those of medvault, the APIs first."""
        return (*self.apis, *self.inbound, *self.media, *self.outbound)

    def phone(self, phone: str | None = "random", name: str = "Asha Rao") -> Phone:
        """A new patient's phone."""
        return Phone(self.meta, phone, name)

    def settle(self, seconds: float = 10) -> None:
        """Waits until nothing is under way any more, at Meta and here."""
        self.meta.settle()
        self.vault.settle(seconds)


@contextmanager
def running_fleet(
    servers: Servers,
    folder: Path,
    sizes: Sizes | None = None,
    *,
    settings: Mapping[str, str] | None = None,
    simulator: Sequence[str] = ("--retry-base", "0.2", "--retry-cap", "1"),
    spawn: Spawn = spawn,
) -> Iterator[Fleet]:
    """Migrates a fresh database and runs everything until the block ends.

    `settings` are further ones of all processes, the simulator's among them; `simulator` are
    further options of its command; `spawn` is how medvault's processes are started.
    """
    sizes, keys, tables = sizes or Sizes(), Keys(), Tables(servers.postgres)
    with ExitStack() as stack:
        stack.callback(tables.drop)
        port = free_port()
        given = values(servers, tables, keys, f"http://127.0.0.1:{port}") | own_logins(tables)
        given |= dict(settings or {})
        variables = environment(given, folder)
        migrated = run(["migrate"], variables)
        assert migrated.returncode == 0, migrated.stderr
        kinds = _kinds(sizes, variables, folder, spawn)
        balancer = stack.enter_context(
            PrivateHaproxy([int(api.url.rpartition(":")[2]) for api in kinds[0]])
        )
        meta = Meta(f"http://127.0.0.1:{port}", balancer.url, keys.app_secret)
        command = ["simulator", "--port", str(port), "--webhook-url", balancer.url + PATH]
        command += simulator
        whatsapp = Service(command, variables, folder, port, name="simulator", ready="/health")
        everything = (whatsapp, *(process for kind in kinds for process in kind))
        for process in everything:
            stack.callback(process.kill)
            process.start()
        for process in everything:
            process.wait()
        wait_until(balancer.passes, seconds=START, what="an API behind the balancer")
        vault, hidden = Vault(tables, servers.bucket, keys), tuple(secrets_in(given))
        yield Fleet(*kinds, balancer, whatsapp, meta, vault, servers, keys, hidden)


Kinds = tuple[tuple[Service, ...], tuple[Service, ...], tuple[Service, ...], tuple[Service, ...]]


def _kinds(sizes: Sizes, variables: Mapping[str, str], folder: Path, spawn: Spawn) -> Kinds:
    def some(count: int, *command: str) -> tuple[Service, ...]:
        names = [f"{command[-1]}-{number}" for number in range(1, count + 1)]
        return tuple(_service(command, variables, folder, name, spawn) for name in names)

    return (
        some(sizes.api, "api"),
        some(sizes.inbound, "worker", "inbound"),
        some(sizes.media, "worker", "media"),
        some(sizes.outbound, "worker", "outbound"),
    )


def _service(
    command: Sequence[str], variables: Mapping[str, str], folder: Path, name: str, spawn: Spawn
) -> Service:
    port, probes = free_port(), free_port()
    api = command[-1] == "api"
    ports = {"PORT": port, "API_PROBE_PORT": probes, "PROBE_PORT": port}
    mine = of_process(variables, command[-1]) | {
        f"MEDVAULT_{name}": str(number) for name, number in ports.items()
    }
    return Service(
        command, mine, folder, port, name=name, spawn=spawn, probes=probes if api else None
    )
