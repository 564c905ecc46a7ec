"""A whole medvault: API and workers as processes of their own, on real servers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from medvault.ports import Queue
from support.servers.machine import free_port
from support.servers.rabbitmq import RabbitMQ
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
from support.stack.meta import Meta, simulated_meta
from support.stack.phone import Phone
from support.stack.remains import Vault
from support.stack.service import PROGRAM, Service, Spawn, spawn
from support.stack.tables import Tables

COMMANDS = (
    ("api", "MEDVAULT_PORT"),
    ("worker inbound", "MEDVAULT_PROBE_PORT"),
    ("worker media", "MEDVAULT_PROBE_PORT"),
    ("worker outbound", "MEDVAULT_PROBE_PORT"),
)
TAIL = 4000
OwnLogins = Callable[[Tables], Mapping[str, Mapping[str, str]]]
"""Makes the settings with the own logins of each process."""


@dataclass(frozen=True, slots=True, repr=False)
class Stack:
    """The processes, Meta before them and the vault behind them."""

    api: Service
    inbound: Service
    media: Service
    outbound: Service
    meta: Meta
    vault: Vault
    servers: Servers
    keys: Keys
    secrets: tuple[str, ...]

    @property
    def processes(self) -> tuple[Service, ...]:
        """All of them, the API first."""
        return self.api, self.inbound, self.media, self.outbound

    def phone(self, phone: str | None = "random", name: str = "Asha Rao") -> Phone:
        """A new patient's phone."""
        return Phone(self.meta, phone, name)

    def settle(self, seconds: float = 10) -> None:
        """Waits until nothing is under way any more, at Meta and here."""
        self.meta.settle()
        self.vault.settle(seconds)

    def tails(self) -> Iterator[tuple[str, str]]:
        """The ends of all logs, without what is secret."""
        return tails(self.processes, self.secrets)


@contextmanager
def running_stack(
    servers: Servers,
    folder: Path,
    *,
    settings: Mapping[str, str] | None = None,
    spawn: Spawn = spawn,
    program: Sequence[str] = (str(PROGRAM),),
    more: Mapping[str, str] | None = None,
    own: OwnLogins | None = None,
) -> Iterator[Stack]:
    """Migrates a fresh database and runs everything until the block ends.

    `program` may be another than this release's, and need `more` variables. With `own` logins each
    process has those, and the migration lets them in.
    """
    keys, tables, ports = Keys(), Tables(servers.postgres), [free_port() for _ in COMMANDS]
    with ExitStack() as stack:
        stack.callback(tables.drop)
        meta = stack.enter_context(simulated_meta(keys, ports[0]))
        # The release before has one login, the ring alone, and its probes on the API's only port.
        before, probes = more is not None, free_port()
        logins = {} if before else own_logins(tables)
        given = values(servers, tables, keys, meta.url) | logins | dict(settings or {})
        variables = environment(given, folder) | dict(more or {})
        processes = [
            Service(
                command.split(),
                (variables if before else of_process(variables, command.split()[-1]))
                | {setting: str(port), "MEDVAULT_API_PROBE_PORT": str(probes)},
                folder,
                port,
                spawn=spawn,
                program=program,
                probes=probes if command == "api" and not before else None,
            )
            for (command, setting), port in zip(COMMANDS, ports, strict=True)
        ]
        divided = own(tables) if own else {}
        for process, (command, _) in zip(processes, COMMANDS, strict=True):
            mine = divided.get(command.split()[-1], {})
            told = environment(mine, _folder(folder, command)) if mine else {}
            process.environment = {**process.environment, **told}
        migrated = run(["migrate"], variables | environment(_of_migrate(divided), folder), program)
        assert migrated.returncode == 0, migrated.stderr
        for process in processes:
            stack.callback(process.kill)
            process.start()
        for process in processes:
            process.wait()
        vault = Vault(tables, servers.bucket, keys)
        api, inbound, media, outbound = processes
        secrets = tuple(secrets_in(given))
        yield Stack(api, inbound, media, outbound, meta, vault, servers, keys, secrets)


def _folder(folder: Path, command: str) -> Path:
    found = folder / command.rsplit(maxsplit=1)[-1]
    found.mkdir(exist_ok=True)
    return found


def _of_migrate(divided: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {
        name.replace("_url", f"_{process}_url"): url
        for process, mine in divided.items()
        for name, url in mine.items()
    }


def tails(
    processes: Iterable[Service], secrets: Iterable[str], *, length: int = TAIL
) -> Iterator[tuple[str, str]]:
    """How the log of each process ends, by its name and without what is secret."""
    for process in processes:
        tail = process.log[-length:]
        for word in secrets:
            tail = tail.replace(word, "[secret]")
        yield process.name, tail


def queued(rabbitmq: RabbitMQ, amqp_url: str) -> dict[str, int]:
    """The messages in each queue that holds any, unacknowledged and dead ones included."""
    queues = _queues(rabbitmq, amqp_url)
    # A queue that is new has no figures yet: nobody knows that it is empty.
    depths = {queue["name"]: queue.get("messages", -1) for queue in queues}
    return {name: depth for name, depth in depths.items() if depth}


def redelivered(rabbitmq: RabbitMQ, amqp_url: str) -> dict[str, int]:
    """How often each queue has handed a message out once more, where it has."""
    counted = {
        queue["name"]: queue.get("message_stats", {}).get("redeliver", 0)
        for queue in _queues(rabbitmq, amqp_url)
    }
    return {name: times for name, times in counted.items() if times}


def _queues(rabbitmq: RabbitMQ, amqp_url: str) -> list[dict[str, Any]]:
    vhost = quote(unquote(urlsplit(amqp_url).path.removeprefix("/")), safe="")
    queues: list[dict[str, Any]] = rabbitmq.management("GET", f"/api/queues/{vhost}").json()
    assert len(queues) == 2 * len(Queue)
    return queues


def wait_for_empty_queues(rabbitmq: RabbitMQ, amqp_url: str, seconds: float = 15) -> None:
    """Waits until no queue holds a message."""
    wait_until(lambda: not queued(rabbitmq, amqp_url), seconds=seconds, what="empty queues")
