"""A look into the database: the rows that were written, and in what time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg2

from support.servers.waiting import wait_until

WRITTEN = (
    *("inbox", "conversations", "patients", "outbox", "audit", "media", "reports"),
    "report_files",
)


@dataclass(frozen=True, slots=True)
class Span:
    """Messages whose step was committed, and the seconds from the first to the last of them."""

    messages: int
    seconds: float

    @property
    def per_second(self) -> float:
        """The first transaction's messages lie before the span."""
        return self.messages / self.seconds


class Tables:
    """The tables of a database, seen by their owner."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = psycopg2.connect(url)
        self._connection.autocommit = True

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        (count,) = self._one(f"SELECT count(*) FROM {table}")
        return int(count)

    def counts(self) -> Mapping[str, int]:
        """The rows of all tables that a message may write to."""
        return {table: self.rows(table) for table in WRITTEN}

    def pending(self, up_to: int = 2**63 - 1) -> int:
        """How many updates, none newer than `up_to`, have not had their effect."""
        (count,) = self._one(f"SELECT count(*) FROM inbox WHERE done_at IS NULL AND seq <= {up_to}")
        return int(count)

    def wait_for_all(self, seq: int) -> None:
        """Wait until so many updates came, and all have had their effect."""
        wait_until(
            lambda: self.last_seq() >= seq and self.pending() == 0,
            seconds=60,
            what="the effect of every message",
        )

    def forget_replies(self) -> None:
        """Remove all replies, whether sent or not."""
        self._run("TRUNCATE outbox")

    def clear_inbox(self) -> None:
        """Remove all updates."""
        self._run("TRUNCATE inbox")

    def calm(self) -> None:
        """Have all replies read by their recipients, and no patient's time run out today."""
        self._run("UPDATE outbox SET state = 60, due_at = now() WHERE state < 40")
        self._run("UPDATE timers SET rings_at = rings_at + interval '1 day'")

    def replies_to_send(self) -> int:
        """How many replies are not accepted yet."""
        (count,) = self._one("SELECT count(*) FROM outbox WHERE state IN (10, 20, 30)")
        return int(count)

    def checkpoint(self) -> None:
        """Write all that is changed."""
        self._run("CHECKPOINT")

    def settle(self) -> None:
        """Do now what PostgreSQL would do in the middle of a round."""
        self._run("VACUUM ANALYZE")
        self._run("CHECKPOINT")

    def handled_after(self, seq: int) -> int:
        """How many updates behind `seq` have had their effect."""
        (count,) = self._one(
            f"SELECT count(*) FROM inbox WHERE seq > {seq} AND outcome = 'handled'"
        )
        return int(count)

    def handled(self, keys: Sequence[UUID]) -> int:
        """How many of the updates with these keys have had their effect."""
        with self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM inbox WHERE outcome = 'handled' "
                "AND key = ANY (CAST(%s AS uuid[]))",
                [[str(key) for key in keys]],
            )
            (count,) = cursor.fetchone() or (0,)
            return int(count)

    def reset_media(self, state: str) -> Sequence[UUID]:
        """Put all files back to `wanted` or to `stored`, due now; returns them."""
        self._run(
            f"UPDATE media SET state = '{state}', verdict = NULL, attempts = 0, due_at = now(), "
            f"held_until = NULL, kind = CASE '{state}' WHEN 'stored' THEN kind END"
        )
        (ids,) = self._one("SELECT array_agg(CAST(id AS text)) FROM media")
        return [UUID(id) for id in ids]

    def checked_files(self) -> int:
        """How many files have passed their checks."""
        (count,) = self._one("SELECT count(*) FROM media WHERE state = 'checked'")
        return int(count)

    def commits_after(self, seq: int) -> Mapping[UUID, float]:
        """When the effects of the updates behind `seq` were committed: Unix time, by key."""
        with self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT CAST(key AS text), extract(epoch FROM pg_xact_commit_timestamp(xmin)) "
                "FROM inbox WHERE seq > %s AND outcome = 'handled'",
                [seq],
            )
            return {UUID(key): float(at) for key, at in cursor.fetchall()}

    def last_seq(self) -> int:
        """The newest update's place."""
        (seq,) = self._one("SELECT coalesce(max(seq), 0) FROM inbox")
        return int(seq)

    def span_after(self, seq: int) -> Span:
        """When the updates behind `seq` were handled.

        `done_at` is when a transaction began, so the last one's rows lie behind the span.
        """
        count, seconds = self._one(
            f"""
            WITH done AS (SELECT done_at FROM inbox WHERE seq > {seq} AND outcome = 'handled'),
            ends AS (SELECT min(done_at) AS first, max(done_at) AS last FROM done)
            SELECT count(*) FILTER (WHERE done_at < last),
                   extract(epoch FROM max(last) - min(first))
            FROM done, ends
            """
        )
        return Span(int(count), float(seconds))

    def _one(self, query: str) -> tuple[Any, ...]:
        with self._connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
        assert row is not None
        return row

    def _run(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
