"""Leases: a function that hands out work opens the rows that belong to it, for one transaction.

Its claim is what row-level policies believe: the rows, sealed with a secret that only the owner can
read. A claim that a login sets by itself opens nothing.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
phase = "expand"

PROOF = """
CREATE TABLE lease_secret (secret bytea NOT NULL);
INSERT INTO lease_secret
SELECT sha256(convert_to(string_agg(gen_random_uuid()::text, ''), 'UTF8'))
FROM generate_series(1, 4);
"""

# A claim holds for one transaction of one session: a copy of it opens nothing anywhere else.
CLAIM = """
CREATE FUNCTION lease_claim(said text) RETURNS text LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key bytea := (SELECT secret FROM public.lease_secret);
    whose text := pg_backend_pid() || '|' || extract(epoch FROM now()) || '|' || said;
BEGIN
    RETURN encode(sha256(key || sha256(key || convert_to(whose, 'UTF8'))), 'hex');
END $$;
"""

# As words: every statement would read each id of an array again.
OPENED = """
CREATE FUNCTION opened() RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said text := split_part(current_setting('medvault.opened', true), ' ', 1);
    claim text := split_part(current_setting('medvault.opened', true), ' ', 2);
BEGIN
    IF claim <> '' AND claim = public.lease_claim(said) THEN
        RETURN string_to_array(said, ',');
    END IF;
    RETURN '{}';
END $$;

CREATE FUNCTION open_rows(more uuid[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said text := array_to_string(public.opened() || more::text[], ',');
BEGIN
    PERFORM set_config('medvault.opened', said || ' ' || public.lease_claim(said), true);
END $$;

-- What binds whoever called: nothing binds the owner, as no policy does.
CREATE FUNCTION bound() RETURNS uuid[] LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN session_user <> current_user THEN public.opened()::uuid[] END
$$;

CREATE FUNCTION require_opened(rows uuid[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF session_user <> current_user AND NOT public.opened() @> rows::text[] THEN
        RAISE EXCEPTION 'nothing was leased that this belongs to'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;
"""

RIGHTS = """
REVOKE EXECUTE ON FUNCTION
    lease_claim(text), opened(), open_rows(uuid[]), bound(), require_opened(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION opened() TO medvault_service;
"""

# The release before opens vaults by a setting of its own: a policy more, until it is gone.
POLICIES = "".join(
    f"CREATE POLICY leased ON {table} USING (patient_id::text = ANY ((SELECT opened())::text[]));"
    for table in ("reports", "audit")
)

# Where the owner may make no roles, the one login has all rights until an administrator made them.
ROLES = """
DO $$
DECLARE
    process text;
BEGIN
    FOREACH process IN ARRAY ARRAY['api', 'inbound', 'media', 'outbound'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'medvault_' || process) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', 'medvault_' || process);
        END IF;
    END LOOP;
EXCEPTION
    WHEN duplicate_object OR unique_violation OR insufficient_privilege OR internal_error THEN
        RAISE NOTICE 'an administrator has to make the roles of the processes';
END $$
"""


def upgrade() -> None:
    for statements in (PROOF, CLAIM, OPENED, RIGHTS, POLICIES, ROLES):
        op.execute(statements)
