"""Somebody who writes into the database as they like, and has no key."""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from support.clinic.tables import ClinicTables

TABLES = (
    *("patients", "identities", "conversations", "inbox", "outbox", "media", "reports"),
    "report_files",
    *("audit", "audit_links", "audit_unlinked", "dead_letters", "webhook_tries"),
)
_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position
"""
Row = tuple[str, ...]


class Insider:
    """Edits single values at random; `undo` puts everything back as it was when this was made.

    Constraints hold, as they do for whoever writes; triggers and policies don't.
    """

    def __init__(self, tables: ClinicTables, files: Path, seed: int) -> None:
        self._connection = psycopg2.connect(tables.admin_url)
        self._connection.autocommit = True
        self._random = random.Random(seed)
        self._files = files
        self._objects = {path: path.read_bytes() for path in sorted(files.rglob("*-*"))}
        self._columns = {table: self._all(_COLUMNS, table) for table in TABLES}
        self._run("SET session_replication_role = replica")
        self._run("CREATE SCHEMA kept")
        for table in TABLES:
            self._run(f"CREATE TABLE kept.{table} AS TABLE public.{table}")
        # No edit adds a row or removes one.
        self._filled = [table for table in TABLES if self._rows(table)]

    def run(self, statement: str, values: Mapping[str, object]) -> None:
        """Does what they like."""
        with self._connection.cursor() as cursor:
            cursor.execute(statement, {name: str(value) for name, value in values.items()})

    def edit(self) -> None:
        """Swaps, copies or removes one value, or swaps two files."""
        if self._random.random() < 0.05:
            self._swap_files()
            return
        table = self._random.choice(self._filled)
        column = self._random.choice(self._columns[table])
        rows = self._random.choices(self._rows(table), k=2)
        self._try(self._random.choice(("swap", "copy", "remove")), table, column, rows)

    def undo(self) -> None:
        """Puts everything back."""
        removed = (f"DELETE FROM public.{table}" for table in reversed(TABLES))
        kept = (
            f"INSERT INTO public.{table} OVERRIDING SYSTEM VALUE TABLE kept.{table}"
            for table in TABLES
        )
        self._run("; ".join([*removed, *kept]))
        for path in set(self._files.rglob("*-*")) - set(self._objects):
            path.unlink()
        for path, content in self._objects.items():
            if path.read_bytes() != content:
                path.write_bytes(content)

    def close(self) -> None:
        """Forgets what was kept, and gives the connection back."""
        self._run("DROP SCHEMA kept CASCADE")
        self._connection.close()

    def _try(self, how: str, table: str, column: str, rows: list[Any]) -> None:
        one, other = rows
        values = {
            "swap": "CASE ctid WHEN {one} THEN (SELECT {column} FROM {table} WHERE ctid = {other}) "
            "ELSE (SELECT {column} FROM {table} WHERE ctid = {one}) END",
            "copy": "(SELECT {column} FROM {table} WHERE ctid = {other})",
            "remove": "NULL",
        }
        where = "ctid IN ({one}, {other})" if how == "swap" else "ctid = {one}"
        statement = sql.SQL(f"UPDATE {{table}} SET {{column}} = {values[how]} WHERE {where}")
        names = {"table": sql.Identifier("public", table), "column": sql.Identifier(column)}
        places = {"one": sql.Literal(one), "other": sql.Literal(other)}
        try:
            self._run(statement.format(**names, **places))
        except psycopg2.Error:
            return

    def _swap_files(self) -> None:
        one, other = self._random.sample(sorted(self._objects), k=2)
        first = one.read_bytes()
        one.write_bytes(other.read_bytes())
        other.write_bytes(first)

    def _rows(self, table: str) -> list[Any]:
        return self._all(f"SELECT ctid::text FROM public.{table} ORDER BY ctid")

    def _all(self, statement: str, *parameters: object) -> list[Any]:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)
            return [row[0] for row in cursor.fetchall()]

    def _run(self, statement: Any) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
