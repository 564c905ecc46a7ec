"""Whether PostgreSQL lets a login in, and what to do where it doesn't."""

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from medvault.adapters.postgres.refusals import refused
from medvault.domain.errors import Permanent, Unavailable


def require_access(engine: Engine, setting: str) -> None:
    """Raise `Permanent` if the login that `setting` names is refused.

    Raises `Unavailable` if the database does not answer.
    """
    try:
        engine.connect().close()
    except OperationalError as error:
        if refusal := refused(str(error.orig)):
            raise Permanent(f"{refusal}: check {setting}") from None
        advice = f"check the address in {setting}, and the network on the way"
        raise Unavailable("database", advice) from None
