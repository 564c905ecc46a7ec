"""Dead letters with their reasons, and notes of what administrators do in the audit."""

from alembic import op

revision = "0004"
down_revision = "0003"
phase = "expand"

TABLES = """
CREATE TABLE dead_letters (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    reason text NOT NULL,
    error text,
    attempts smallint NOT NULL,
    began_at timestamptz NOT NULL,
    died_at timestamptz NOT NULL DEFAULT now(),
    content bytea,
    ended_at timestamptz,
    ending text CHECK (ending IN ('replayed', 'discarded'))
);
CREATE INDEX dead_letters_open ON dead_letters (kind, died_at) WHERE ended_at IS NULL;

CREATE TABLE webhook_tries (
    id uuid PRIMARY KEY,
    attempts smallint NOT NULL
);
"""

# Processes of the release before set rows aside without a word; until they are gone the database
# says it for them.
DEATHS = """
CREATE FUNCTION inbox_death_is_noted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dead_letters AS d (id, kind, reason, attempts, began_at)
    VALUES (NEW.key, 'update', 'unrecorded', NEW.attempts, NEW.received_at)
    ON CONFLICT (id) DO UPDATE SET reason = 'unrecorded', error = NULL, died_at = now(),
        attempts = NEW.attempts, ended_at = NULL, ending = NULL
    WHERE d.ended_at IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER inbox_death AFTER UPDATE OF outcome ON inbox
    FOR EACH ROW WHEN (NEW.outcome = 'dead') EXECUTE FUNCTION inbox_death_is_noted();
"""

# The release before gets no entries that it does not understand.
NOTES = """
ALTER TABLE audit ADD COLUMN note bytea;

CREATE OR REPLACE FUNCTION audit_to_link(most integer)
RETURNS TABLE (id uuid, patient_id uuid, action text, report_id uuid, at timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    SELECT a.id, a.patient_id, a.action, a.report_id, a.at
    FROM audit_unlinked u JOIN audit a ON a.id = u.audit_id
    WHERE a.note IS NULL
    ORDER BY a.at, a.id LIMIT most
$$;

CREATE FUNCTION audit_entries_to_link(most integer)
RETURNS TABLE (id uuid, patient_id uuid, action text, report_id uuid, at timestamptz, note bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    SELECT a.id, a.patient_id, a.action, a.report_id, a.at, a.note
    FROM audit_unlinked u JOIN audit a ON a.id = u.audit_id
    ORDER BY a.at, a.id LIMIT most
$$;
"""

GRANTS = """
REVOKE EXECUTE ON FUNCTION audit_entries_to_link(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_entries_to_link(integer) TO medvault_service;
GRANT SELECT, INSERT, UPDATE ON dead_letters TO medvault_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_tries TO medvault_service;
"""


def upgrade() -> None:
    for statements in (TABLES, DEATHS, NOTES, GRANTS):
        op.execute(statements)
