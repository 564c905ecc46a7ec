"""A whole deployment under load: every process and server that a message meets, and Meta."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import urllib3

from load.deployment import (
    TICKS,
    Api,
    InboundWorker,
    OutboundWorker,
    Process,
    migrated,
    values,
)
from load.measurement import Ground
from load.traffic import PATH
from support.servers.machine import family
from support.servers.private import PrivateServer
from support.servers.valkey import PrivateValkey

_TIER = 2000
"""Messages a second that may be sent; above what is tried, so that a moment can be made up for."""
_PATIENCE = 120.0
"""Seconds within which the crowd must tell how it fared."""

Told = Mapping[str, float | None]


class Meta(Process):
    """The simulator, and people who write."""

    name = "meta"

    def __init__(self, people: int) -> None:
        self._people = people
        self.webhook_url = ""
        super().__init__(None, values("", "") | {"whatsapp_token": "token"})

    def program(self) -> Sequence[str]:
        """Both in one process, so that no call lies between them."""
        port, people = str(self.port), str(self._people)
        return (
            *("-m", "load.crowd", "--port", port),
            *("--webhook", self.webhook_url, "--people", people),
        )

    def answers(self) -> bool:
        """/health says so."""
        try:
            answer = urllib3.request("GET", self.url("/health"), retries=False, timeout=1)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200

    def write(self, rate: float, seconds: float) -> Sequence[Told]:
        """Have people write, and wait for all replies."""
        asked = urlencode({"rate": rate, "seconds": seconds})
        answer = urllib3.request(
            "GET", self.url(f"/crowd?{asked}"), retries=False, timeout=seconds + _PATIENCE
        )
        told: Sequence[Told] = answer.json()
        return told


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything that runs."""

    meta: Meta
    parts: Sequence[PrivateServer]

    def cpu(self) -> Mapping[str, float]:
        """The processor seconds that each part has taken, all of a name together."""
        found: dict[str, float] = {}
        for part in (self.meta, *self.parts):
            found[part.name] = found.get(part.name, 0.0) + sum(map(_cpu, family(part.pid)))
        return found


@contextlib.contextmanager
def whole(ground: Ground, people: int, inbound: int = 1, outbound: int = 1) -> Iterator[Whole]:
    """Start it all on a new database; nothing is bound to a core."""
    postgres, rabbitmq = ground.postgres, ground.rabbitmq
    database, broker = postgres.new_database(migrated), rabbitmq.new_vhost()
    with contextlib.ExitStack() as stack:
        stack.callback(postgres.drop_database, database)
        stack.callback(rabbitmq.delete_vhost, broker)
        valkey = stack.enter_context(PrivateValkey())
        meta = Meta(people)
        more = {
            "cache_url": valkey.url,
            "whatsapp_base_url": meta.url("").rstrip("/"),
            "whatsapp_token": "token",
            "whatsapp_messages_per_second": str(_TIER),
        }
        api = Api(database, broker, more=more)
        meta.webhook_url = api.url(PATH)
        workers: list[Process] = [
            InboundWorker(database, broker, more=more) for _ in range(inbound)
        ]
        workers += [OutboundWorker(database, broker, more=more) for _ in range(outbound)]
        for process in (meta, api, *workers):
            stack.enter_context(process)
        yield Whole(meta, (api, *workers, postgres, rabbitmq, valkey))


def _cpu(pid: int) -> float:
    """Its own time, and that of its children that have ended (proc(5))."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        fields: list[Any] = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / TICKS
    return 0.0
