"""Whether the broker lets a login in, and what to do where it doesn't."""

from pika import BlockingConnection
from pika.exceptions import (
    AMQPError,
    AuthenticationError,
    ConnectionClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from medvault.adapters.amqp.link import parameters
from medvault.domain.errors import Permanent, Unavailable

_NO_VIRTUAL_HOST = "does not let this user into the virtual host, or has none of that name"


def require_access(url: str, setting: str) -> None:
    """Raise `Permanent` if the login that `setting` names is refused.

    Raises `Unavailable` if the broker does not answer.
    """
    try:
        BlockingConnection(parameters(url)).close()
    except (AuthenticationError, ProbableAuthenticationError):
        raise _refusal("refuses the user or the password", setting) from None
    except (ConnectionClosedByBroker, ProbableAccessDeniedError):
        raise _refusal(_NO_VIRTUAL_HOST, setting) from None
    except (AMQPError, OSError):
        raise Unavailable("broker") from None


def _refusal(meaning: str, setting: str) -> Permanent:
    return Permanent(f"the broker {meaning}: check {setting}")
