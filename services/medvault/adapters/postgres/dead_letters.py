"""Dead letters: noted in the transaction of the last try, so that none dies without a word."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, text
from typing_extensions import override

from medvault.adapters.postgres import arrays
from medvault.domain.dead_letters import MAX_ATTEMPTS, DeadState, DeadUpdate, Failure, Kind
from medvault.domain.identifiers import LetterId, MediaId
from medvault.ports.dead_letters import DeadLetters

_UPDATES = text("""
SELECT bury_updates(CAST(:seqs AS bigint[]), CAST(:kinds AS text[]), CAST(:reasons AS text[]),
                    CAST(:errors AS text[]), CAST(:attempts AS smallint[]))
""")
_STATE = text("SELECT bury_state(:id, :reason, :error, :attempts)")
_FILE = text("SELECT bury_file(:id, :reason, :error, :attempts)")
_REPLIES = text("""
SELECT bury_replies(CAST(:ids AS uuid[]), CAST(:reasons AS text[]), CAST(:errors AS text[]))
""")
_WEBHOOK = text("SELECT bury_webhook(:id, :reason, :error, :most, :content)")
_COUNT_WEBHOOK = text("SELECT count_webhook(:id)")
_FORGET_WEBHOOK = text("DELETE FROM webhook_tries WHERE id = :id")
_OPEN = text("SELECT * FROM open_dead_letters()")


class PostgresDeadLetters(DeadLetters):
    """Takes in what died, on the connection of a unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def bury_updates(self, dead: Sequence[DeadUpdate]) -> None:
        if dead:
            parameters = {
                "seqs": arrays.numbers([one.seq for one in dead]),
                "kinds": arrays.words([one.kind for one in dead]),
                "attempts": arrays.numbers([one.attempts for one in dead]),
                **_columns([one.failure for one in dead]),
            }
            self._connection.execute(_UPDATES, parameters)

    @override
    def bury_state(self, dead: DeadState) -> None:
        parameters = {"id": dead.patient_id, "attempts": dead.attempts, **_words(dead.failure)}
        self._connection.execute(_STATE, parameters)

    @override
    def bury_file(self, id: MediaId, attempts: int, failure: Failure) -> None:
        parameters = {"id": id, "attempts": min(attempts, MAX_ATTEMPTS), **_words(failure)}
        self._connection.execute(_FILE, parameters)

    @override
    def bury_replies(self, failures: Mapping[LetterId, Failure]) -> None:
        if failures:
            parameters = {"ids": arrays.uuids(failures), **_columns(list(failures.values()))}
            self._connection.execute(_REPLIES, parameters)

    @override
    def bury_webhook(self, id: UUID, sealed: bytes, failure: Failure) -> None:
        parameters = {"id": id, "content": sealed, "most": MAX_ATTEMPTS, **_words(failure)}
        self._connection.execute(_WEBHOOK, parameters)

    @override
    def count_webhook(self, id: UUID) -> int | None:
        return self._connection.execute(_COUNT_WEBHOOK, {"id": id}).scalar_one_or_none()

    @override
    def forget_webhook(self, id: UUID) -> None:
        self._connection.execute(_FORGET_WEBHOOK, {"id": id})

    @override
    def open_by_kind(self) -> Mapping[str, tuple[int, float]]:
        rows = self._connection.execute(_OPEN)
        known = set(Kind)
        return {kind: (count, float(age)) for kind, count, age in rows if kind in known}


def _words(failure: Failure) -> dict[str, str | None]:
    return {"reason": failure.reason, "error": failure.error}


def _columns(failures: Sequence[Failure]) -> dict[str, str]:
    return {
        "reasons": arrays.words(failure.reason for failure in failures),
        "errors": arrays.words(failure.error or "NULL" for failure in failures),
    }
