"""The reference of the message processor: aio-pika, asyncpg, one transaction a message.

It does for a message what medvault does: the same parsing, sealing, state machine and rows. It is
what one would write without batches: ten connections, each with a message at a time, prepared
statements, an update inserted as done already, no row-level policies and no wake-ups to others.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import aio_pika
import asyncpg
import uvloop
from aio_pika.abc import AbstractIncomingMessage

from load.queues import QUORUM, RAW
from medvault.adapters.postgres import codec
from medvault.application.effects.batch import Batch
from medvault.bootstrap.foundation import Foundation, secret
from medvault.domain.conversation.facts import Fact, Facts, wants
from medvault.domain.conversation.moment import Moment
from medvault.domain.conversation.router import advance
from medvault.domain.conversation.state import Conversation
from medvault.domain.identifiers import LaneId, PersonId, vault_of
from medvault.domain.identity import Contact, IdentityKind
from medvault.domain.outbound import Document, SendState
from medvault.domain.place import Place
from medvault.domain.reports import Report
from medvault.domain.updates import PendingUpdate, UpdateKind
from medvault.ports import Message
from medvault.ports.outbox import Letter
from medvault.ports.persistence import Claimed
from medvault.settings import load

PREFETCH = 256
CONNECTIONS = 10

_TAKE = """
INSERT INTO inbox (key, subject, kind, done_at, outcome)
VALUES ($1, $2, 'message', now(), 'handled') ON CONFLICT (key) DO NOTHING RETURNING seq
"""
_LOCK = "SELECT patient_id, version, sealed FROM conversations WHERE subject = $1 FOR UPDATE"
_PATIENT = "INSERT INTO patients (id) VALUES ($1)"
_CONVERSATION = """
INSERT INTO conversations (patient_id, subject) VALUES ($1, $2)
ON CONFLICT (subject) DO NOTHING RETURNING patient_id, version, sealed
"""
_SHELF = "SELECT id, sealed, scanned FROM reports WHERE patient_id = $1"
_SAVE = "UPDATE conversations SET version = version + 1, sealed = $2 WHERE patient_id = $1"
_SET_TIMER = """
INSERT INTO timers (patient_id, name, rings_at) VALUES ($1, $2, $3)
ON CONFLICT (patient_id, name) DO UPDATE SET rings_at = excluded.rings_at
"""
_FORGET = """
UPDATE identities SET valid_to = now()
WHERE valid_to IS NULL AND (patient_id = $1 OR blind_index = $2)
"""
_KNOW = "INSERT INTO identities (patient_id, kind, blind_index, sealed) VALUES ($1, $2, $3, $4)"
_SAY = """
INSERT INTO outbox (id, patient_id, subject, state, content, report_id, held_for, due_at)
VALUES ($1, $2, $3, $4, $5, $6, $7,
        CASE WHEN $7::uuid IS NULL THEN now() ELSE timestamptz 'infinity' END)
