"""Ways by which a service's login in the database might become more than it is."""

from dataclasses import dataclass

OPEN = "SELECT set_config('medvault.patients', '{00000000-0000-0000-0000-000000000001}', true)"
ENTRY = """
INSERT INTO audit (id, patient_id, action)
VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 'x')
"""
VIEW_IN_FRONT = (
    """
    CREATE FUNCTION pg_temp.own() RETURNS SETOF public.audit LANGUAGE plpgsql AS $$
    BEGIN ALTER TABLE public.reports DISABLE ROW LEVEL SECURITY; RETURN; END $$
    """,
    "CREATE TEMPORARY VIEW {table} AS SELECT * FROM pg_temp.own()",
    "GRANT ALL ON pg_temp.{table} TO PUBLIC",
)
UNBOUND = "SELECT NOT relrowsecurity FROM pg_class WHERE oid = 'public.reports'::regclass"
LINKERS = ("audit_entries_to_link", "link_audit")


@dataclass(frozen=True, slots=True)
class Escalation:
    """Statements of one transaction; all of them succeed, and the query says true, if it works.

    Variants of one have one name. Each succeeds for somebody: a service of the release before, or a
    superuser whom no trigger stops.
    """

    name: str
    statements: tuple[str, ...]
    won: str | None = None


def _call(function: str) -> str:
    """Calls a function where there is one."""
    return f"""
    DO $$ BEGIN
        IF to_regproc('public.{function}') IS NOT NULL THEN PERFORM public.{function}(1); END IF;
    END $$
    """


def _in_front(table: str) -> Escalation:
    placed = (statement.replace("{table}", table) for statement in VIEW_IN_FRONT)
    name = "a view in front of a table that runs as the owner"
    return Escalation(name, (OPEN, ENTRY, *placed, *map(_call, LINKERS)), UNBOUND)


