"""Reads the vault's side: the tables as their owner sees them, and the keys in the store."""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import boto3
import psycopg2
from botocore.config import Config
from psycopg2.extensions import connection
from psycopg2.extras import register_uuid

from chaos.checker.evidence import (
    AuditRow,
    InboxRow,
    LinkRow,
    MediaRow,
    OutboxRow,
    ReportRow,
    Tables,
)
from chaos.checker.sources import Bucket

Row = TypeVar("Row")

_INBOX = "SELECT seq, key, subject, kind, received_at, done_at, outcome FROM inbox ORDER BY seq"
_OUTBOX = """
SELECT id, seq, patient_id, subject, state, report_id, held_for, attempts, wamid, code, created_at
FROM outbox ORDER BY seq
"""
_MEDIA = """
SELECT id, patient_id, state, verdict, due_at IS NOT NULL, in_incoming, created_at,
    to_jsonb(media) ->> 'removed' IS NOT NULL
FROM media ORDER BY id
"""
_REPORTS = """
SELECT id, r.patient_id, state, array_agg(position), array_agg(media_id)
FROM reports r LEFT JOIN report_files ON report_id = id GROUP BY id ORDER BY id
"""
_AUDIT = "SELECT id, patient_id, action, report_id, at, identity, note FROM audit ORDER BY id"
_LANES = """
(SELECT blind_index, patient_id FROM identities WHERE kind = 'bsuid' ORDER BY id)
UNION ALL SELECT subject, patient_id FROM conversations
"""
_LINKS = """
SELECT patient_id, position, audit_id, hash FROM audit_links ORDER BY patient_id, position
"""


def read_tables(database_url: str) -> Tables:
    """All rows as of one moment."""
    with closing(psycopg2.connect(database_url)) as opened:
        opened.set_session(isolation_level="REPEATABLE READ", readonly=True)
        register_uuid(conn_or_curs=opened)  # type: ignore[no-untyped-call]
        return Tables(
            inbox=_rows(opened, _INBOX, InboxRow),
            outbox=_rows(opened, _OUTBOX, OutboxRow),
            media=_rows(opened, _MEDIA, MediaRow),
            reports=_rows(opened, _REPORTS, _report),
            audit=_rows(opened, _AUDIT, AuditRow),
            links=_rows(opened, _LINKS, _link),
            unlinked=frozenset(_rows(opened, "SELECT audit_id FROM audit_unlinked", _only)),
            lanes=dict(_rows(opened, _LANES, _pair)),
        )


def _rows(opened: connection, statement: str, make: Callable[..., Row]) -> list[Row]:
    with opened.cursor() as cursor:
        cursor.execute(statement)
        return [make(*values) for values in cursor]


def _report(id: Any, patient: Any, state: str, places: list[Any], media: list[Any]) -> ReportRow:
    return ReportRow(id, patient, state, dict(zip(places, media, strict=True)))


def _link(patient: Any, position: int, entry: Any, digest: memoryview) -> LinkRow:
    return LinkRow(patient, position, entry, bytes(digest))


def _only(value: Any) -> Any:
    return value


def _pair(subject: Any, patient: Any) -> tuple[Any, Any]:
    return subject, patient


def read_objects(store: Bucket | Path) -> frozenset[str]:
    """The keys of all objects, and of what a crash left half written in a folder."""
    if isinstance(store, Path):
        return frozenset(
            (Path(at) / name).relative_to(store).as_posix()
            for at, _, names in os.walk(store)
            for name in names
        )
    client = boto3.client(
        "s3",
        endpoint_url=store.endpoint,
        region_name=store.region,
        aws_access_key_id=store.access_key,
        aws_secret_access_key=store.secret_key,
        config=Config(s3={"addressing_style": "path"}),
    )
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=store.name)
    return frozenset(entry["Key"] for page in pages for entry in page.get("Contents", []))
