"""A service does what services do and nothing else; the audit can only be added to."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from medvault.domain.audit import Action, Entry
from medvault.domain.identifiers import vault_of
from support.vaults import Vault

FORBIDDEN = [
    "CREATE TABLE mine (id int)",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "DROP TABLE reports",
    "ALTER TABLE reports DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE audit DISABLE TRIGGER ALL",
    "DROP POLICY leased ON reports",
    "CREATE INDEX ON inbox (kind)",
    "UPDATE alembic_version SET version_num = '0'",
    "UPDATE patients SET created_at = now()",
    "SET session_replication_role = replica",
    "SET ROLE vault_owner",
    "CREATE ROLE another",
    "COPY patients TO PROGRAM 'cat'",
    "TRUNCATE audit",
    "UPDATE audit SET action = 'x'",
    "DELETE FROM audit",
    "UPDATE audit_links SET position = 1",
    "DELETE FROM audit_links",
    *(
        f"{verb} {table}"
        for verb in ("DELETE FROM", "TRUNCATE")
        for table in (
            *("patients", "identities", "conversations", "inbox", "outbox", "media", "reports"),
            "report_files",
        )
    ),
]


def refused(engine: Engine, statement: str) -> str:
    """The SQLSTATE that a statement is refused with."""
    with pytest.raises(DBAPIError) as refusal, engine.begin() as connection:
        connection.execute(text(statement))
    assert refusal.value.orig is not None
    return str(getattr(refusal.value.orig, "pgcode", None))


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_a_service_may_not(vault: Vault, statement: str) -> None:
    assert refused(vault.engine, statement) == "42501"


def test_a_service_is_bound_by_the_policies(vault: Vault) -> None:
    [[superuser, bypasses]] = vault.sql(
        "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'vault_app'"
    )
    assert (superuser, bypasses) == (False, False)
    owners = {
        owner
        for (owner,) in vault.sql("SELECT tableowner FROM pg_tables WHERE schemaname = 'public'")
    }
    assert owners == {"vault_owner"}


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET action = 'x'", "DELETE FROM audit", "TRUNCATE audit CASCADE"],
)
def test_not_even_the_owner_rewrites_the_audit(vault: Vault, statement: str) -> None:
    patient = vault.patient()
    with vault.database.begin() as work:
        work.audit.append(
            [Entry(vault.new_id(), vault_of(patient.patient_id), Action.REPORTS_LISTED)]
        )
    for engine in (vault.owner, vault.admin):
        assert refused(engine, statement) == "42501"
    assert vault.one("SELECT action FROM audit") == "reports.listed"