_TABLES = (
    *("patients", "identities", "conversations", "inbox", "outbox", "media", "reports", "audit"),
    *("report_files", "access", "audit_links", "audit_unlinked", "dead_letters", "webhook_tries"),
    "alembic_version",
)
_NO_POLICY = """
DO $$ DECLARE policy name;
BEGIN
    FOR policy IN SELECT polname FROM pg_policy WHERE polrelid = 'public.reports'::regclass LOOP
        EXECUTE format('DROP POLICY %I ON public.reports', policy);
    END LOOP;
END $$
"""
LAST_YEAR = """
INSERT INTO audit (id, patient_id, action, at)
VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 'x', now() - interval '1 year')
"""
_EXPORT = ("SELECT lo_from_bytea(1, 'x')", "SELECT lo_export(1, 'exported')")
_ON_EVENTS = (
    "CREATE FUNCTION mine() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION mine()",
)
_ONE_STATEMENT = {
    "be the owner": "SET ROLE vault_owner",
    "be the superuser": "SET ROLE postgres",
    "log in as the owner": "SET SESSION AUTHORIZATION vault_owner",
    "a login of the owner's": "CREATE ROLE another LOGIN IN ROLE vault_owner",
    "join whoever reads files": "GRANT pg_read_server_files TO vault_app",
    "join whoever runs programs": "GRANT pg_execute_server_program TO vault_app",
    "join whoever reads all": "GRANT pg_read_all_data TO vault_app",
    "become a superuser": "ALTER ROLE vault_app SUPERUSER",
    "pass the policies": "ALTER ROLE vault_app BYPASSRLS",
    "make roles": "ALTER ROLE vault_app CREATEROLE",
    "another login": "CREATE ROLE another LOGIN",
    "the owner's password": "ALTER ROLE vault_owner PASSWORD 'x'",
    "all passwords": "SELECT rolpassword FROM pg_authid",
    "no triggers": "SET session_replication_role = replica",
    "no policies": "ALTER TABLE reports DISABLE ROW LEVEL SECURITY",
    "a policy of its own": "CREATE POLICY mine ON reports USING (true)",
    "fewer policies": _NO_POLICY,
    "no triggers of the audit": "ALTER TABLE audit DISABLE TRIGGER ALL",
    "fewer triggers": "DROP TRIGGER audit_rows_stay ON audit",
    "a trigger of its own": "CREATE TRIGGER mine BEFORE INSERT ON audit FOR EACH ROW "
    "EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "a table": "CREATE TABLE mine (id int)",
    "a schema": "CREATE SCHEMA mine",
    "a function": "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "a type": "CREATE TYPE mine AS ENUM ('x')",
    "a cast": "CREATE CAST (uuid AS bytea) WITH INOUT AS IMPLICIT",
    "an aggregate": "CREATE AGGREGATE mine (int) (SFUNC = int4pl, STYPE = int)",
    "an operator": "CREATE OPERATOR public.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = uuid_ne)",
    "a rule": "CREATE RULE mine AS ON INSERT TO audit DO INSTEAD NOTHING",
    "an index": "CREATE INDEX ON inbox (kind)",
    "another function's body": "CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger "
    "LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "another function's owner": "ALTER FUNCTION audit_is_append_only() OWNER TO vault_app",
    "another table's owner": "ALTER TABLE reports OWNER TO vault_app",
    "a column": "ALTER TABLE reports ADD COLUMN mine int",
    "default rights": "ALTER DEFAULT PRIVILEGES FOR ROLE vault_owner GRANT ALL ON TABLES TO PUBLIC",
    "another schema version": "UPDATE alembic_version SET version_num = '0'",
    "a program": "COPY patients TO PROGRAM 'cat'",
    "a program's output": "COPY patients FROM PROGRAM 'true'",
    "a file written": "COPY patients TO '/dev/null'",
    "a file read": "SELECT pg_read_file('/etc/passwd')",
    "a folder listed": "SELECT pg_ls_dir('.')",
    "a file imported": "SELECT lo_import('/etc/passwd')",
    "a library": "LOAD 'plpgsql'",
    "an extension": "ALTER EXTENSION plpgsql ADD TABLE reports",
    "a language": "CREATE LANGUAGE mine HANDLER plpgsql_call_handler",
    "a function in C": "CREATE FUNCTION mine() RETURNS language_handler LANGUAGE c "
    "AS '$libdir/plpgsql', 'plpgsql_call_handler'",
    "the server's settings": "GRANT ALTER SYSTEM ON PARAMETER log_statement TO vault_app",
    "the settings read anew": "SELECT pg_reload_conf()",
    "the database's settings": "ALTER DATABASE postgres SET search_path = pg_temp",
    "a publication": "CREATE PUBLICATION mine FOR ALL TABLES",
    "a subscription": "CREATE SUBSCRIPTION mine CONNECTION 'host=x password=y' PUBLICATION z "
    "WITH (connect = false)",
    "a tablespace": "ALTER TABLESPACE pg_default OWNER TO vault_app",
    "the catalogue": "UPDATE pg_class SET relrowsecurity = false",
    "a changed audit": "UPDATE audit SET action = 'x'",
    "a shorter audit": "DELETE FROM audit",
    "an empty audit": "TRUNCATE audit CASCADE",
    "a changed chain": "UPDATE audit_links SET hash = ''",
    "a forged link": "INSERT INTO audit_links VALUES (gen_random_uuid(), 1, gen_random_uuid(), '')",
    "an entry hidden from its chain": "DELETE FROM audit_unlinked",
    "no reports": "DELETE FROM reports",
    "no patients": "TRUNCATE patients CASCADE",
}

ESCALATIONS = (
    *map(_in_front, _TABLES),
    *(
        Escalation("a table in front of another", (f"CREATE TEMPORARY TABLE {table} (id uuid)",))
        for table in _TABLES
    ),
    Escalation("an entry of last year", (OPEN, LAST_YEAR)),
    Escalation(
        "rights for all",
        ("GRANT ALL ON reports TO PUBLIC",),
        "SELECT has_table_privilege(current_user, 'reports', 'TRUNCATE')",
    ),
    Escalation("a trigger of events", _ON_EVENTS),
    Escalation("a file exported", _EXPORT),
    *(Escalation(name, (statement,)) for name, statement in _ONE_STATEMENT.items()),
)
