"""Dead letters: noted in the transaction of the last try, so that none dies without a word."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection, TextClause, text

from medvault.adapters.postgres import arrays
from medvault.domain.dead_letters import MAX_TRIES, DeadUpdate, Failure, Kind

# Who dies a second time, after a replay, lies there again.
_AGAIN = """
ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, reason = excluded.reason,
    error = excluded.error, attempts = excluded.attempts, began_at = excluded.began_at,
    died_at = now(), content = excluded.content, ended_at = NULL, ending = NULL
"""


def _buried(insert: str) -> TextClause:
    return text(insert + _AGAIN)


_UPDATES = _buried("""
WITH dead AS (
    SELECT * FROM unnest(CAST(:seqs AS bigint[]), CAST(:kinds AS text[]), CAST(:reasons AS text[]),
                         CAST(:errors AS text[]), CAST(:attempts AS smallint[]))
        AS d (seq, kind, reason, error, attempts)
), aside AS (
    UPDATE inbox i SET done_at = now(), attempts = d.attempts,
        outcome = CASE d.kind WHEN 'kept' THEN 'kept' ELSE 'dead' END
    FROM dead d WHERE i.seq = d.seq
    RETURNING i.key, d.kind, d.reason, d.error, d.attempts, i.received_at
)
INSERT INTO dead_letters (id, kind, reason, error, attempts, began_at)
SELECT * FROM aside
""")
_STATE = _buried("""
INSERT INTO dead_letters (id, kind, reason, error, attempts, began_at, content)
SELECT patient_id, 'conversation', :reason, :error, :attempts, now(), sealed FROM conversations
WHERE patient_id = :id
""")
_FILE = _buried("""
INSERT INTO dead_letters (id, kind, reason, error, attempts, began_at)
SELECT id, 'file', :reason, :error, :attempts, created_at FROM media
WHERE id = :id
""")
_REPLIES = _buried("""
INSERT INTO dead_letters (id, kind, reason, error, attempts, began_at)
SELECT o.id, 'reply', d.reason, d.error, o.attempts, o.created_at
FROM unnest(CAST(:ids AS uuid[]), CAST(:reasons AS text[]), CAST(:errors AS text[]))
    AS d (id, reason, error)
JOIN outbox o ON o.id = d.id AND o.state = 55
""")
_WEBHOOK = _buried("""
WITH tried AS (
    DELETE FROM webhook_tries WHERE id = :id RETURNING attempts
)
INSERT INTO dead_letters (id, kind, reason, error, attempts, began_at, content)
SELECT :id, 'webhook', :reason, :error, coalesce(least(min(attempts), :most), 0), now(), :content
FROM tried
""")
# What was handed over again has been tried before, uncounted.
_COUNT_WEBHOOK = text("""
INSERT INTO webhook_tries AS t (id, attempts)
SELECT :id, 2 WHERE NOT EXISTS (
    SELECT FROM dead_letters WHERE id = :id AND ended_at IS NULL
)
ON CONFLICT (id) DO UPDATE SET attempts = t.attempts + 1 RETURNING attempts
""")
_FORGET_WEBHOOK = text("DELETE FROM webhook_tries WHERE id = :id")
_OPEN = text("""
SELECT kind, count(*), extract(epoch FROM now() - min(died_at)) FROM dead_letters
WHERE ended_at IS NULL GROUP BY kind
""")


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

    def bury_state(self, patient_id: UUID, attempts: int, failure: Failure) -> None:
        """Keep a conversation's state as it is now, before another one takes its place."""
        parameters = {"id": patient_id, "attempts": attempts, **_words(failure)}
        self._connection.execute(_STATE, parameters)

    def bury_file(self, id: UUID, attempts: int, failure: Failure) -> None:
        """Note that a received file could not be taken into a vault."""
        parameters = {"id": id, "attempts": min(attempts, MAX_TRIES), **_words(failure)}
        self._connection.execute(_FILE, parameters)

    def bury_replies(self, failures: Mapping[UUID, Failure]) -> None:
        """Note which messages of the outbox could not be sent."""
        if failures:
            parameters = {"ids": arrays.uuids(failures), **_columns(list(failures.values()))}
            self._connection.execute(_REPLIES, parameters)

    def bury_webhook(self, id: UUID, sealed: bytes, failure: Failure) -> None:
        """Keep a sealed webhook of `intake`, of which nothing is stored yet."""
        parameters = {"id": id, "content": sealed, "most": MAX_TRIES, **_words(failure)}
        self._connection.execute(_WEBHOOK, parameters)

    def count_webhook(self, id: UUID) -> int | None:
        """Count a try of a webhook that was tried before; None for one that is buried already."""
        return self._connection.execute(_COUNT_WEBHOOK, {"id": id}).scalar_one_or_none()

    def forget_webhook(self, id: UUID) -> None:
        """Forget the tries of a webhook that is stored."""
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