"""
_RECORD = "INSERT INTO audit (id, patient_id, action, report_id) VALUES ($1, $2, $3, $4)"
_FETCH = "INSERT INTO media (id, patient_id, sealed) VALUES ($1, $2, $3)"
_DISCARD = """
UPDATE media SET state = 'discarded', due_at = NULL
WHERE id = $1 AND state NOT IN ('filing', 'filed')
"""
_REPORT = """
WITH report AS (
    INSERT INTO reports (id, patient_id, scanned, sealed) VALUES ($1, $2, $4, $5)
)
INSERT INTO report_files (report_id, position, media_id, patient_id) VALUES ($1, 1, $3, $2)
"""
_FILE = """
UPDATE media SET state = 'filing', report_id = $2, attempts = 0, due_at = now()
WHERE id = $1 AND state = 'checked'
"""


class Step:
    """The whole step of one message at a time, on one connection."""

    def __init__(self, base: Foundation, connection: Any) -> None:
        self._connection = connection
        self._seal = base.sealer.seal
        self._open = base.sealer.open
        self._index = base.index
        self._reader = base.reader
        self._new_id = base.new_id

    async def take(self, body: bytes) -> None:
        """Do what a message asks for, once."""
        key, subject = UUID(bytes=body[:16]), LaneId(UUID(bytes=body[16:32]))
        async with self._connection.transaction():
            seq = await self._connection.fetchval(_TAKE, key, subject)
            if seq is not None:
                content = self._open(body[32:], Place.update(key, subject))
                message = self._reader.read_message(content)
                update = PendingUpdate(seq, UpdateKind.MESSAGE, content, 0)
                await self._converse(subject, update, message)

    async def _converse(self, subject: LaneId, update: PendingUpdate, message: Message) -> None:
        patient_id, version, sealed = await self._claim(subject)
        before = self._state(patient_id, sealed)
        contact = Contact(message.user_id, message.phone)
        now = datetime.now(UTC)
        moment = Moment(now, now.date(), self._new_id)
        wanted = wants(before, message.event, moment.lexicon)
        shelf = await self._shelf(patient_id) if Fact.SHELF in wanted else ()
        met = before if contact == before.contact else before._replace(contact=contact)
        state, effects = advance(met, message.event, moment, Facts(shelf))
        batch = Batch(self._new_id)
        claimed = Claimed(patient_id, subject, version, before, [update])
        batch.took(claimed, state, update, effects, message.wamid)
        if contact != before.contact:
            await self._know(patient_id, contact)
        if state != before:
            await self._save(patient_id, state)
        await self._write(batch)

    async def _claim(self, subject: LaneId) -> Any:
        row = await self._connection.fetchrow(_LOCK, subject)
        if row is not None:
            return row
        patient_id = self._new_id()
        await self._connection.execute(_PATIENT, patient_id)
        row = await self._connection.fetchrow(_CONVERSATION, patient_id, subject)
        return row or await self._connection.fetchrow(_LOCK, subject)

    def _state(self, patient_id: PersonId, sealed: bytes | None) -> Conversation:
        if sealed is None:
            return Conversation()
        clear = self._open(sealed, Place.state(patient_id))
        return codec.read(codec.conversation, clear)

    async def _shelf(self, patient_id: PersonId) -> Sequence[Report]:
        rows = await self._connection.fetch(_SHELF, patient_id)
        opened = [
            (id, self._open(sealed, Place.report(id, vault_of(patient_id))), scanned)
            for id, sealed, scanned in rows
        ]
        return [Report(id, codec.read(codec.details, clear), known) for id, clear, known in opened]

    async def _know(self, patient_id: PersonId, contact: Contact) -> None:
        named = ((IdentityKind.BSUID, contact.user_id), (IdentityKind.WA_ID, contact.phone))
        for kind, value in named:
            if value:
                index = LaneId(self._index(kind, value))
                sealed = self._seal(value.encode(), Place.identity(index, patient_id))
                await self._connection.execute(_FORGET, patient_id, index)
                await self._connection.execute(_KNOW, patient_id, kind, index, sealed)

    async def _save(self, patient_id: PersonId, state: Conversation) -> None:
        clear = codec.dump(codec.conversation_json(state))
        sealed = self._seal(clear, Place.state(patient_id))
        await self._connection.execute(_SAVE, patient_id, sealed)

    async def _write(self, batch: Batch) -> None:
        run = self._connection.execute
        for letter in batch.letters.written:
            await run(_SAY, *self._letter(letter))
        for media_id, patient_id, attachment in batch.files.fetches:
            clear = codec.dump(codec.attachment_json(attachment))
            place = Place.announcement(media_id, vault_of(patient_id))
            await run(_FETCH, media_id, patient_id, self._seal(clear, place))
        for media_id in batch.files.discards:
            await run(_DISCARD, media_id)
        for filing in batch.files.filings:
            (file,) = filing.files
            clear = codec.dump(codec.report_json(filing.report, filing.files))
            sealed = self._seal(clear, Place.report(filing.report.id, filing.vault_id))
            await run(
                _REPORT,
                filing.report.id,
                filing.vault_id,
                file.media_id,
                filing.report.scanned,
                sealed,
            )
            await run(_FILE, file.media_id, filing.report.id)
        for timer in batch.timers.wanted:
            await run(_SET_TIMER, *timer)
        for entry in batch.trail.entries:
            await run(_RECORD, entry.id, entry.vault_id, entry.action, entry.report_id)

    def _letter(self, letter: Letter) -> tuple[object, ...]:
        content = letter.content
        document = content if isinstance(content, Document) else None
        waits = document is not None or letter.held_for is not None
        clear = codec.dump(codec.letter_json(letter.to, content))
        return (
            letter.id,
            letter.patient_id,
            letter.subject,
            int(SendState.PREPARING if waits else SendState.QUEUED),
            self._seal(clear, Place.letter(letter.id, letter.patient_id)),
            document.report_id if document else None,
            letter.held_for,
        )


async def _work(
    base: Foundation, pool: Any, arrived: "asyncio.Queue[AbstractIncomingMessage]"
) -> None:
    async with pool.acquire() as connection:
        step = Step(base, connection)
        while True:
            message = await arrived.get()
            await step.take(message.body)
            await message.ack()


async def consume() -> None:
    """Consume until terminated."""
    settings = load("inbound")
    base = Foundation(settings)
    arrived: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    database = secret(settings.database_url)
    async with asyncpg.create_pool(database, min_size=CONNECTIONS, max_size=CONNECTIONS) as pool:
        connection = await aio_pika.connect_robust(secret(settings.broker_url))
        async with connection:
            channel = await connection.channel()
            await channel.set_qos(prefetch_count=PREFETCH)
            queue = await channel.declare_queue(RAW, durable=True, arguments=QUORUM)
            async with asyncio.TaskGroup() as tasks:
                for _ in range(CONNECTIONS):
                    tasks.create_task(_work(base, pool, arrived))
                await queue.consume(arrived.put)


if __name__ == "__main__":
    uvloop.run(consume())
