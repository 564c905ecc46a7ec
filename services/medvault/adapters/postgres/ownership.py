"""An owner that is no superuser: it gets everything, and the superuser's login is closed.

Images make the first user of a database a superuser, who may also run programs on its machine.
"""

from sqlalchemy import Engine, TextClause, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from medvault.adapters.postgres.access import require_access
from medvault.adapters.postgres.engine import connect, translated

OWNER = "medvault_schema"
"""The owner that is made; its password is the superuser's."""

_SUPERUSER = text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
_MAKE = text("""
SELECT CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = :owner)
       THEN '' ELSE format('CREATE ROLE %I;', CAST(:owner AS text))
       END || format('ALTER ROLE %I LOGIN CREATEROLE PASSWORD %L;',
                     CAST(:owner AS text), CAST(:password AS text))
       || format('ALTER DATABASE %I OWNER TO %I', current_database(), CAST(:owner AS text))
""")
# Objects that belong to a table follow it: its indexes, its identity's sequence, its row type.
_GIVE = text("""
SELECT format('ALTER %s %s OWNER TO %I', kind, name, CAST(:owner AS text)) FROM (
    SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                          WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
           c.oid::regclass::text, c.relowner
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
    AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('i', 'a')
        AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass)
    UNION ALL
    SELECT CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
           p.oid::regprocedure::text, p.proowner
    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
) AS o (kind, name, owner) WHERE owner = current_user::regrole
""")
# Roles that exist are the new owner's to grant from now on.
_LEND = text("""
SELECT format('GRANT %I TO %I WITH ADMIN OPTION', r.rolname, CAST(:owner AS text)) FROM pg_roles r
WHERE r.rolname LIKE 'medvault\\_%' AND NOT r.rolcanlogin AND NOT r.rolsuper
""")
_CLOSE = text("SELECT format('ALTER ROLE %I NOLOGIN', current_user)")


def without_superuser(url: str) -> str:
    """Return the URL of the owner that is no superuser, once everything belongs to it.

    Where `url` still lets a superuser in, that one makes it, hands over, and can't log in again.
    Raises `Permanent` where neither of them gets in, `Unavailable` where nobody answers.
    """
    own = make_url(url).set(username=OWNER).render_as_string(hide_password=False)
    superuser, owner = connect(url, options=""), connect(own, options="")
    try:
        if _is_superuser(superuser):
            _hand_over(superuser, make_url(url).password)
            require_access(owner, "MEDVAULT_DATABASE_OWNER_URL")
            _run(superuser, _CLOSE)
        else:
            require_access(owner, "MEDVAULT_DATABASE_OWNER_URL")
    finally:
        superuser.dispose()
        owner.dispose()
    return own


def _is_superuser(engine: Engine) -> bool:
    """Whether the login gets in and is one; where it doesn't, its place may be taken already."""
    try:
        with engine.connect() as connection:
            return bool(connection.execute(_SUPERUSER).scalar_one())
    except OperationalError:
        return False


def _hand_over(superuser: Engine, password: str | None) -> None:
    _run(superuser, _MAKE, password=password)
    for statement in (_GIVE, _LEND):
        _run(superuser, statement)


def _run(engine: Engine, statement: TextClause, **more: object) -> None:
    """Run the statements that a statement selects, in one transaction."""
    with translated(), engine.begin() as connection:
        wanted = {"owner": OWNER, **more}
        parameters = {name: wanted[name] for name in statement.compile().params}
        for made in connection.execute(statement, parameters).scalars().all():
            connection.connection.cursor().execute(made)
