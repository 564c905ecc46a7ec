"""Each process's login may do what it needs, and sees nothing of any table without a lease."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from secrets import token_hex
from typing import Any, NamedTuple
from uuid import UUID

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege

from medvault.adapters.postgres.rights import PROCESSES, SERVICE_ROLE
from medvault.domain.audit import Action, Entry
from medvault.domain.conversation.timers import TimerName
from medvault.domain.dead_letters import DeadState, Failure, Reason
from medvault.domain.identifiers import LaneId, MediaId, ReportId, vault_of
from medvault.domain.media import Attachment
from medvault.domain.reports import Report, ReportDetails, ReportFile, ReportType
from medvault.ports.timers import Timer
from medvault.ports.vault import Filing, NewFile
from support.vaults import PASSWORD, Vault, as_user

OWNERS = {
    "patients": "id",
    "inbox": "subject",
    "dead_letters": "id",
    **dict.fromkeys(
        (
            *("identities", "conversations", "outbox", "media", "reports", "accounts"),
            *("audit", "audit_links", "unlockings", "joinings", "unjoinings", "timers"),
            "report_files",
            "access",
        ),
        "patient_id",
    ),
}
"""Each table that belongs to patients, and the column that says to whom."""
WITHOUT_POLICIES = {"alembic_version", "lease_secret", "status_delays", "webhook_tries"}
LEASES = {
    "medvault_inbound": "SELECT count(*) FROM lease_conversations(ARRAY[%(lane)s::uuid], 1, 32)",
    "medvault_media": "SELECT count(*) FROM lease_file(%(file)s::uuid, '60 s', '7 days')",
    "medvault_outbound": "SELECT count(*) FROM lease_letters(1, '1 s', '{1}', '1 s')",
    SERVICE_ROLE: "SELECT count(*) FROM lease_letters(1, '1 s', '{1}', '1 s')",
}
"""How a login opens the vault in which its oldest work is."""


class Busy(NamedTuple):
    """A vault with a row in each table, and work for each process."""

    patient: UUID
    lane: LaneId
    file: UUID


def busy(vault: Vault) -> Busy:
    """Fill a vault."""
    patient, file = vault.patient(), MediaId(vault.new_id())
    id, report = (
        patient.patient_id,
        Report(
            ReportId(vault.new_id()), ReportDetails(date(2026, 5, 2), "a place", ReportType.LAB)
        ),
    )
    with vault.database.begin() as work:
        work.media.add([NewFile(file, id, Attachment("handle", "application/pdf"))])
        work.reports.add([Filing(vault_of(id), report, (ReportFile(file),))])
        work.accounts.line_up([id])
        work.timers.set([Timer(id, TimerName.SESSION, datetime.now(UTC) + timedelta(hours=1))])
        work.audit.append([Entry(vault.new_id(), vault_of(id), Action.REPORTS_LISTED)])
        work.audit.link(10)
        work.dead_letters.bury_state(DeadState(id, 1, Failure(Reason.RAISED)))
    vault.post(vault.letter(patient))
    vault.receive(vault.message(patient.subject))
    vault.sql(
        "ALTER TABLE unlockings DISABLE TRIGGER USER;"
        "INSERT INTO unlockings VALUES (gen_random_uuid(), :id, now(), 'somebody', now());"
        "ALTER TABLE unlockings ENABLE TRIGGER USER;"
        "ALTER TABLE joinings DISABLE TRIGGER USER;"
        "INSERT INTO joinings VALUES (gen_random_uuid(), :id, :other, 'somebody', now());"
        "ALTER TABLE joinings ENABLE TRIGGER USER;"
        "INSERT INTO access VALUES (:id, :other, now(), NULL, '');"
        "ALTER TABLE unjoinings DISABLE TRIGGER USER;"
        "INSERT INTO unjoinings SELECT gen_random_uuid(), :id, id, 'somebody', now()"
        " FROM joinings WHERE patient_id = :id;"
        "ALTER TABLE unjoinings ENABLE TRIGGER USER",
        id=id,
        other=vault.patient().patient_id,
    )
    return Busy(id, patient.subject, file)


@pytest.fixture(params=[*PROCESSES, SERVICE_ROLE])
def login(vault: Vault, request: pytest.FixtureRequest) -> Iterator[tuple[str, Any]]:
    """A process's role, or that of all, and a session of a login with its rights."""
    name = f"login_{token_hex(6)}"
    with vault.admin.begin() as admin:
        admin.exec_driver_sql(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
        admin.exec_driver_sql(f"GRANT {request.param} TO {name}")
    session = psycopg2.connect(as_user(vault.url, name))
    yield request.param, session
    session.close()
    with vault.admin.begin() as admin:
        admin.exec_driver_sql(f"DROP ROLE {name}")


def seen(session: Any, table: str) -> set[UUID]:
    """The owners whose rows of a table a session sees: none where it may not even look."""
    with session.cursor() as cursor:
        cursor.execute("SAVEPOINT here")
        try:
            cursor.execute(f"SELECT {OWNERS[table]}::text FROM {table}")
            return {UUID(owner) for (owner,) in cursor}
        except InsufficientPrivilege:
            cursor.execute("ROLLBACK TO here")
            return set()


def test_each_login_sees_what_it_has_leased_and_nothing_before(
    vault: Vault, login: tuple[str, Any]
) -> None:
    role, session = login
    mine, theirs = busy(vault), busy(vault)
    everybody = {mine.patient, mine.lane, theirs.patient, theirs.lane}
    for table, column in OWNERS.items():
        owners = vault.sql(f"SELECT {column} FROM {table}")
        assert {mine.patient, mine.lane} & {owner for (owner,) in owners}, table
        assert not seen(session, table), table
    if role in LEASES:
        with session.cursor() as cursor:
            cursor.execute(LEASES[role], {"lane": str(mine.lane), "file": str(mine.file)})
            assert cursor.fetchone() == (1,)
        opened = {table: seen(session, table) & everybody for table in OWNERS}
        assert set().union(*opened.values()) <= {mine.patient, mine.lane}
        assert mine.patient in opened["reports"] & opened["report_files"]
        session.rollback()
        assert not any(seen(session, table) for table in OWNERS)


def test_every_table_of_patients_has_row_level_security(vault: Vault) -> None:
    tables = dict(
        vault.sql("""
            SELECT relname, relrowsecurity FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        """)
    )
    assert {name for name, secured in tables.items() if not secured} == WITHOUT_POLICIES
    assert set(tables) - WITHOUT_POLICIES - {"audit_unlinked"} == set(OWNERS)


def test_each_role_has_the_rights_that_are_written_down_and_no_other(vault: Vault) -> None:
    for role, rights in PROCESSES.items():
        functions = vault.sql(
            """
            SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            AND has_function_privilege(:role, oid, 'EXECUTE')
            """,
            role=role,
        )
        assert {name for (name,) in functions} == {"opened", *rights.functions}, role
        tables = vault.sql(
            """
            SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
            AND relkind = 'r' AND has_any_column_privilege(:role, oid,
                'SELECT, INSERT, UPDATE, REFERENCES')
            """,
            role=role,
        )
        assert {name for (name,) in tables} == set(rights.tables), role


def test_nobody_but_the_owner_makes_what_a_lease_is_proved_with(
    vault: Vault, login: tuple[str, Any]
) -> None:
    _, session = login
    for forbidden in ("TABLE lease_secret", "SELECT lease_claim('{}')", "SELECT open_rows('{}')"):
        with session.cursor() as cursor, pytest.raises(InsufficientPrivilege):
            cursor.execute(forbidden)
        session.rollback()
    assert vault.one("SELECT length(secret) FROM lease_secret") == 32
