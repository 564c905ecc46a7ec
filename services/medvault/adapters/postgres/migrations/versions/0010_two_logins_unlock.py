"""Requests and approvals of the clinic's desk: a vault is opened by two logins, never by one.

The database itself notes who asks and who approves, by the name they logged in with.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
phase = "expand"

# Where the owner may make no roles, nobody can unlock until an administrator has made this one.
ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'medvault_desk') THEN
        CREATE ROLE medvault_desk NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation OR insufficient_privilege OR internal_error THEN
        RAISE NOTICE 'an administrator has to make the role medvault_desk';
END $$
"""

TABLE = """
CREATE TABLE unlockings (
    id uuid PRIMARY KEY,
    patient_id uuid NOT NULL REFERENCES patients,
    locked_since timestamptz NOT NULL,
    asked_by name NOT NULL,
    asked_at timestamptz NOT NULL,
    approved_by name CHECK (approved_by <> asked_by),
    approved_at timestamptz
)
"""

# These names and times are the ones that count, not those that a statement gives.
TRIGGER = """
CREATE FUNCTION unlocking_takes_two() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_roles r
        WHERE r.rolname = 'medvault_desk' AND pg_has_role(session_user, r.oid, 'MEMBER')
    ) THEN
        RAISE EXCEPTION 'this login is none of the desk' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.asked_by := session_user;
        NEW.asked_at := now();
        NEW.approved_by := NULL;
        NEW.approved_at := NULL;
        RETURN NEW;
    END IF;
    IF OLD.approved_at IS NOT NULL OR OLD.asked_by = session_user
    OR OLD.asked_at < now() - interval '1 hour' THEN
        RAISE EXCEPTION 'this can''t be approved' USING ERRCODE = 'insufficient_privilege';
    END IF;
    NEW := OLD;
    NEW.approved_by := session_user;
    NEW.approved_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER unlocking_takes_two BEFORE INSERT OR UPDATE ON unlockings
    FOR EACH ROW EXECUTE FUNCTION unlocking_takes_two()
"""


def upgrade() -> None:
    for statements in (ROLE, TABLE, TRIGGER):
        op.execute(statements)
