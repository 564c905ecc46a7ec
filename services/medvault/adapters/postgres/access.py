"""Whether PostgreSQL lets a login in, and what to do where it doesn't."""

import re

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from medvault.domain.errors import MedvaultError, Permanent, Unavailable

# libpq gives no SQLSTATE of a connection that was refused. These texts are the server's, in
# English as its container images have it; an unknown one means that it does not answer.
_REFUSALS = (
    (r"password authentication failed|no password supplied", "refuses the user or the password"),
    (r"role \".*\" (does not exist|is not permitted to log in)", "does not know the user"),
    (r"database \".*\" does not exist", "has no database of that name"),
    (r"permission denied for database", "does not let the user into the database"),
    (r"no pg_hba\.conf entry|pg_hba\.conf rejects", "lets nobody in from here: see pg_hba.conf"),
    (r"server does not support SSL|certificate verify failed", "has another idea of TLS"),
)


def require_access(engine: Engine, setting: str) -> None:
    """Raise `Permanent` if the login that `setting` names is refused.

    Raises `Unavailable` if the database does not answer.
    """
    try:
        engine.connect().close()
    except OperationalError as error:
        raise _refusal(str(error.orig), setting) from None


def _refusal(said: str, setting: str) -> MedvaultError:
    for pattern, meaning in _REFUSALS:
        if re.search(pattern, said):
            return Permanent(f"the database {meaning}: check {setting}")
    return Unavailable("database", f"check the address in {setting}, and the network on the way")
