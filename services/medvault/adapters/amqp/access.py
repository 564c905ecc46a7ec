"""Whether the broker lets a login in and to its queues, and what to do where it doesn't."""

from collections.abc import Sequence
from contextlib import closing

from pika import BlockingConnection
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import (
    AMQPError,
    AuthenticationError,
    ChannelClosedByBroker,
    ConnectionClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from medvault.adapters.amqp.link import parameters
from medvault.adapters.amqp.refusals import ACCESS_REFUSED, BAD_LOGIN, NO_VIRTUAL_HOST
from medvault.adapters.amqp.topology import Declaration, QueueRefused
from medvault.domain.errors import Permanent, Unavailable


def require_access(url: str, setting: str, queues: Sequence[Declaration]) -> None:
    """Log in and declare these queues; raises `Permanent` if the login of `setting` may not.

    Raises `Unavailable` if the broker does not answer.
    """
    try:
        with closing(BlockingConnection(parameters(url))) as connection:
            for queue in queues:
                _declare(connection.channel(), queue, setting)
    except (AuthenticationError, ProbableAuthenticationError):
        raise _refusal(BAD_LOGIN, setting) from None
    except (ConnectionClosedByBroker, ProbableAccessDeniedError):
        raise _refusal(NO_VIRTUAL_HOST, setting) from None
    except (AMQPError, OSError):
        raise Unavailable("broker") from None


def _declare(channel: BlockingChannel, queue: Declaration, setting: str) -> None:
    try:
        channel.queue_declare(queue.name, durable=True, arguments=dict(queue.arguments))
    except ChannelClosedByBroker as error:
        if error.reply_code == ACCESS_REFUSED:
            raise _refusal(f"lets this user not declare the queue {queue.name}", setting) from None
        raise QueueRefused(queue.name, error.reply_text) from None


def _refusal(meaning: str, setting: str) -> Permanent:
    return Permanent(f"the broker {meaning}: check {setting}")
