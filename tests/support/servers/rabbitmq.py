"""RabbitMQ: a private node, or one that exists."""

import itertools
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from secrets import token_hex
from urllib.parse import quote, urlsplit, urlunsplit

import urllib3

from support.servers.machine import free_port, listening, program
from support.servers.private import PrivateServer
from support.servers.waiting import wait_until

SCRIPTS = "/usr/lib/rabbitmq/bin"
"""Debian's rabbitmq-server on the PATH insists on its own account and folders; this one doesn't."""

SCRIPTS_OF_ANOTHER = "MEDVAULT_TEST_RABBITMQ_SCRIPTS"
"""Names the folder of another release's."""

FORGETFUL = 3.5
"""Seconds after which the list of quorum queues is on disk."""

URL, MANAGEMENT_URL = "MEDVAULT_TEST_AMQP_URL", "MEDVAULT_TEST_AMQP_MANAGEMENT_URL"

MISSING = (
    "RabbitMQ is missing: install it (Debian, Ubuntu: apt-get install rabbitmq-server), or set "
    "MEDVAULT_TEST_AMQP_URL=amqp://user:password@host:port/ (an administrator; the management "
    "plugin on port 15672, or where MEDVAULT_TEST_AMQP_MANAGEMENT_URL says)"
)


class RabbitMQ:
    """A broker on which tests make virtual hosts.

    `url` is an administrator's, to the vhost `/`. `management_url` is the HTTP API's base
    without credentials, as in http://host:15672.
    """

    def __init__(self, url: str, management_url: str) -> None:
        self.url = url
        self.management_url = management_url
        self._numbers = itertools.count(1)
        self._run = token_hex(4)
        self._http = urllib3.PoolManager(retries=False)

    def vhost_url(self, vhost: str) -> str:
        """The administrator's URL to a vhost."""
        return urlunsplit(urlsplit(self.url)._replace(path="/" + quote(vhost, safe="")))

    def new_vhost(self) -> str:
        """The URL of a fresh virtual host."""
        vhost = f"test-{self._run}-{next(self._numbers)}"
        self.management("PUT", f"/api/vhosts/{vhost}")
        user = quote(urlsplit(self.url).username or "guest", safe="")
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        self.management("PUT", f"/api/permissions/{vhost}/{user}", everything)
        return self.vhost_url(vhost)

    def new_user(self, url: str, *, configure: str, write: str, read: str) -> str:
        """The URL of a fresh user with these rights in the virtual host of `url`, and no tag."""
        name, password = f"user-{self._run}-{next(self._numbers)}", token_hex(8)
        self.management("PUT", f"/api/users/{name}", {"password": password, "tags": ""})
        parts = urlsplit(url)
        rights = {"configure": configure, "write": write, "read": read}
        self.management("PUT", f"/api/permissions{parts.path}/{name}", rights)
        place = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{name}:{password}@{place}"))

    def answer(self, url: str = "", *, seconds: float = 30) -> int | None:
        """The management API's status for a user, else for the administrator; None for none."""
        parts = urlsplit(url or self.url)
        asking = urllib3.make_headers(basic_auth=f"{parts.username}:{parts.password}")
        try:
            return self._http.request(
                "GET", f"{self.management_url}/api/whoami", headers=asking, timeout=seconds
            ).status
        except urllib3.exceptions.HTTPError:
            return None

    def delete_vhost(self, url: str) -> None:
        """Deletes a virtual host with its queues, under whoever is connected."""
        vhost = urlsplit(url).path.removeprefix("/")
        self.management("DELETE", f"/api/vhosts/{vhost}")

    def management(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        seconds: float = 30,
    ) -> urllib3.BaseHTTPResponse:
        """One call of the management API; RuntimeError unless it succeeds."""
        parts = urlsplit(self.url)
        credentials = f"{parts.username}:{parts.password}"
        response = self._http.request(
            method,
            self.management_url + path,
            json=body,
            timeout=seconds,
            headers=urllib3.make_headers(basic_auth=credentials),
        )
        if response.status >= 300:
            message = f"RabbitMQ's management API: {response.status} for {method} {path}"
            raise RuntimeError(message)
        return response


class _Epmd(PrivateServer):
    """Erlang's port mapper: a private one, for the node would leave the one it starts behind."""

    name = "epmd"

    def __init__(self) -> None:
        self._binary = program("epmd", missing=MISSING)
        self.port = free_port()
        super().__init__()

    def command(self) -> list[str]:
        return [str(self._binary), "-address", "127.0.0.1", "-port", str(self.port)]

    def answers(self) -> bool:
        return listening(self.port)


