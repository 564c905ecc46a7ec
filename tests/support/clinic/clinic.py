"""The use cases of one process over a database, a folder and a cache of their own."""

import base64
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from medvault.adapters.crypto.keyring import KeyRing
from medvault.adapters.local.objects import FolderObjectStore
from medvault.adapters.local.sessions import MemorySessionCache
from medvault.adapters.postgres.conversations import StateSealer
from medvault.adapters.postgres.engine import PostgresDatabase, connect
from medvault.application.copies import Copies
from medvault.application.filing_cabinet import FilingCabinet
from medvault.application.isolation import Isolation
from medvault.application.maintenance import Maintenance
from medvault.application.media_service import MediaService
from medvault.application.retrieval import Retrieval
from medvault.bootstrap import foundation
from medvault.bootstrap.inbound import make_inbound
from medvault.bootstrap.maintenance import make_maintenance
from medvault.bootstrap.media import make_cabinet, make_session_view
from medvault.domain.conversation.state import Conversation
from medvault.domain.identifiers import LaneId, LetterId, MediaId, PersonId, ReportId
from medvault.domain.place import Place
from medvault.domain.quotas import Quotas
from medvault.ports import CachedSession, ObjectStore, Queue
from medvault.ports.persistence import Claimed
from medvault.ports.transactions import Transaction
from medvault.settings import Settings
from support.clinic import webhooks
from support.clinic.files import Judge, Shelf
from support.clinic.tables import ClinicTables
from support.clinic.wakers import RecordingWaker
from support.deadlines import earlier_by, session_timer
from support.graph import NUMBER, TOKEN
from support.vaults import OWNER, as_user


