"""A look into the database: what was written, and in what time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg2

WRITTEN = ("inbox", "conversations", "patients", "outbox", "audit", "media", "reports")


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

    def clear_inbox(self) -> None:
        """Remove all updates."""
        self._run("TRUNCATE inbox")

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
