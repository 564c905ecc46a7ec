"""The clinic's desk: a trigger notes who asks and who approves, by their logins."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text
from typing_extensions import override

from medvault.adapters.postgres import codec
from medvault.domain.access import Role
from medvault.domain.identifiers import LaneId, PersonId, VaultId
from medvault.domain.place import Place
from medvault.ports import Sealer
from medvault.ports.desk import Asked, AskedOfJoining, Desk, LeftBehind

_LOGIN = text("""
SELECT session_user, EXISTS (
    SELECT FROM pg_roles r
    WHERE r.rolname = 'medvault_desk' AND pg_has_role(session_user, r.oid, 'MEMBER')
)
""")
_PATIENT = text("SELECT lease_patient(:identity)")
_LOCKED_AT = text("SELECT locked_at FROM conversations WHERE patient_id = :patient")
_ASK = text("""
INSERT INTO unlockings (id, patient_id, locked_since) VALUES (:id, :patient, :since)
""")
_ASKED = text("SELECT * FROM lease_unlocking(:id)")
_ASK_JOINING = text("SELECT ask_joining(:id, :patient, :phone)")
_ASKED_TO_JOIN = text("SELECT * FROM lease_joining(:id)")
_APPROVE_JOINING = text("UPDATE joinings SET approved_at = now() WHERE id = :id")
_GIVE_ACCESS = text("SELECT give_access(:id, :proof)")
_LEFT_BEHIND = text("SELECT unfiled, locked FROM left_in_joined(:id)")
_ASK_UNJOINING = text("SELECT patient_id, joined FROM ask_unjoining(:id, :phone)")
_ASKED_TO_UNJOIN = text("SELECT * FROM lease_unjoining(:id)")
_APPROVE_UNJOINING = text("UPDATE unjoinings SET approved_at = now() WHERE id = :id")
_APPROVE = text("UPDATE unlockings SET approved_at = now() WHERE id = :id")


class PostgresDesk(Desk):
    """The desk on the connection of a unit of work."""

    def __init__(self, connection: Connection, sealer: Sealer) -> None:
        self._connection = connection
        self._sealer = sealer

    @override
    def login(self) -> tuple[str, bool]:
        name, may = self._connection.execute(_LOGIN).one()
        return name, may

    @override
    def patient(self, identity: LaneId) -> PersonId | None:
        found: PersonId | None = self._connection.execute(_PATIENT, {"identity": identity}).scalar()
        return found

    @override
    def locked_at(self, patient_id: PersonId) -> datetime | None:
        found: datetime | None = self._connection.execute(
            _LOCKED_AT, {"patient": patient_id}
        ).scalar()
        return found

    @override
    def ask(self, id: UUID, patient_id: PersonId, locked_since: datetime) -> None:
        parameters = {"id": id, "patient": patient_id, "since": locked_since}
        self._connection.execute(_ASK, parameters)

    @override
    def asked(self, id: UUID) -> Asked | None:
        row = self._connection.execute(_ASKED, {"id": id}).one_or_none()
        return None if row is None else Asked(*row)

    @override
    def approve(self, id: UUID) -> None:
        self._connection.execute(_APPROVE, {"id": id})

    @override
    def ask_joining(self, id: UUID, patient_id: PersonId, phone: LaneId) -> VaultId | None:
        parameters = {"id": id, "patient": patient_id, "phone": phone}
        found: VaultId | None = self._connection.execute(_ASK_JOINING, parameters).scalar()
        return found

    @override
    def asked_to_join(self, id: UUID) -> AskedOfJoining | None:
        row = self._connection.execute(_ASKED_TO_JOIN, {"id": id}).one_or_none()
        return None if row is None else AskedOfJoining(*row)

    @override
    def approve_joining(self, id: UUID) -> None:
        self._connection.execute(_APPROVE_JOINING, {"id": id})

    @override
    def give_access(self, id: UUID, patient_id: PersonId, vault_id: VaultId, role: Role) -> None:
        place = Place.access(patient_id, vault_id)
        proof = self._sealer.seal(codec.dump(codec.access_json(role)), place)
        self._connection.execute(_GIVE_ACCESS, {"id": id, "proof": proof})

    @override
    def left_behind(self, id: UUID) -> LeftBehind:
        row = self._connection.execute(_LEFT_BEHIND, {"id": id}).one_or_none()
        return LeftBehind(0, locked=False) if row is None else LeftBehind(*row)

    @override
    def ask_unjoining(self, id: UUID, phone: LaneId) -> tuple[PersonId, VaultId] | None:
        row = self._connection.execute(_ASK_UNJOINING, {"id": id, "phone": phone}).one_or_none()
        return None if row is None else (row.patient_id, row.joined)

    @override
    def asked_to_unjoin(self, id: UUID) -> AskedOfJoining | None:
        row = self._connection.execute(_ASKED_TO_UNJOIN, {"id": id}).one_or_none()
        return None if row is None else AskedOfJoining(*row)

    @override
    def approve_unjoining(self, id: UUID) -> None:
        self._connection.execute(_APPROVE_UNJOINING, {"id": id})
