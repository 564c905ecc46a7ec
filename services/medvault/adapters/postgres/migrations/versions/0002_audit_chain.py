"""The audit's hash chain: the entries that are not linked yet, and the links."""

from alembic import op

revision = "0002"
down_revision = "0001"
phase = "expand"

TABLES = """
CREATE TABLE audit_unlinked (
    audit_id uuid PRIMARY KEY REFERENCES audit
);

CREATE TABLE audit_links (
    patient_id uuid NOT NULL,
    position bigint NOT NULL,
    audit_id uuid NOT NULL UNIQUE REFERENCES audit,
    hash bytea NOT NULL,
    linked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (patient_id, position)
);
CREATE TRIGGER audit_links_stay BEFORE UPDATE OR DELETE ON audit_links
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_links_all_stay BEFORE TRUNCATE ON audit_links
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

INSERT INTO audit_unlinked SELECT id FROM audit;
"""

TRIGGER = """
CREATE FUNCTION audit_awaits_its_link() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_unlinked SELECT id FROM added;
    RETURN NULL;
END $$;
CREATE TRIGGER audit_awaits_its_link AFTER INSERT ON audit
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION audit_awaits_its_link();
"""

# The sequencer works on everybody's rows, and sees ids, times and actions only.
FUNCTION = """
CREATE FUNCTION audit_to_link(most integer)
RETURNS TABLE (id uuid, patient_id uuid, action text, report_id uuid, at timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    SELECT a.id, a.patient_id, a.action, a.report_id, a.at
    FROM audit_unlinked u JOIN audit a ON a.id = u.audit_id
    ORDER BY a.at, a.id LIMIT most
$$;
"""

GRANTS = """
REVOKE EXECUTE ON FUNCTION audit_to_link(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_to_link(integer) TO medvault_service;
GRANT SELECT, INSERT, DELETE ON audit_unlinked TO medvault_service;
GRANT SELECT, INSERT ON audit_links TO medvault_service;
"""


def upgrade() -> None:
    for statements in (TABLES, TRIGGER, FUNCTION, GRANTS):
        op.execute(statements)
