"""The texts that an operator reads where the broker refuses a queue."""

import re
from http import HTTPStatus
from typing import Final

import structlog
from pika.exceptions import (
    AuthenticationError,
    ConnectionClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from medvault.domain.errors import Refused

ACCESS_REFUSED: Final = int(HTTPStatus.FORBIDDEN)
"""AMQP's reply code where the user may not; it is HTTP's."""

_TURNED_AWAY: Final = {ACCESS_REFUSED, 530}
"""With NOT_ALLOWED, for a virtual host that there is not."""

BAD_LOGIN: Final = "refuses the user or the password"
NO_VIRTUAL_HOST: Final = "does not let this user into the virtual host, or has none of that name"

_ARGUMENT: Final = re.compile(r"inequivalent arg '([a-z-]{1,40})'")

log = structlog.get_logger()


def refused(error: BaseException) -> Refused | None:
    """Return what a connection's end says; None where nobody answered, or answers no more."""
    if isinstance(error, (AuthenticationError, ProbableAuthenticationError)):
        return Refused("broker", BAD_LOGIN, "login")
    turned_away = isinstance(error, ConnectionClosedByBroker) and error.reply_code in _TURNED_AWAY
    if turned_away or isinstance(error, ProbableAccessDeniedError):
        return Refused("broker", NO_VIRTUAL_HOST, "database")
    return None


def tell(queue: str, code: int, reply: str) -> None:
    """Log a queue that may not be declared, RabbitMQ's reply code, and what is to be done.

    The log keeps the name of the argument from the reply's text, as in "inequivalent arg
    'x-max-length' for queue …".
    """
    found = _ARGUMENT.search(reply)
    argument = found[1] if found else None
    if code == ACCESS_REFUSED:
        log.error(
            "RabbitMQ refuses a queue: its user needs the rights to configure, write and read it",
            queue=queue,
            code=code,
        )
    else:
        log.error(
            "RabbitMQ refuses a queue: an older release may have declared it with other arguments; "
            "once it is empty, delete it, and it is declared again",
            queue=queue,
            code=code,
            argument=argument,
        )


def tell_publisher(code: int) -> None:
    """Log that the broker has closed a publisher's channel, and what is to be done."""
    if code == ACCESS_REFUSED:
        log.error(
            "RabbitMQ refuses a message: its user needs the right to write to amq.default",
            code=code,
        )
    else:
        log.error("RabbitMQ refuses a message", code=code)
