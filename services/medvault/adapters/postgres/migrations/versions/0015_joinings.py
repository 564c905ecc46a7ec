"""Joined vaults: two people of the desk let a vault read one that was left behind.

Nothing moves: a sealed thing opens in its place, which names the vault that it was made in. A
process that opens a vault also opens those that were joined to it.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
phase = "expand"

TABLE = """
CREATE TABLE joinings (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patients,
    joined uuid NOT NULL REFERENCES patients CHECK (joined <> patient_id),
    asked_by name NOT NULL,
    asked_at timestamptz NOT NULL,
    approved_by name CHECK (approved_by <> asked_by),
    approved_at timestamptz
);
CREATE INDEX joinings_patient ON joinings (patient_id) WHERE approved_at IS NOT NULL;
CREATE UNIQUE INDEX joinings_once ON joinings (joined) WHERE approved_at IS NOT NULL;
CREATE TRIGGER joining_takes_two BEFORE INSERT OR UPDATE ON joinings
    FOR EACH ROW EXECUTE FUNCTION unlocking_takes_two();
"""

OPENED = """
CREATE OR REPLACE FUNCTION open_rows(more uuid[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    joined uuid[] := ARRAY(
        SELECT j.joined FROM public.joinings j
        WHERE j.patient_id = ANY (more) AND j.approved_at IS NOT NULL
    );
    said text := array_to_string(public.opened() || (more || joined)::text[], ',');
BEGIN
    PERFORM set_config('medvault.opened', said || ' ' || public.lease_claim(said), true);
END $$;
"""


def upgrade() -> None:
    for statements in (TABLE, OPENED):
        op.execute(statements)
