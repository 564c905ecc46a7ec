"""Connections, and units of work on them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from typing_extensions import override

from medvault import failpoints
from medvault.adapters.postgres import time_limits
from medvault.adapters.postgres.accounts import PostgresAccounts
from medvault.adapters.postgres.audit import PostgresAudit
from medvault.adapters.postgres.conversations import PostgresConversations
from medvault.adapters.postgres.dead_letter_records import PostgresDeadLetterRecords
from medvault.adapters.postgres.dead_letters import PostgresDeadLetters
from medvault.adapters.postgres.depths import PostgresDepths
from medvault.adapters.postgres.desk import PostgresDesk
from medvault.adapters.postgres.inbox import PostgresInbox
from medvault.adapters.postgres.media import PostgresMedia
from medvault.adapters.postgres.outbox import PostgresOutbox
from medvault.adapters.postgres.refusals import refused
from medvault.adapters.postgres.release import APPLICATION
from medvault.adapters.postgres.reports import PostgresReports
from medvault.adapters.postgres.timers import PostgresTimers
from medvault.adapters.postgres.vaults import open_vaults
from medvault.domain.errors import Transient, Unavailable
from medvault.ports import BlindIndex, Sealer
from medvault.ports.outbox import Leased
from medvault.ports.persistence import Database, UnitOfWork
from medvault.ports.transactions import Transaction
from medvault.ports.vault import MediaRecord

# Every statement takes a handful of rows by an index. Left to its statistics the planner prepares
# for the queue that was empty when they were made: by bitmaps, which visit every dead entry again
# and again, and by reading whole tables. Index scans visit a dead entry once.
_PLANS = ("bitmapscan", "seqscan", "hashjoin", "mergejoin", "material")
_OPTIONS = " ".join(
    [
        "-c statement_timeout=5000 -c idle_in_transaction_session_timeout=10000 -c jit=off",
        *(f"-c enable_{plan}=off" for plan in _PLANS),
    ]
)
_PASSING = {"40001", "40P01", "55P03", "57014"}  # serialization, deadlock, lock, statement time-out
_AWAY = {"25006"}  # read only: after a failover this is no longer the primary
_LINK = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}


def connect(url: str, *, pool_size: int = 4, options: str = _OPTIONS) -> Engine:
    """Make an engine; `url` is a libpq URL (postgresql://...).

    Without `options`, which limit statements, they may also take as long as they like.
    """
    time_limits.install()
    factory = {"connection_factory": time_limits.ImpatientConnection} if options else {}
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg2"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        pool_recycle=1800,
        hide_parameters=True,
        connect_args=_LINK | factory | {"options": options, "application_name": APPLICATION},
    )


class PostgresUnitOfWork:
    """The repositories of one transaction."""

    def __init__(self, connection: Connection, sealer: Sealer, index: BlindIndex) -> None:
        self._connection = connection
        self.conversations = PostgresConversations(connection, sealer, index)
        self.inbox = PostgresInbox(connection, sealer, index)
        self.outbox = PostgresOutbox(connection, sealer, index)
        self.media = PostgresMedia(connection, sealer)
        self.accounts = PostgresAccounts(connection)
        self.reports = PostgresReports(connection, sealer)
        self.timers = PostgresTimers(connection, self.inbox)
        self.audit = PostgresAudit(connection)
        self.dead_letters = PostgresDeadLetters(connection)
        self.desk = PostgresDesk(connection, sealer)
        self.depths = PostgresDepths(connection)
        self.dead_letter_records = PostgresDeadLetterRecords(connection, sealer)

    def open_vaults(self, held: Sequence[MediaRecord | Leased]) -> bool:
        """Open the vaults of work that an earlier transaction leased."""
        return open_vaults(self._connection, held)


class PostgresDatabase(Database):
    """Opens units of work on a pool of connections."""

    def __init__(self, engine: Engine, sealer: Sealer, index: BlindIndex) -> None:
        self._engine = engine
        self._sealer = sealer
        self._index = index

    @override
    @contextmanager
    def begin(self, name: Transaction) -> Iterator[UnitOfWork]:
        opened = self._engine.begin if name.writes else self._reading
        with translated(), opened() as connection:
            yield PostgresUnitOfWork(connection, self._sealer, self._index)
            failpoints.before(name)
        failpoints.after(name)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """Read without BEGIN and COMMIT, which are a round trip each.

        SQLAlchemy's own AUTOCOMMIT takes a round trip too, to set the session's isolation level.
        """
        with self._engine.connect() as connection:
            driver: Any = connection.connection.dbapi_connection
            driver.autocommit = True
            try:
                yield connection
            finally:
                if not driver.closed:
                    driver.autocommit = False

    @override
    def check(self) -> None:
        with translated(), self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into ours, without their texts: those may quote values.

    Where the login is turned away it is `Refused`.
    """
    try:
        yield
    except PoolTimeoutError:
        raise Unavailable("database") from None
    except (OperationalError, InterfaceError) as error:
        if getattr(error.orig, "pgcode", None) in _PASSING:
            raise Transient("the database gave up on a statement") from None
        raise refused(str(error.orig)) or Unavailable("database") from None
    except DBAPIError as error:
        code = getattr(error.orig, "pgcode", None)
        if error.connection_invalidated or code in _AWAY:
            raise Unavailable("database") from None
        raise DatabaseRefused(f"the database refused a statement: {code}") from None


class DatabaseRefused(Transient):
    """A statement failed for what it says, not for the database's state; named by SQLSTATE."""
