"""The servers that tests stand on: real, shared by a session, started by the first who asks.

Processes that share the tests (`-n`) share these servers. A test that kills, stops or freezes one
makes a Private... of its own, not to disturb the rest.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, settings

from support.durations import Durations
from support.servers import clamd as clamav
from support.servers import lending
from support.servers import rabbitmq as broker
from support.servers import s3 as store
from support.servers import valkey as cache
from support.servers.clamd import Clamd
from support.servers.lending import Lender, share
from support.servers.postgres import Postgres, debian_postgres, wheel_postgres
from support.servers.rabbitmq import RabbitMQ
from support.servers.s3 import S3, Bucket
from support.servers.valkey import Valkey
from support.servers.waiting import PATIENCE
from support.stack.environment import NewServers, Servers

LENDER = pytest.StashKey[Lender]()
DURATIONS = Durations()
# A busy machine makes no example wrong: times are measured by tests that run alone.
settings.register_profile("medvault", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("medvault")
BESIDE = {"others": "", "calm": "calm", "nobody": "alone"}
"""The mark of tests by what may run beside them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds what tells the lanes of `make` apart."""
    parser.addoption(
        "--beside", choices=tuple(BESIDE), help="only tests beside which these may run"
    )
    parser.addoption("--one-database", action="store_true", help="try one of the two PostgreSQLs")


def pytest_configure(config: pytest.Config) -> None:
    """Gives time to tests that run beside others; those that measure it run beside nobody."""
    if config.getoption("beside") == "others":
        os.environ.setdefault(PATIENCE, "3")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what these options say."""
    beside, one = config.getoption("beside"), config.getoption("one_database")

    def stays(item: pytest.Item) -> bool:
        mark = next(filter(item.get_closest_marker, ("alone", "calm")), "")
        if mark and f"pytest.mark.{mark}" not in item.path.read_text():
            raise pytest.UsageError(f"{item.path.name} has to say `pytest.mark.{mark}` itself")
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        spared = one and parameters.get("postgres") == "debian"
        return not spared and (beside is None or mark == BESIDE[beside])

    out = [item for item in items if not stays(item)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if stays(item)]


def pytest_report_header() -> list[str]:
    """Says aloud what isn't the real thing."""
    return [store.IMITATION] if store.imitated() else []


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Lends servers to the processes that are about to start, unless somebody does already."""
    if lending.ADDRESS not in os.environ:
        config.stash[LENDER] = Lender()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends them when all is over."""
    if lender := config.stash.get(LENDER, None):
        lender.close()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Notes how long a phase of a test took."""
    DURATIONS.note(report)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keeps how long all took; a process that was given a part of the tests has told its giver."""
    if not hasattr(session.config, "workerinput"):
        DURATIONS.keep()


@pytest.fixture(scope="session")
def postgres_wheel() -> Iterator[Postgres]:
    """PostgreSQL as the embedded mode has it, without fsync."""
    share("postgres_wheel")
    yield from wheel_postgres()


@pytest.fixture(scope="session")
def postgres_debian() -> Iterator[Postgres]:
    """The distribution's PostgreSQL, Debian 12's being the oldest supported, without fsync."""
    share("postgres_debian")
    yield from debian_postgres()


@pytest.fixture(scope="session", params=["wheel", "debian"])
def postgres(request: pytest.FixtureRequest) -> Postgres:
    """Each PostgreSQL in turn."""
    server: Postgres = request.getfixturevalue(f"postgres_{request.param}")
    return server


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitMQ]:
    """RabbitMQ with its management API."""
    share("rabbitmq")
    yield from broker.rabbitmq()


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """Valkey or Redis: a database of it for each process."""
    share("valkey")
    yield from cache.valkey()


@pytest.fixture(scope="session")
def clamd() -> Iterator[Clamd]:
    """ClamAV's daemon, which knows EICAR."""
    share("clamd")
    yield from clamav.clamd()


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """An S3 store with versions and object lock."""
    share("s3")
    yield from store.s3()


@pytest.fixture
def database_url(postgres_wheel: Postgres) -> Iterator[str]:
    """A superuser's URL to an empty database."""
    url = postgres_wheel.new_database()
    yield url
    postgres_wheel.drop_database(url)


@pytest.fixture
def amqp_url(rabbitmq: RabbitMQ) -> Iterator[str]:
    """A URL to an empty virtual host."""
    url = rabbitmq.new_vhost()
    yield url
    rabbitmq.delete_vhost(url)


@pytest.fixture
def redis_url(valkey: Valkey) -> str:
    """A URL to an empty cache."""
    valkey.clear()
    return valkey.url


@pytest.fixture
def s3_bucket(s3: S3) -> Bucket:
    """An empty bucket that keeps versions."""
    return s3.new_bucket()


@pytest.fixture(scope="session")
def new_servers(
    rabbitmq: RabbitMQ, postgres_wheel: Postgres, valkey: Valkey, s3: S3, clamd: Clamd
) -> NewServers:
    """All that a stack stands on, with a virtual host and a bucket that nobody else has."""

    @contextmanager
    def opened() -> Iterator[Servers]:
        servers = Servers(postgres_wheel, rabbitmq.new_vhost(), valkey.url, s3.new_bucket(), clamd)
        yield servers
        rabbitmq.delete_vhost(servers.amqp_url)

    return opened
