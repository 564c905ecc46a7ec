"""Access: which vaults a person reads besides their own, in what role, and from when to when.

The desk seals one as it gives it: nobody believes a row that somebody else wrote. The release
before knows of no vaults but a patient's own.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
phase = "expand"

TABLE = """
CREATE TABLE IF NOT EXISTS access (
    patient_id uuid NOT NULL REFERENCES patients,
    vault_id uuid NOT NULL REFERENCES patients CHECK (vault_id <> patient_id),
    valid_from timestamptz NOT NULL,
    valid_to timestamptz CHECK (valid_to >= valid_from),
    sealed bytea NOT NULL,
    PRIMARY KEY (patient_id, vault_id, valid_from)
);
ALTER TABLE access ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS leased ON access;
CREATE POLICY leased ON access USING (patient_id::text = ANY ((SELECT opened())::text[]));
"""

ENDS = """
CREATE OR REPLACE FUNCTION joining_ends_access() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.access SET valid_to = NEW.ended_at
    WHERE patient_id = NEW.patient_id AND vault_id = NEW.joined AND valid_to IS NULL;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS joining_ends_access ON joinings;
CREATE TRIGGER joining_ends_access AFTER UPDATE OF ended_at ON joinings
    FOR EACH ROW WHEN (NEW.ended_at IS NOT NULL) EXECUTE FUNCTION joining_ends_access();
"""

OPENED = """
CREATE OR REPLACE FUNCTION open_rows(more uuid[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    others uuid[] := ARRAY(
        SELECT a.vault_id FROM public.access a WHERE a.patient_id = ANY (more)
        AND a.valid_from <= now() AND coalesce(a.valid_to, 'infinity') > now()
    );
    said text := array_to_string(public.opened() || (more || others)::text[], ',');
BEGIN
    PERFORM set_config('medvault.opened', said || ' ' || public.lease_claim(said), true);
END $$;
"""


def upgrade() -> None:
    for statements in (TABLE, ENDS, OPENED):
        op.execute(statements)
