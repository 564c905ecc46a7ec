"""A database with the vault's schema, as its services, its owner and its administrator see it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import token_bytes
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

from alembic import command
from sqlalchemy import Connection, Engine, text

from medvault.adapters.crypto.blind_index import KeyedIndex
from medvault.adapters.crypto.keyring import KeyRing
from medvault.adapters.crypto.values import ValueSealer
from medvault.adapters.postgres import schema
from medvault.adapters.postgres.engine import PostgresDatabase, connect
from medvault.adapters.postgres.rights import SERVICE_ROLE
from medvault.adapters.postgres.schema import admit_service, migrate
from medvault.application.identifiers import UuidV7
from medvault.domain.conversation.state import Conversation
from medvault.domain.identifiers import LaneId, LetterId, PersonId
from medvault.domain.identity import Contact
from medvault.domain.outbound import Content
from medvault.domain.place import Place
from medvault.domain.replies import Reply
from medvault.domain.updates import SealedUpdate, UpdateKind
from medvault.ports import BlindIndex, CachedSession, Sealer
from medvault.ports.outbox import Letter
from medvault.ports.persistence import Claimed, UnitOfWork
from medvault.ports.transactions import Transaction
from support.servers.waiting import wait_until

OWNER, SERVICE, PASSWORD = "vault_owner", "vault_app", "pass word"

_OWNER = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') THEN
        CREATE ROLE {OWNER} LOGIN CREATEROLE PASSWORD '{PASSWORD}';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{SERVICE_ROLE}') THEN
        CREATE ROLE {SERVICE_ROLE} NOLOGIN;
    END IF;
    EXECUTE format('ALTER DATABASE %I OWNER TO {OWNER}', current_database());
END $$;
GRANT {SERVICE_ROLE} TO {OWNER} WITH ADMIN OPTION
"""


def as_user(url: str, user: str, password: str = PASSWORD) -> str:
    """The same database for another login."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{password.replace(' ', '%20')}@{place}"))


def owned(url: str) -> None:
    """Gives a database to an owner who is no superuser but may make roles."""
    with _engine(url) as admin, admin.begin() as connection:
        connection.execute(text(_OWNER))


def migrated(url: str) -> None:
    """Prepares a database as an administrator does: an owner, the schema, a service's login."""
    owned(url)
    with _engine(as_user(url, OWNER)) as owner:
        migrate(owner)
        admit_service(owner, SERVICE, PASSWORD)


def migrated_to(url: str, revision: str) -> None:
    """Prepares a database as a release left it whose newest step this is."""
    owned(url)
    with _engine(as_user(url, OWNER)) as owner:
        with owner.connect() as connection:
            upgrade(connection, revision)
        admit_service(owner, SERVICE, PASSWORD)


def upgrade(connection: Connection, revision: str) -> None:
    """Takes a database as far as a release took it."""
    config = schema._config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


@contextmanager
def _engine(url: str) -> Iterator[Any]:
    engine = connect(url, options="")
    try:
        yield engine
    finally:
        engine.dispose()


class OwnDatabase(PostgresDatabase):
    """One on which a test has transactions of its own: they need no name, and no lease.

    Those of the product are a service's.
    """

    def __init__(self, engine: Engine, owner: Engine, sealer: Sealer, index: BlindIndex) -> None:
        super().__init__(engine, sealer, index)
        self._owners = PostgresDatabase(owner, sealer, index)

    @contextmanager
    def begin(self, name: Transaction | None = None) -> Iterator[UnitOfWork]:
        """As the product does; without a name as the owner of the tables, whom no policy binds."""
        opened = super().begin(name) if name else self._owners.begin(Transaction.CONVERSE)
        with opened as work:
            yield work


