"""A backlog: patients in the middle of their conversations, and messages that wait."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from uuid import UUID

import psycopg2

from load import queues
from load.deployment import migrated, settings
from load.traffic import DOCUMENT, LONGEST, Schedule, said, webhook
from load.wrk import LoadError
from medvault.adapters.amqp.messages import wake_ups
from medvault.adapters.local.sessions import MemorySessionCache
from medvault.bootstrap.foundation import Foundation
from medvault.bootstrap.inbound import make_inbound
from medvault.domain.identifiers import LaneId, MediaId, PersonId
from medvault.domain.media import FileKind, Verdict
from medvault.domain.updates import SealedUpdate, UpdateKind
from medvault.ports import Queue
from medvault.ports.transactions import Transaction

_NOWHERE = "postgresql://nobody@127.0.0.1/nothing"
_AT_ONCE = 1000
_GROUP = 64
"""Updates that a group commit takes at 64 connections; their ids are woken together."""
_WANTED = "SELECT id, patient_id FROM media WHERE state = 'wanted'"


class Backlog:
    """Messages of many patients, of whom some are in the middle of filing a report."""

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        with foundation(_NOWHERE) as base:
            self.updates = _split(base, schedule.backlog())

    def prepare(self, database: str) -> None:
        """Bring a new database to where the backlog begins, by medvault's own means."""
        migrated(database)
        with foundation(database) as base:
            _handle(base, _split(base, self._schedule.preludes()))
            _handle(base, (), _pass_files(base, database))
            for step in range(LONGEST):
                _handle(base, _split(base, self._schedule.history(step)))

    def receive(self, database: str) -> None:
        """Write all messages into the inbox, in one transaction."""
        with foundation(database) as base:
            add(base, self.updates)

    def wake(self, broker: str) -> int:
        """Publish the wake-ups as the API does after its commits; returns their number."""
        groups = range(0, len(self.updates), _GROUP)
        bodies = [
            message.body
            for first in groups
            for message in wake_ups(
                Queue.INBOUND, [update.subject for update in self.updates[first : first + _GROUP]]
            )
        ]
        queues.publish(broker, queues.WAKE_UPS, bodies)
        return len(bodies)

    def raw(self) -> Iterator[bytes]:
        """The messages for the reference's queue: key, subject and sealed content."""
        for update in self.updates:
            yield update.key.bytes + update.subject.bytes + update.content


def announce(database: str, files: int) -> None:
    """Have so many patients of a new database each send a file, which nobody has fetched yet."""
    migrated(database)
    with foundation(database) as base:
        sent = [webhook(patient, patient, DOCUMENT) for patient in range(files)]
        _handle(base, _split(base, sent))


def greet(database: str, patients: int) -> None:
    """Have so many patients of a new database become known."""
    migrated(database)
    with foundation(database) as base:
        _handle(base, _split(base, [webhook(n, n, said("Hello")) for n in range(patients)]))


def keys(bodies: Iterable[bytes]) -> list[UUID]:
    """The keys under which webhooks of one message each come into the inbox."""
    with foundation(_NOWHERE) as base:
        return [base.splitter.split(body)[0].key for body in bodies]


class Unheard:
    """Wakes nobody: there is no worker yet."""

    def wake(self, queue: Queue, ids: Sequence[UUID]) -> None:
        """Forget it."""


@contextmanager
def foundation(database: str) -> Iterator[Foundation]:
    """The foundation of a process of medvault, in this one."""
    base = Foundation(settings(database, "amqp://127.0.0.1/"))
    try:
        yield base
    finally:
        base.close()


def _split(base: Foundation, bodies: Sequence[bytes]) -> list[SealedUpdate]:
    return [update for body in bodies for update in base.splitter.split(body)]


def add(base: Foundation, updates: Sequence[SealedUpdate]) -> None:
    """Write updates into the inbox, in one transaction."""
    with base.database.begin(Transaction.RECORD_SPILLED) as work:
        for first in range(0, len(updates), _AT_ONCE):
            work.inbox.add(updates[first : first + _AT_ONCE])


def _handle(
    base: Foundation, updates: Sequence[SealedUpdate], subjects: Sequence[LaneId] = ()
) -> None:
    add(base, updates)
    inbound = make_inbound(base, MemorySessionCache(), Unheard())
    inbound.handle([*subjects, *(update.subject for update in updates)])


def _pass_files(base: Foundation, database: str) -> list[LaneId]:
    """Tell the conversations that their files are clean, as a media worker does."""
    with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(_WANTED)
        wanted = [
            (MediaId(UUID(id)), PersonId(UUID(patient_id))) for id, patient_id in cursor.fetchall()
        ]
    if not wanted:
        raise LoadError("no file waits, so nobody would be in the middle of filing one")
    subjects = []
    for first in range(0, len(wanted), _GROUP):
        with base.database.begin(Transaction.REPORT_VERDICT) as work:
            for id, patient_id in wanted[first : first + _GROUP]:
                work.media.stored(id, FileKind.PDF, 48_000)
                work.media.checked(id, Verdict.CLEAN)
                told = {"media_id": str(id), "verdict": Verdict.CLEAN.value}
                subjects.append(work.inbox.tell(patient_id, UpdateKind.CHECKED, told))
    return subjects
