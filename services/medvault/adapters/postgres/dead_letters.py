"""Dead letters: noted in the transaction of the last try, so that none dies without a word."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, text

from medvault.adapters.postgres import arrays
from medvault.domain.dead_letters import MAX_ATTEMPTS, DeadState, DeadUpdate, Failure, Kind
from medvault.domain.identifiers import LetterId, MediaId

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


class PostgresDeadLetters:
    """Takes in what died, on the connection of a unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def bury_updates(self, dead: Sequence[DeadUpdate]) -> None:
        """Set inbox rows aside, with their content."""
        if dead:
            parameters = {
                "seqs": arrays.numbers([one.seq for one in dead]),
                "kinds": arrays.words([one.kind for one in dead]),
                "attempts": arrays.numbers([one.attempts for one in dead]),
                **_columns([one.failure for one in dead]),
            }
            self._connection.execute(_UPDATES, parameters)

    def bury_state(self, dead: DeadState) -> None:
        """Keep a conversation's state as it is now, before another one takes its place."""
        parameters = {"id": dead.patient_id, "attempts": dead.attempts, **_words(dead.failure)}
        self._connection.execute(_STATE, parameters)

    def bury_file(self, id: MediaId, attempts: int, failure: Failure) -> None:
        """Note that a received file could not be taken into a vault."""
        parameters = {"id": id, "attempts": min(attempts, MAX_ATTEMPTS), **_words(failure)}
        self._connection.execute(_FILE, parameters)

    def bury_replies(self, failures: Mapping[LetterId, Failure]) -> None:
        """Note which messages of the outbox could not be sent."""
        if failures:
            parameters = {"ids": arrays.uuids(failures), **_columns(list(failures.values()))}
            self._connection.execute(_REPLIES, parameters)

    def bury_webhook(self, id: UUID, sealed: bytes, failure: Failure) -> None:
        """Keep a sealed webhook of `intake`, of which nothing is stored yet."""
        parameters = {"id": id, "content": sealed, "most": MAX_ATTEMPTS, **_words(failure)}
        self._connection.execute(_WEBHOOK, parameters)

    def count_webhook(self, id: UUID) -> int | None:
        """Count a try of a webhook that was tried before; None for one that is buried already."""
        return self._connection.execute(_COUNT_WEBHOOK, {"id": id}).scalar_one_or_none()

    def forget_webhook(self, id: UUID) -> None:
        """Forget the attempts of a webhook that is stored."""
        self._connection.execute(_FORGET_WEBHOOK, {"id": id})

    def open_by_kind(self) -> Mapping[str, tuple[int, float]]:
        """Return how many nobody has dealt with, and the oldest one's age in seconds."""
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