class Vault:
    """One database; each of its workers can open the values that another one seals."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.service_url = as_user(url, SERVICE)
        self.sealer, self.index = ValueSealer(KeyRing.generate()), KeyedIndex(token_bytes(32))
        self.new_id = UuidV7()
        self.admin = connect(url, options="")
        self.owner = connect(as_user(url, OWNER), options="")
        self._engines = [self.admin, self.owner]
        self.database = self.worker()

    def worker(self, pool_size: int = 4) -> OwnDatabase:
        """Another process's view: the service's login with a pool of its own."""
        self.engine = connect(self.service_url, pool_size=pool_size)
        owner = connect(as_user(self.url, OWNER), pool_size=pool_size)
        self._engines += [self.engine, owner]
        return OwnDatabase(self.engine, owner, self.sealer, self.index)

    def close(self) -> None:
        """Closes all connections."""
        for engine in self._engines:
            engine.dispose()

    def sql(self, statement: str, **parameters: object) -> list[tuple[Any, ...]]:
        """Runs a statement as the owner of the tables, whom no policy binds."""
        with self.owner.begin() as connection:
            result = connection.execute(text(statement), parameters)
            return [tuple(row) for row in result] if result.returns_rows else []

    def one(self, statement: str, **parameters: object) -> Any:
        """The only value of the only row."""
        [[value]] = self.sql(statement, **parameters)
        return value

    def blocked(self, sessions: int = 1) -> None:
        """Waits until that many sessions of this database wait for a lock."""
        statement = text("""
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
        """)

        def enough() -> bool:
            with self.admin.connect() as connection:
                return int(connection.execute(statement).scalar_one()) >= sessions

        wait_until(enough, seconds=5, what=f"{sessions} sessions waiting for a lock")

    def session(self, patient_id: PersonId) -> CachedSession | None:
        """The state that is stored of a patient, if there is one."""
        statement = "SELECT version, sealed FROM conversations WHERE patient_id = :id"
        [[version, sealed]] = self.sql(statement, id=patient_id) or [(0, None)]
        return CachedSession(version, bytes(sealed)) if sealed else None

    def message(
        self, subject: LaneId, said: str = "hello", key: UUID | None = None
    ) -> SealedUpdate:
        """A message as the api seals it; `said` is its whole content."""
        key = key or uuid4()
        sealed = self.sealer.seal(said.encode(), Place.update(key, subject))
        return SealedUpdate(key, subject, UpdateKind.MESSAGE, sealed)

    def receive(self, *updates: SealedUpdate) -> None:
        """Commits updates to the inbox."""
        with self.database.begin() as work:
            work.inbox.add(updates)

    def subject(self, contact: Contact) -> LaneId:
        """The subject that a contact's messages come under."""
        return LaneId(self.index(*contact.identity))

    def patient(self, contact: Contact | None = None) -> Claimed:
        """A patient who wrote once and was handled, as a worker does it."""
        contact = contact or Contact(f"BS.{uuid4().hex}", None)
        subject = self.subject(contact)
        self.receive(self.message(subject))
        with self.database.begin() as work:
            [claimed] = work.conversations.claim([subject], self.new_id)
            work.conversations.save([(claimed, Conversation(contact=contact))])
            work.inbox.finish([update.seq for update in claimed.pending], "handled")
        return claimed

    def letter(self, patient: Claimed, content: Content | None = None, **more: Any) -> Letter:
        """A message to a patient."""
        content = content or Reply("hello")
        to = Contact("BS.somebody", None)
        return Letter(
            LetterId(self.new_id()), patient.patient_id, patient.subject, to, content, **more
        )

    def post(self, *letters: Letter) -> None:
        """Commits letters to the outbox."""
        with self.database.begin() as work:
            work.outbox.add(letters)

    def later(self, table: str, seconds: float, where: str = "true") -> None:
        """Lets time pass for rows: every time in them moves into the past."""
        columns = {
            "outbox": ("due_at", "leased_at", "created_at", "changed_at", "doubted_at"),
            "inbox": ("due_at", "received_at", "done_at"),
            "media": ("due_at", "held_until", "created_at"),
            "conversations": ("deadline",),
            "accounts": ("files_until", "bytes_until", "cpu_until", "held_back_at"),
        }[table]
        moved = ", ".join(f"{name} = {name} - interval '{seconds} seconds'" for name in columns)
        self.sql(f"UPDATE {table} SET {moved} WHERE {where}")


@contextmanager
def transaction(database: OwnDatabase) -> Iterator[tuple[UnitOfWork, Callable[[], None]]]:
    """A unit of work with a function that commits it before the block ends."""
    opened = database.begin()
    work = opened.__enter__()
    ended = False

    def commit() -> None:
        nonlocal ended
        ended = True
        opened.__exit__(None, None, None)

    try:
        yield work, commit
    finally:
        if not ended:
            commit()
