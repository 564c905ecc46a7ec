"""The meaning of PostgreSQL's words where it does not let somebody in."""

import re
from typing import NamedTuple

from medvault.domain.errors import Refused


class _Refusal(NamedTuple):
    """A text and its meaning, in one word and in several."""

    text: str
    reason: str
    meaning: str


# libpq gives no SQLSTATE of a connection that was refused. These texts are the server's, in
# English as its container images have it; an unknown one means that it does not answer.
_REFUSALS = (
    _Refusal(
        r"password authentication failed|no password supplied",
        "login",
        "refuses the user or the password",
    ),
    _Refusal(
        r"role \".*\" (does not exist|is not permitted to log in)", "user", "does not know the user"
    ),
    _Refusal(r"database \".*\" does not exist", "database", "has no database of that name"),
    _Refusal(
        r"permission denied for database", "rights", "does not let the user into the database"
    ),
    _Refusal(
        r"no pg_hba\.conf entry|pg_hba\.conf rejects",
        "host",
        "lets nobody in from here: see pg_hba.conf",
    ),
    _Refusal(
        r"server does not support SSL|certificate verify failed", "tls", "has another idea of TLS"
    ),
)


def refused(said: str) -> Refused | None:
    """Return what a failed connection's text says; None where nobody answered."""
    for known in _REFUSALS:
        if re.search(known.text, said):
            return Refused("database", known.meaning, known.reason)
    return None
