"""A database of many years: patients and reports, with all rows that their making left behind."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg2

from load.rounds import progress

# A number's ids: version 7 UUIDs in the order of the numbers, as medvault makes them, and random
# ones for keys and digests. Sealed columns have the lengths that they have in earnest.
_NAMES = """
CREATE FUNCTION pg_temp.mixed(kind text, n bigint) RETURNS text IMMUTABLE LANGUAGE sql
RETURN md5(kind || CAST(n AS text));
CREATE FUNCTION pg_temp.made(kind text, n bigint, step bigint) RETURNS uuid IMMUTABLE LANGUAGE sql
RETURN (lpad(to_hex({start} + n * step), 12, '0') || '7'
        || substr(pg_temp.mixed(kind, n), 1, 3) || '8'
        || substr(pg_temp.mixed(kind, n), 4, 15))::uuid;
CREATE FUNCTION pg_temp.digest(kind text, n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql
RETURN pg_temp.mixed(kind, n)::uuid;
CREATE FUNCTION pg_temp.sealed(kind text, n bigint, length integer) RETURNS bytea
IMMUTABLE LANGUAGE sql
RETURN substr(decode(repeat(pg_temp.mixed(kind, n), length / 16 + 1), 'hex'), 1, length);
CREATE FUNCTION pg_temp.since(n bigint, step bigint) RETURNS timestamptz IMMUTABLE LANGUAGE sql
RETURN to_timestamp(({start} + n * step) / 1000.0);
"""
_PATIENTS = {
    "patients": """
        INSERT INTO patients (id, created_at)
        SELECT pg_temp.made('p', n, {p}), pg_temp.since(n, {p})
        FROM generate_series(1::bigint, {patients}) n
    """,
    "conversations": """
        INSERT INTO conversations (patient_id, subject, version, sealed)
        SELECT pg_temp.made('p', n, {p}), pg_temp.digest('s', n), 40, pg_temp.sealed('c', n, 280)
        FROM generate_series(1::bigint, {patients}) n
    """,
    "identities": """
        INSERT INTO identities (patient_id, kind, blind_index, sealed, valid_from)
        SELECT pg_temp.made('p', n, {p}), kind,
               pg_temp.digest(CASE kind WHEN 'bsuid' THEN 's' ELSE 'w' END, n),
               pg_temp.sealed(kind, n, 64), pg_temp.since(n, {p})
        FROM generate_series(1::bigint, {patients}) n, (VALUES ('bsuid'), ('wa_id')) k (kind)
    """,
}
# Report n is of patient n modulo their number: those of one patient lie years apart.
_REPORTS = {
    "media": """
        INSERT INTO media (id, patient_id, state, sealed, kind, size, verdict, report_id, due_at,
                           in_incoming, created_at)
        SELECT pg_temp.made('m', n, {r}), pg_temp.made('p', n % {patients} + 1, {p}), 'filed',
               pg_temp.sealed('m', n, 300), 'pdf', 100000 + n % 900000, 'clean',
               pg_temp.made('r', n, {r}), NULL, false, pg_temp.since(n, {r})
        FROM generate_series(1::bigint, {reports}) n
    """,
    "reports": """
        INSERT INTO reports (id, patient_id, state, scanned, sealed, created_at, filed_at)
        SELECT pg_temp.made('r', n, {r}), pg_temp.made('p', n % {patients} + 1, {p}), 'filed',
               true, pg_temp.sealed('r', n, 250), pg_temp.since(n, {r}), pg_temp.since(n, {r})
        FROM generate_series(1::bigint, {reports}) n
    """,
    "report_files": """
        INSERT INTO report_files (report_id, position, media_id, patient_id)
        SELECT pg_temp.made('r', n, {r}), 1, pg_temp.made('m', n, {r}),
               pg_temp.made('p', n % {patients} + 1, {p})
        FROM generate_series(1::bigint, {reports}) n
    """,
    "audit": """
        INSERT INTO audit (id, patient_id, action, report_id, at)
        SELECT pg_temp.made('a', n, {r}), pg_temp.made('p', n % {patients} + 1, {p}),
               'report.filed', pg_temp.made('r', n, {r}), pg_temp.since(n, {r})
        FROM generate_series(1::bigint, {reports}) n
    """,
    "audit_links": """
        INSERT INTO audit_links (patient_id, position, audit_id, hash, linked_at)
        SELECT pg_temp.made('p', p, {p}), turn, pg_temp.made('a', n, {r}),
               pg_temp.sealed('h', n, 32), pg_temp.since(n, {r})
        FROM generate_series(1::bigint, {patients}) p,
             generate_series(1::bigint, ({reports} - 1) / {patients} + 1) turn,
             LATERAL (SELECT (turn - 1) * {patients} + p - 1 AS n) numbered
        WHERE n BETWEEN 1 AND {reports}
    """,
    "inbox": """
        INSERT INTO inbox (key, subject, kind, received_at, due_at, done_at, outcome)
        SELECT pg_temp.digest(kind, n),
               CASE kind WHEN 'message' THEN pg_temp.digest('s', n % {patients} + 1)
                         ELSE '{lane}' END,
               kind, pg_temp.since(n, {r}), pg_temp.since(n, {r}), pg_temp.since(n, {r}), 'handled'
        FROM generate_series(1::bigint, {reports}) n, (VALUES ('message'), ('status')) k (kind)
    """,
    "outbox": """
        INSERT INTO outbox (id, patient_id, subject, state, content, due_at, leased_at, attempts,
                            wamid, created_at, changed_at)
        SELECT pg_temp.made('o', n, {o}), pg_temp.made('p', n % {patients} + 1, {p}),
               pg_temp.digest('s', n % {patients} + 1), 60, pg_temp.sealed('o', n, 280),
               pg_temp.since(n, {o}), pg_temp.since(n, {o}), 1, pg_temp.digest('o', n),
               pg_temp.since(n, {o}), pg_temp.since(n, {o})
        FROM generate_series(1::bigint, 2 * {reports}) n
    """,
}
TABLES = tuple(_PATIENTS | _REPORTS)
_SPAN = 190_000_000_000
"""Milliseconds over which all of it came to be: six years."""
_SETTINGS = """
SET session_replication_role = replica;
SET synchronous_commit = off;
SET maintenance_work_mem = '1GB';
SET max_parallel_maintenance_workers = 2
"""
_INDEXES = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
              pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = 'u' AND conrelid = ANY (%s::regclass[])
UNION ALL
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index i WHERE indrelid = ANY (%s::regclass[]) AND NOT indisprimary
AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""
# Patients who write today joined at any time: their rows lie among all others.
_MIXED = "CLUSTER conversations USING conversations_subject_key"


@dataclass(frozen=True, slots=True)
class Mass:
    """How much there is."""

    patients: int
    reports: int

    def fill(self, database: str, lane: str) -> None:
        """Add all of it to a migrated database, and leave this as autovacuum would."""
        with closing(psycopg2.connect(database)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(_SETTINGS)
            cursor.execute(_NAMES.format(start=int(time.time() * 1000) - _SPAN))
            cursor.execute(_INDEXES, [list(TABLES)] * 2)
            indexes = cursor.fetchall()
            _each(cursor, [drop for drop, _ in indexes])
            for table, statement in (_PATIENTS | _REPORTS).items():
                cursor.execute(statement.format(**self._numbers(), lane=lane))
                progress(f"growth: {cursor.rowcount:,} rows in {table}")
            _each(cursor, [make for _, make in indexes])
            progress(f"growth: {len(indexes)} indexes")
            cursor.execute(_MIXED)
            _each(cursor, [f"VACUUM (ANALYZE) {table}" for table in TABLES])
            cursor.execute("CHECKPOINT")

    def _numbers(self) -> dict[str, int]:
        return {
            "patients": self.patients,
            "reports": self.reports,
            "p": _SPAN // self.patients,
            "r": _SPAN // self.reports,
            "o": _SPAN // (2 * self.reports),
        }


def size(database: str) -> float:
    """Gigabytes that a database takes."""
    with closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database()) / 1e9")
        (found,) = cursor.fetchone() or (0,)
        return float(found)


def _each(cursor: Any, statements: Sequence[str]) -> None:
    for statement in statements:
        cursor.execute(statement)
