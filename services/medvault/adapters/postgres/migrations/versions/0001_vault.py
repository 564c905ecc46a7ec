"""The vault: identities, conversations, inbox, outbox, media, reports, audit."""

from alembic import op

revision = "0001"
down_revision = None
phase = "expand"

ROLES = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'medvault_service') THEN
        CREATE ROLE medvault_service NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the owner may not create roles: have an administrator run '
            '"CREATE ROLE medvault_service NOLOGIN" and "GRANT medvault_service TO <service user>"';
END $$
"""

PATIENTS = """
CREATE TABLE patients (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE identities (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patients,
    kind text NOT NULL CHECK (kind IN ('bsuid', 'wa_id')),
    blind_index uuid NOT NULL,
    sealed bytea,
    valid_from timestamptz NOT NULL DEFAULT now(),
    valid_to timestamptz
);
CREATE UNIQUE INDEX identities_current ON identities (blind_index) WHERE valid_to IS NULL;
CREATE INDEX identities_patient ON identities (patient_id);

CREATE TABLE conversations (
    patient_id uuid PRIMARY KEY REFERENCES patients,
    subject uuid NOT NULL UNIQUE,
    version bigint NOT NULL DEFAULT 0,
    sealed bytea,
    deadline timestamptz,
    locked_at timestamptz
) WITH (fillfactor = 70);
CREATE INDEX conversations_deadline ON conversations (deadline) WHERE deadline IS NOT NULL;
"""

BOXES = """
CREATE TABLE inbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key uuid NOT NULL UNIQUE,
    subject uuid NOT NULL,
    kind text NOT NULL,
    content bytea,
    received_at timestamptz NOT NULL DEFAULT now(),
    due_at timestamptz NOT NULL DEFAULT now(),
    attempts smallint NOT NULL DEFAULT 0,
    done_at timestamptz,
    outcome text
) WITH (autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX inbox_pending ON inbox (subject, seq) WHERE done_at IS NULL;

CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    patient_id uuid NOT NULL REFERENCES patients,
    subject uuid NOT NULL,
    state smallint NOT NULL,
    content bytea NOT NULL,
    report_id uuid,
    held_for uuid,
    due_at timestamptz NOT NULL DEFAULT now(),
    leased_at timestamptz,
    attempts smallint NOT NULL DEFAULT 0,
    wamid uuid,
    code integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state IN (0, 10, 20, 30);
CREATE INDEX outbox_turn ON outbox (subject, seq) WHERE state < 40;
CREATE INDEX outbox_patient ON outbox (patient_id) WHERE state < 40;
CREATE INDEX outbox_held ON outbox (held_for) WHERE held_for IS NOT NULL AND state = 0;
CREATE INDEX outbox_wamid ON outbox (wamid) WHERE wamid IS NOT NULL;
"""

VAULT = """
CREATE TABLE media (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patients,
    state text NOT NULL DEFAULT 'wanted',
    sealed bytea NOT NULL,
    kind text,
    size bigint,
    verdict text,
    report_id uuid,
    attempts smallint NOT NULL DEFAULT 0,
    due_at timestamptz DEFAULT now(),
    in_incoming boolean NOT NULL DEFAULT true,
    held_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX media_due ON media (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX media_leftover ON media (id)
    WHERE in_incoming AND state IN ('filed', 'refused', 'discarded');

CREATE TABLE reports (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patients,
    media_id uuid NOT NULL REFERENCES media,
    state text NOT NULL DEFAULT 'filing',
    scanned boolean NOT NULL,
    sealed bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    filed_at timestamptz
);
CREATE INDEX reports_patient ON reports (patient_id, id);

CREATE TABLE audit (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL,
    action text NOT NULL,
    report_id uuid,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX audit_patient ON audit (patient_id, id);
"""

APPEND_ONLY = """
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit can only be added to' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_rows_stay BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_stays BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
"""

POLICIES = "".join(
    f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_patients ON {table} TO medvault_service USING (
    patient_id = ANY (CAST(
        (SELECT nullif(current_setting('medvault.patients', true), '')::uuid[]) AS uuid[]))
);
"""
    for table in ("reports", "audit")
)

GRANTS = """
GRANT USAGE ON SCHEMA public TO medvault_service;
GRANT SELECT, INSERT, UPDATE ON
    identities, conversations, inbox, outbox, media, reports TO medvault_service;
GRANT SELECT, INSERT ON patients, audit TO medvault_service;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO medvault_service;
GRANT SELECT ON alembic_version TO medvault_service;
"""


def upgrade() -> None:
    for statements in (ROLES, PATIENTS, BOXES, VAULT, APPEND_ONLY, POLICIES, GRANTS):
        op.execute(statements)