class Clinic:
    """Real adapters throughout; `source` and `examiner` do as they are told."""

    def __init__(self, tables: ClinicTables, folder: Path, whatsapp_url: str = "") -> None:
        self.tables = tables
        self.base = foundation.Foundation(_settings(tables.service_url, whatsapp_url))
        self.base.renew_formats()
        self.database = self.base.database
        self._owner = connect(as_user(tables.admin_url, OWNER))
        self.waker = RecordingWaker()
        self.cache = MemorySessionCache()
        self.store: ObjectStore = FolderObjectStore(folder)
        self.source = Shelf()
        self.examiner: Any = Judge()
        self.inbound = make_inbound(self.base, self.cache, self.waker)
        self._wamids = 0

    def close(self) -> None:
        """Gives all connections back."""
        self.base.close()
        self._owner.dispose()

    def subject(self, user_id: str) -> LaneId:
        """The subject of a BSUID."""
        return LaneId(self.base.index("bsuid", user_id))

    def receive(self, *bodies: bytes) -> None:
        """Puts webhooks into the inbox, in this order, and wakes nobody."""
        with self.database.begin(Transaction.RECORD_SPILLED) as work:
            for body in bodies:
                work.inbox.add(self.base.splitter.split(body))

    def hears(self, user_id: str, *said: str) -> None:
        """Receives texts and handles what they move."""
        self.receive(*(webhooks.text(user_id, self.wamid(), text) for text in said))
        self.inbound.handle([self.subject(user_id)])

    def gets_file(self, user_id: str, handle: str = "7") -> MediaId:
        """Receives a document and handles that; returns its media id."""
        self.receive(webhooks.document(user_id, self.wamid(), handle))
        self.inbound.handle([self.subject(user_id)])
        newest = "SELECT id FROM media WHERE patient_id = %s ORDER BY id DESC LIMIT 1"
        return MediaId(UUID(self.tables.one(newest, self.patient(user_id))))

    def wamid(self) -> str:
        """A fresh message id."""
        self._wamids += 1
        return f"wamid.{self._wamids}"

    def patient(self, user_id: str) -> PersonId:
        """The patient to whom a BSUID leads."""
        statement = "SELECT patient_id FROM conversations WHERE subject = %s"
        return PersonId(UUID(self.tables.one(statement, self.subject(user_id))))

    def media(self, **ports: Any) -> MediaService:
        """The media service; ports, `lease`, `lane` and `alone` may be others."""
        database, store = ports.get("database", self.database), ports.get("store", self.store)
        more = {name: ports[name] for name in ("lease", "lane") if name in ports}
        return MediaService(
            database,
            ports.get("source", self.source),
            store,
            self.base.files,
            ports.get("examiner", self.examiner),
            FilingCabinet(database, store, self.waker, self.base.new_id),
            Copies(database, store, self.base.files, ports.get("alone", lambda: self.base.alone)),
            make_session_view(self.base, self.cache),
            self.waker,
            **more,
        )

    def retrieval(self, **ports: Any) -> Retrieval:
        """The retrieval, over other ports if need be."""
        return Retrieval(
            ports.get("database", self.database),
            ports.get("source", self.source),
            ports.get("store", self.store),
            self.base.files,
            ports.get("examiner", self.examiner),
            self.waker,
            self.base.index,
            self.base.new_id,
        )

    def isolation(self, media: MediaService | None = None, at_once: int = 4) -> Isolation:
        """The isolation that a media worker's threads share."""
        files, documents = (media or self.media()).process, self.retrieval().process
        return Isolation(self.database, files, documents, at_once, self.waker, Quotas())

    def maintenance(self) -> Maintenance:
        """A worker's tick, with files."""
        cabinet = make_cabinet(self.base, self.store, self.waker)
        return make_maintenance(self.base, self.waker, inbound=self.inbound, cabinet=cabinet)

    def settle(self) -> None:
        """Does all that somebody was woken for, sending excepted."""
        while self._handle(self.waker.take(Queue.INBOUND), self.waker.take(Queue.MEDIA)):
            pass

    def _handle(self, subjects: Sequence[LaneId], files: Sequence[Any]) -> bool:
        self.inbound.handle(subjects)
        for id in files:
            if not self.media().process(id):
                self.retrieval().process(id)
        return bool(subjects or files)

    def files_report(self, user_id: str) -> ReportId:
        """Files a report; returns its id."""
        self.gets_file(user_id)
        self.settle()
        self.hears(user_id, "2 May 2019", "Apollo Clinic", "Lab test", "YES")
        self.settle()
        newest = "SELECT id FROM reports WHERE patient_id = %s ORDER BY id DESC LIMIT 1"
        return ReportId(UUID(self.tables.one(newest, self.patient(user_id))))

    def due(self) -> None:
        """Lets the time pass that anything waits for, all of a row at once."""
        earlier = "CASE WHEN due_at < 'infinity' THEN now() - interval '10 seconds' ELSE due_at END"
        more = {
            "inbox": "",
            "outbox": ", leased_at = leased_at - interval '1 minute'",
            "media": ", held_until = held_until - interval '1 minute'",
        }
        for table, also in more.items():
            self.tables.rows(f"UPDATE {table} SET due_at = {earlier}{also}")
        self.tables.rows("UPDATE inbox SET received_at = received_at - interval '10 seconds'")
        self.swept_files()

    def swept_files(self) -> list[MediaId | LetterId]:
        """The due files and documents that a tick finds; their patients are in line after it."""
        with self.database.begin(Transaction.FIND_FILES) as work:
            return list(work.accounts.overdue(256, 8))

    def past_policies(self) -> PostgresDatabase:
        """The database as its owner uses it, who needs no lease."""
        return PostgresDatabase(self._owner, self.base.sealer, self.base.index)

    def let_time_pass(self, user_id: str, time: timedelta) -> None:
        """Moves the deadline of an open question by `time` into the past."""
        patient_id, state = self.patient(user_id), self.state(user_id)
        earlier = earlier_by(time, state)
        with self.past_policies().begin(Transaction.CONVERSE) as work:
            claimed = Claimed(patient_id, self.subject(user_id), 0, state, ())
            work.conversations.save([(claimed, earlier)])
            work.timers.set([session_timer(patient_id, earlier)])

    def speaks(self, user_id: str, language: str) -> None:
        """Has a conversation go on in the language of this code."""
        patient_id, state = self.patient(user_id), self.state(user_id)
        with self.past_policies().begin(Transaction.CONVERSE) as work:
            claimed = Claimed(patient_id, self.subject(user_id), 0, state, ())
            work.conversations.save([(claimed, state._replace(language=language))])

    def state(self, user_id: str) -> Conversation:
        """A conversation's state as it is stored."""
        patient_id = self.patient(user_id)
        row = self.tables.rows(
            "SELECT version, sealed FROM conversations WHERE patient_id = %s", patient_id
        )
        session = CachedSession(row[0][0], bytes(row[0][1]))
        state = StateSealer(self.base.sealer).open(patient_id, session.sealed)
        assert state is not None
        return state

    def said(self, user_id: str) -> list[str]:
        """The texts written to a patient, oldest first."""
        clear = self.opened_letters(f"patient_id = '{self.patient(user_id)}'")
        return [text for text in clear if '"typing"' not in text]

    def opened_letters(self, where: str = "true") -> list[str]:
        """The letters in the outbox, oldest first, as the JSON that is sealed."""
        select = f"SELECT id, patient_id, content FROM outbox WHERE {where} ORDER BY seq"
        return [
            self.base.sealer.open(
                bytes(content), Place.letter(LetterId(UUID(id)), PersonId(UUID(patient_id)))
            ).decode()
            for id, patient_id, content in self.tables.rows(select)
        ]

    def audit(self, user_id: str) -> list[str]:
        """The actions that the audit has of a patient."""
        return self.tables.column(
            "SELECT action FROM audit WHERE patient_id = %s ORDER BY id", self.patient(user_id)
        )

    def pending(self) -> list[int]:
        """The places of updates that wait."""
        return self.tables.column("SELECT seq FROM inbox WHERE done_at IS NULL ORDER BY seq")


def _settings(database_url: str, whatsapp_url: str) -> Settings:
    return Settings.model_validate(
        {
            "database_url": database_url,
            "keys": KeyRing.generate().to_text(),
            "index_key": base64.b64encode(os.urandom(32)).decode(),
            "whatsapp_base_url": whatsapp_url or "http://127.0.0.1:9",
            "whatsapp_phone_number_id": NUMBER,
            "whatsapp_token": TOKEN,
            "whatsapp_messages_per_second": 1000,
            "whatsapp_pair_seconds": 0,
        }
    )