class PrivateRabbitMQ(PrivateServer, RabbitMQ):
    """A node of our own with the management plugin; queue figures are a second old at most."""

    name = "rabbitmq"

    def __init__(self, consumer_timeout: float | None = None) -> None:
        """`consumer_timeout` are the seconds that a message may be held; by itself 1800."""
        scripts = os.environ.get(SCRIPTS_OF_ANOTHER, SCRIPTS)
        self._binary = program("rabbitmq-server", folders=scripts, missing=MISSING)
        self._port, self._management_port, self._distribution_port = (free_port() for _ in "123")
        self._password = token_hex(8)
        self._epmd = _Epmd()
        PrivateServer.__init__(self)
        RabbitMQ.__init__(
            self,
            f"amqp://medvault:{self._password}@127.0.0.1:{self._port}/%2F",
            f"http://127.0.0.1:{self._management_port}",
        )
        (self.directory / "rabbitmq.conf").write_text(self._configuration())
        if consumer_timeout is not None:
            (self.directory / "advanced.config").write_text(_impatient(consumer_timeout))
        (self.directory / "enabled_plugins").write_text("[rabbitmq_management].\n")
        (self.directory / "rabbitmq-env.conf").touch()

    def _configuration(self) -> str:
        return "\n".join(
            [
                f"listeners.tcp.1 = 127.0.0.1:{self._port}",
                "management.tcp.ip = 127.0.0.1",
                f"management.tcp.port = {self._management_port}",
                "default_user = medvault",
                f"default_pass = {self._password}",
                "collect_statistics_interval = 1000",
                "disk_free_limit.absolute = 50MB",
                "raft.wal_max_size_bytes = 67108864",
                "log.console = true",
                "log.console.level = warning",
                "log.file = false",
                "",
            ]
        )

    def start(self) -> "PrivateRabbitMQ":
        """Starts the node after its port mapper."""
        self._epmd.start()
        super().start()
        return self

    def let_it_note_its_queues(self, declared: float) -> None:
        """Waits until a kill can no longer make it forget a queue that is younger than `declared`.

        RabbitMQ keeps the newest entry of its list of quorum queues in memory for some seconds.
        Seen with 3.10: a queue that it forgot is there after a kill, and stays without a leader.
        """
        lists = list(self.directory.glob("mnesia/*/quorum/*/names.dets"))

        def noted() -> bool:
            written = [path.stat().st_mtime for path in lists]
            return min(written, default=0) > declared and time.time() - max(written) > FORGETFUL

        wait_until(noted, seconds=15, what="the broker's list of queues")

    def restart(self, *, definitions: str) -> None:
        """Starts the node anew with users that it reads from definitions; the first one stays."""
        self.stop()
        place = self.directory / "definitions.json"
        place.write_text(definitions)
        told = f"{self._configuration()}load_definitions = {place}\n"
        (self.directory / "rabbitmq.conf").write_text(told)
        self.start()

    def wipe(self) -> None:
        """Kills the node and removes all that it has written; `start` makes it anew."""
        self.kill()
        shutil.rmtree(self.directory / "mnesia")

    def close(self) -> None:
        """Ends the port mapper too."""
        super().close()
        self._epmd.close()

    def command(self) -> list[str]:
        """The script that becomes the Erlang VM."""
        return [str(self._binary)]

    def environment(self) -> dict[str, str]:
        """Every path of the node within its directory; two schedulers."""
        at = self.directory
        return super().environment() | {
            "ERL_EPMD_PORT": str(self._epmd.port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"{at.name}@localhost",
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_CONF_ENV_FILE": str(at / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(at / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(at / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(at / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(at / "mnesia"),
            "RABBITMQ_LOG_BASE": str(at),
            "RABBITMQ_PID_FILE": str(at / "pid"),
            # Without input the start script becomes the Erlang VM instead of minding it.
            "RABBITMQ_ALLOW_INPUT": "true",
            "RABBITMQ_SERVER_START_ARGS": "-noinput",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "+S 2:2 -kernel inet_dist_use_interface {127,0,0,1}"
            ),
        }

    def answers(self) -> bool:
        """The management API is up, which starts after the AMQP listener and the boot steps."""
        return listening(self._port) and self.answer(seconds=1) is not None


def _impatient(seconds: float) -> str:
    """A configuration that shortens the time-out, and the time between two looks at it."""
    timeout = round(seconds * 1000)
    options = {"consumer_timeout": timeout, "channel_tick_interval": timeout // 5}
    return "[{rabbit, [" + ", ".join(f"{{{name}, {n}}}" for name, n in options.items()) + "]}].\n"


def rabbitmq() -> Iterator[RabbitMQ]:
    """The one MEDVAULT_TEST_AMQP_URL names, else a private one."""
    if url := os.environ.get(URL):
        host = urlsplit(url).hostname
        management = os.environ.get(MANAGEMENT_URL, f"http://{host}:15672")
        yield RabbitMQ(url, management)
    else:
        with PrivateRabbitMQ() as server:
            yield server
