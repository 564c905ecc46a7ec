"""A joining of vaults that was a mistake is undone, by two people of the desk as it was made.

Nothing moved when it was made, so nothing moves back: the other vault is read no more.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
phase = "expand"

# The end of a joining is no approval: it comes of another request's.
ENDED = """
ALTER TABLE joinings ADD COLUMN ended_at timestamptz;
DROP INDEX joinings_patient, joinings_once;
CREATE INDEX joinings_patient ON joinings (patient_id)
    WHERE approved_at IS NOT NULL AND ended_at IS NULL;
CREATE UNIQUE INDEX joinings_once ON joinings (joined)
    WHERE approved_at IS NOT NULL AND ended_at IS NULL;
DROP TRIGGER joining_takes_two ON joinings;
CREATE TRIGGER joining_takes_two BEFORE INSERT OR UPDATE OF approved_at ON joinings
    FOR EACH ROW EXECUTE FUNCTION unlocking_takes_two();
"""

TABLE = """
CREATE TABLE unjoinings (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patients,
    joining uuid NOT NULL REFERENCES joinings,
    asked_by name NOT NULL,
    asked_at timestamptz NOT NULL,
    approved_by name CHECK (approved_by <> asked_by),
    approved_at timestamptz
);
CREATE TRIGGER unjoining_takes_two BEFORE INSERT OR UPDATE ON unjoinings
    FOR EACH ROW EXECUTE FUNCTION unlocking_takes_two();
"""

ENDS = """
CREATE FUNCTION unjoining_ends() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.joinings SET ended_at = now() WHERE id = NEW.joining AND ended_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER unjoining_ends AFTER UPDATE ON unjoinings
    FOR EACH ROW EXECUTE FUNCTION unjoining_ends();
"""

OPENED = """
CREATE OR REPLACE FUNCTION open_rows(more uuid[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    joined uuid[] := ARRAY(
        SELECT j.joined FROM public.joinings j
        WHERE j.patient_id = ANY (more) AND j.approved_at IS NOT NULL AND j.ended_at IS NULL
    );
    said text := array_to_string(public.opened() || (more || joined)::text[], ',');
BEGIN
    PERFORM set_config('medvault.opened', said || ' ' || public.lease_claim(said), true);
END $$;
"""


def upgrade() -> None:
    for statements in (ENDED, TABLE, ENDS, OPENED):
        op.execute(statements)
