"""A whole medvault: API and workers as processes of their own, on real servers."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from medvault.ports import Queue
from support.servers.machine import free_port
from support.servers.rabbitmq import RabbitMQ
from support.servers.waiting import wait_until
from support.stack.environment import Keys, Servers, environment, secrets_in, values
from support.stack.meta import Meta, simulated_meta
from support.stack.phone import Phone
from support.stack.service import Service, run
from support.stack.tables import Tables
from support.stack.vault import Vault

WORKERS = ("inbound", "media", "outbound")
TAIL = 4000


@dataclass(frozen=True, slots=True)
class Stack:
    """The processes, Meta before them and the vault behind them."""

    api: Service
    inbound: Service
    media: Service
    outbound: Service
    meta: Meta
    vault: Vault
    servers: Servers
    secrets: tuple[str, ...]

    @property
    def processes(self) -> tuple[Service, ...]:
        """All of them, the API first."""
        return self.api, self.inbound, self.media, self.outbound

    def phone(self, phone: str | None = "random", name: str = "Asha Rao") -> Phone:
        """A new patient's phone."""
        return Phone(self.meta, phone, name)

    def settle(self) -> None:
        """Waits until nothing is under way any more, at Meta and here."""
        self.meta.settle()
        self.vault.settle()

    def tails(self) -> Iterator[tuple[str, str]]:
        """The ends of all logs, without what is secret."""
        for process in self.processes:
            tail = process.log[-TAIL:]
            for word in self.secrets:
                tail = tail.replace(word, "[secret]")
            yield process.name, tail


@contextmanager
def running_stack(servers: Servers, folder: Path) -> Iterator[Stack]:
    """Migrates a fresh database and runs everything until the block ends."""
    keys, tables, ports = Keys(), Tables(servers.postgres), [free_port() for _ in range(4)]
    with ExitStack() as stack:
        stack.callback(tables.drop)
        meta = stack.enter_context(simulated_meta(keys, ports[0]))
        settings = values(servers, tables, keys, meta.url)
        variables = environment(settings, folder)
        processes = [
            Service(["api"], variables | {"MEDVAULT_PORT": str(ports[0])}, folder, ports[0]),
            *[
                Service(
                    ["worker", role], variables | {"MEDVAULT_PROBE_PORT": str(port)}, folder, port
                )
                for role, port in zip(WORKERS, ports[1:], strict=True)
            ],
        ]
        migrated = run(["migrate"], variables)
        assert migrated.returncode == 0, migrated.stderr
        for process in processes:
            stack.callback(process.kill)
            process.start()
        for process in processes:
            process.wait()
        vault = Vault(tables, servers.bucket, keys)
        yield Stack(*processes, meta, vault, servers, tuple(secrets_in(settings)))


def queued(rabbitmq: RabbitMQ, amqp_url: str) -> dict[str, int]:
    """The messages in each queue that holds any, unacknowledged and dead ones included."""
    vhost = quote(urlsplit(amqp_url).path.removeprefix("/"), safe="")
    queues = rabbitmq.management("GET", f"/api/queues/{vhost}").json()
    assert len(queues) == 2 * len(Queue)
    return {queue["name"]: queue["messages"] for queue in queues if queue.get("messages", 1)}


def wait_for_empty_queues(rabbitmq: RabbitMQ, amqp_url: str) -> None:
    """Waits until no queue holds a message."""
    wait_until(lambda: not queued(rabbitmq, amqp_url), seconds=15, what="empty queues")
