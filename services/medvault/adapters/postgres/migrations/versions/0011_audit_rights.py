"""The database itself links the audit and says when; no function of its can be led astray.

A function that runs as its owner names every object with its schema: PostgreSQL looks into the
schema of temporary objects first, where a caller can put what it likes.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
phase = "expand"

NO_TEMPORARY_OBJECTS = """
DO $$ BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END $$
"""

WHO = "ALTER TABLE audit ADD COLUMN identity uuid"

TIME = """
CREATE FUNCTION audit_is_written_now() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER audit_time BEFORE INSERT ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_written_now();
"""

# A login that may add to the audit need not see which entries wait for a link.
AWAITING = """
CREATE OR REPLACE FUNCTION audit_awaits_its_link() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.audit_unlinked SELECT id FROM added;
    RETURN NULL;
END $$;
"""

# The SHA-256 of the hash before and of what the entry says. An entry that has a link already is
# left as it is, not to hold up all others.
LINKING = """
CREATE FUNCTION link_audit(most integer) RETURNS integer LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    entry record;
    head record;
    said text;
    linked integer := 0;
BEGIN
    IF NOT pg_try_advisory_xact_lock(1635083369) THEN
        RETURN 0;
    END IF;
    DELETE FROM public.audit_unlinked u USING public.audit_links l WHERE l.audit_id = u.audit_id;
    FOR entry IN
        SELECT a.id, a.patient_id, a.action, a.report_id, a.at, a.identity, a.note
        FROM public.audit_unlinked u JOIN public.audit a ON a.id = u.audit_id
        ORDER BY a.at, a.id LIMIT most
    LOOP
        SELECT l.position, l.hash INTO head FROM public.audit_links l
        WHERE l.patient_id = entry.patient_id ORDER BY l.position DESC LIMIT 1;
        said := concat_ws('|',
            replace(entry.id::text, '-', ''), replace(entry.patient_id::text, '-', ''),
            entry.action, coalesce(replace(entry.report_id::text, '-', ''), '-'),
            to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
            'i' || replace(entry.identity::text, '-', ''), encode(sha256(entry.note), 'hex'));
        INSERT INTO public.audit_links (patient_id, position, audit_id, hash)
        VALUES (entry.patient_id, coalesce(head.position, 0) + 1, entry.id,
            sha256(coalesce(head.hash, decode(repeat('00', 32), 'hex'))
                || convert_to(said, 'UTF8')));
        DELETE FROM public.audit_unlinked WHERE audit_id = entry.id;
        linked := linked + 1;
    END LOOP;
    RETURN linked;
END $$;
REVOKE EXECUTE ON FUNCTION link_audit(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION link_audit(integer) TO medvault_service;
"""

# For the release before, without the entries that it does not understand.
BEFORE = """
CREATE OR REPLACE FUNCTION audit_entries_to_link(most integer)
RETURNS TABLE (id uuid, patient_id uuid, action text, report_id uuid, at timestamptz, note bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT a.id, a.patient_id, a.action, a.report_id, a.at, a.note
    FROM public.audit_unlinked u JOIN public.audit a ON a.id = u.audit_id
    WHERE a.identity IS NULL
    ORDER BY a.at, a.id LIMIT most
$$;
CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the audit can only be added to' USING ERRCODE = 'insufficient_privilege';
END $$;
"""


def upgrade() -> None:
    for statements in (NO_TEMPORARY_OBJECTS, WHO, TIME, AWAITING, LINKING, BEFORE):
        op.execute(statements)
