"""The files of a report, in order: until now each report had one, which its row named.

The release before knows that column alone, so triggers keep both alike until it is gone: what it
files has its row here, and what this release files names its first file there. It would find and
file the first file alone of a report with several.
"""

from alembic import op

revision = "0018"
down_revision = "0017"
phase = "expand"

# In the order in which workers take them.
LOCKS = "LOCK TABLE patients, media, reports IN SHARE ROW EXCLUSIVE MODE"

TABLE = """
CREATE TABLE IF NOT EXISTS report_files (
    report_id uuid NOT NULL REFERENCES reports,
    position smallint NOT NULL CHECK (position > 0),
    media_id uuid NOT NULL REFERENCES media,
    patient_id uuid NOT NULL REFERENCES patients,
    PRIMARY KEY (report_id, position)
);
ALTER TABLE report_files ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS leased ON report_files;
CREATE POLICY leased ON report_files USING (patient_id::text = ANY ((SELECT opened())::text[]));
"""

FROM_BEFORE = """
CREATE OR REPLACE FUNCTION reports_file_is_listed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.report_files (report_id, position, media_id, patient_id)
    VALUES (NEW.id, 1, NEW.media_id, NEW.patient_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS file_is_listed ON reports;
CREATE TRIGGER file_is_listed AFTER INSERT ON reports
    FOR EACH ROW WHEN (NEW.media_id IS NOT NULL) EXECUTE FUNCTION reports_file_is_listed();
"""

FOR_BEFORE = """
ALTER TABLE reports ALTER media_id DROP NOT NULL;
CREATE OR REPLACE FUNCTION first_file_is_named() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.reports SET media_id = NEW.media_id
    WHERE id = NEW.report_id AND media_id IS NULL;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS first_file_is_named ON report_files;
CREATE TRIGGER first_file_is_named AFTER INSERT ON report_files
    FOR EACH ROW WHEN (NEW.position = 1) EXECUTE FUNCTION first_file_is_named();
"""

# The triggers list all that is filed from now on.
EARLIER = """
INSERT INTO report_files (report_id, position, media_id, patient_id)
SELECT id, 1, media_id, patient_id FROM reports ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    for statements in (LOCKS, TABLE, FROM_BEFORE, FOR_BEFORE):
        op.execute(statements)
    # Nobody waits for a lock while many reports are listed.
    with op.get_context().autocommit_block():
        op.execute(EARLIER)
