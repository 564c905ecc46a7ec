"""Which login may do what: tables and columns by each process, and the leases that it may take."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, text

SERVICE_ROLE: Final = "medvault_service"
"""The role of a login that all processes share."""

_READ_OWNER = {"conversations": "SELECT (patient_id, subject, locked_at)"}
_NOTE = {"audit": "INSERT (id, patient_id, action, report_id, identity, note)"}
_ACCESS = {"access": "SELECT"}
_ALWAYS = {"alembic_version": "SELECT"}
_TICK = (
    "inbox_lag",
    "lanes_overdue",
    "lease_timers",
    "link_audit",
    "open_dead_letters",
    "statuses_overdue",
    "tell_conversation",
)
_RECEIVED = "INSERT (key, subject, kind, content)"


@dataclass(frozen=True, slots=True)
class Rights:
    """Privileges by table, as GRANT takes them, and functions by name.

    Policies let a login see and change only rows that it has leased.
    """

    tables: Mapping[str, str] = field(default_factory=dict)
    functions: tuple[str, ...] = ()


PROCESSES: Final[dict[str, Rights]] = {
    "medvault_api": Rights({**_ALWAYS, "inbox": _RECEIVED}),
    "medvault_inbound": Rights(
        {
            **_ALWAYS,
            **_NOTE,
            **_ACCESS,
            "accounts": "SELECT, INSERT, UPDATE",
            "conversations": "SELECT, UPDATE (version, sealed, locked_at)",
            "dead_letters": "SELECT, UPDATE (content, ended_at, ending)",
            "identities": "SELECT",
            "inbox": "SELECT, UPDATE, " + _RECEIVED,
            "media": "SELECT, INSERT, UPDATE",
            "outbox": "SELECT, INSERT, UPDATE",
            "report_files": "SELECT, INSERT",
            "reports": "SELECT, INSERT, UPDATE (state)",
            "timers": "SELECT, INSERT, UPDATE (rings_at)",
            "webhook_tries": "SELECT, DELETE",
        },
        (
            *_TICK,
            "bury_replies",
            "bury_state",
            "bury_updates",
            "bury_webhook",
            "climb_letters",
            "count_webhook",
            "inbound_depth",
            "know_identities",
            "lanes_with_reports",
            "lanes_waiting",
            "lease_conversations",
            "lease_dead_letter",
            "lease_patient",
            "lease_statuses",
            "link_lane",
            "list_dead_letters",
            "lock_out",
            "make_conversations",
            "media_depth",
            "outbound_depth",
            "refund_attempts",
        ),
    ),
    "medvault_media": Rights(
        {
            **_ALWAYS,
            **_NOTE,
            **_READ_OWNER,
            **_ACCESS,
            "media": "SELECT, UPDATE",
            "outbox": "SELECT, INSERT, UPDATE",
            "report_files": "SELECT",
            "reports": "SELECT, UPDATE (state, filed_at)",
        },
        (
            *_TICK,
            "bury_file",
            "bury_replies",
            "charge_account",
            "copied_files",
            "copy_is_stored",
            "file_is_stored",
            "files_are_swept",
            "hold_file",
            "judge_file",
            "lease_file",
            "lease_job",
            "lease_upload",
            "leftover_files",
            "open_file",
            "open_letters",
            "overdue_files",
            "postpone_file",
            "release_file",
            "state_for_file",
        ),
    ),
    "medvault_outbound": Rights(
        {
            **_ALWAYS,
            **_NOTE,
            **_READ_OWNER,
            **_ACCESS,
            "media": "SELECT (id, patient_id, kind, size)",
            "outbox": "SELECT, UPDATE",
            "report_files": "SELECT",
            "reports": "SELECT",
        },
        (
            *_TICK,
            "bury_replies",
            "hasten_letters",
            "lease_letters",
            "lock_out",
            "open_letters",
            "seconds_to_next_letter",
            "status_delays",
            "unheard_letters",
        ),
    ),
}
"""The rights of each process's login; the login that they share has all of them."""

_DESK = {
    "medvault_desk": Rights(
        {
            **_ALWAYS,
            **_NOTE,
            **_READ_OWNER,
            "joinings": "SELECT, UPDATE (approved_at)",
            "unjoinings": "SELECT, UPDATE (approved_at)",
            "unlockings": "SELECT, INSERT (id, patient_id, locked_since), UPDATE (approved_at)",
        },
        (
            "ask_joining",
            "ask_unjoining",
            "give_access",
            "lease_joining",
            "lease_patient",
            "lease_unjoining",
            "lease_unlocking",
            "left_in_joined",
            "lock_out",
            "tell_conversation",
        ),
    )
}

_RIGHTS = PROCESSES | _DESK
_KNOWN = text("SELECT rolname FROM pg_roles WHERE rolname = ANY (:roles)")
_OWN = text("""
SELECT 'TABLE', oid::regclass::text FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relowner = current_user::regrole
UNION ALL
SELECT 'FUNCTION', oid::regprocedure::text FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proowner = current_user::regrole
""")


def grant(connection: Connection, *, alone: bool) -> None:
    """Give each role that exists its rights, and none beside them.

    The shared login keeps what the release before needs until this one is `alone`.
    """
    known = set(connection.execute(_KNOWN, {"roles": [SERVICE_ROLE, *_RIGHTS]}).scalars())
    strict = sorted(known if alone else known - {SERVICE_ROLE})
    for kind, name in connection.execute(_OWN).all():
        public = ["PUBLIC"] if kind == "FUNCTION" else []
        held_by = ", ".join(public + strict)
        connection.exec_driver_sql(f"REVOKE ALL ON {kind} {name} FROM {held_by}")
    for role in sorted(known):
        for statement in _grants(role):
            connection.exec_driver_sql(statement)


def _grants(role: str) -> Iterator[str]:
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    for rights in [_RIGHTS[role]] if role in _RIGHTS else PROCESSES.values():
        for table, privileges in rights.tables.items():
            yield f"GRANT {privileges} ON public.{table} TO {role}"
        for function in ("opened", *rights.functions):
            yield f"GRANT EXECUTE ON FUNCTION public.{function} TO {role}"
