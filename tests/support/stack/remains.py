"""The remains of a conversation: rows and objects, as an auditor finds them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from medvault.adapters.crypto.blind_index import KeyedIndex
from medvault.adapters.crypto.keyring import KeyRing
from medvault.adapters.crypto.values import ValueSealer
from medvault.adapters.postgres.conversations import StateSealer
from medvault.adapters.postgres.engine import PostgresDatabase, connect
from medvault.domain.identifiers import LaneId, MediaId, PersonId, ReportId
from medvault.ports.persistence import Claimed
from medvault.ports.transactions import Transaction
from support.deadlines import earlier_by, session_timer
from support.servers.s3 import Bucket
from support.servers.waiting import wait_until
from support.stack.environment import Keys
from support.stack.phone import Phone
from support.stack.tables import Tables

UNFINISHED = """
SELECT 'inbox ' || kind FROM inbox WHERE done_at IS NULL
UNION ALL SELECT 'media ' || state FROM media WHERE due_at IS NOT NULL
UNION ALL SELECT 'outbox ' || state FROM outbox WHERE state < 40
UNION ALL SELECT 'incoming' FROM media
    WHERE in_incoming AND state IN ('filed', 'refused', 'discarded')
UNION ALL SELECT 'audit' FROM audit_unlinked
"""


class Vault:
    """The tables and the bucket of a stack, and the keys to them."""

    def __init__(self, tables: Tables, bucket: Bucket, keys: Keys) -> None:
        self.tables = tables
        self.bucket = bucket
        self._index = KeyedIndex.parse(keys.index)
        self._sealer = ValueSealer(KeyRing.parse(keys.ring))

    def patient(self, phone: Phone) -> PersonId:
        """The patient behind a phone."""
        return self._conversation(phone)[0]

    def audit(self, phone: Phone) -> list[str]:
        """The actions that the audit has of a phone's owner, in order."""
        return self.tables.column(
            "SELECT action FROM audit WHERE patient_id = %s ORDER BY id", str(self.patient(phone))
        )

    def reports(self, phone: Phone) -> list[ReportId]:
        """The ids of a phone's filed reports, oldest first."""
        ids = self.tables.column(
            "SELECT id FROM reports WHERE patient_id = %s AND state = 'filed' ORDER BY id",
            str(self.patient(phone)),
        )
        return [ReportId(UUID(id)) for id in ids]

    def media(self, phone: Phone) -> list[MediaId]:
        """The ids of the files that a phone sent, oldest first."""
        statement = "SELECT id FROM media WHERE patient_id = %s ORDER BY id"
        return [MediaId(UUID(id)) for id in self.tables.column(statement, str(self.patient(phone)))]

    def incoming(self, phone: Phone) -> list[str]:
        """Which of a phone's files still lie in `incoming/`."""
        files = {f"incoming/{id}" for id in self.media(phone)}
        keys = files | {f"{key}-copy" for key in files}
        return sorted(keys.intersection(self.bucket.keys()))

    def content(self, key: str) -> bytes:
        """An object as it rests."""
        found = self.bucket.store.client.get_object(Bucket=self.bucket.name, Key=key)
        return found["Body"].read()

    def kept(self) -> int:
        """How many updates were signed but not understood, and are kept for a person to look."""
        statement = "SELECT count(content) FROM inbox WHERE outcome = 'kept'"
        return int(self.tables.column(statement)[0])

    def missing(self, wamids: Sequence[str]) -> int:
        """How many of these messages were never taken in."""
        keys = [str(self._index("update", f"message|{wamid}")) for wamid in wamids]
        (found,) = self.tables.column(
            "SELECT count(*) FROM inbox WHERE key = ANY(%s::uuid[])", keys
        )
        return len(keys) - int(found)

    def lag(self) -> float:
        """The age in seconds of the oldest update that nobody has handled, 0 without one."""
        statement = (
            "SELECT max(extract(epoch FROM now() - due_at)) FROM inbox WHERE done_at IS NULL"
        )
        return float(self.tables.column(statement)[0] or 0)

    def unfinished(self) -> list[str]:
        """All work that still waits for somebody, anywhere."""
        return self.tables.column(UNFINISHED)

    def settle(self, seconds: float) -> None:
        """Waits until nothing waits any more."""
        try:
            wait_until(lambda: not self.unfinished(), seconds=seconds, what="the end of all work")
        except TimeoutError as late:
            raise AssertionError(f"{late}: {self.unfinished()}") from None

    def let_time_pass(self, phone: Phone, time: timedelta) -> None:
        """Moves the deadline of a phone's open question by `time` into the past."""
        patient_id, subject = self._conversation(phone)
        engine = connect(self.tables.owner_url)
        database = PostgresDatabase(engine, self._sealer, self._index)
        statement = "SELECT version, sealed FROM conversations WHERE patient_id = %s"
        ((version, sealed),) = self.tables.rows(statement, str(patient_id))
        with database.begin(Transaction.CONVERSE) as work:
            state = StateSealer(self._sealer).open(patient_id, bytes(sealed))
            assert state is not None
            earlier = earlier_by(time, state)
            claimed = Claimed(patient_id, subject, version, state, ())
            work.conversations.save([(claimed, earlier)])
            work.timers.set([session_timer(patient_id, earlier)])
        engine.dispose()

    def _conversation(self, phone: Phone) -> tuple[PersonId, LaneId]:
        subject = str(self._index("bsuid", phone.user_id))
        statement = "SELECT patient_id::text, subject::text FROM conversations WHERE subject = %s"
        ((patient_id, subject),) = self.tables.rows(statement, subject)
        return PersonId(UUID(patient_id)), LaneId(UUID(subject))
