"""A limit on every wait for PostgreSQL.

The server's own time-outs end with it, and TCP's do not see a server that is frozen on a machine
that goes on: its kernel acknowledges whatever is sent. A process that waited there would
never notice that another server has taken over.
"""

import select
import time
from typing import Final

from psycopg2 import OperationalError
from psycopg2.extensions import POLL_OK, POLL_READ, STATUS_SETUP, connection, set_wait_callback

CONNECT: Final = 2.0
ANSWER: Final = 7.0
"""Seconds; longer than the server's own statement_timeout, which is the kinder way to end."""


class ImpatientConnection(connection):
    """One on which no statement, commit or rollback takes longer than `ANSWER` seconds."""


def wait(conn: connection) -> None:
    """Wait until libpq has finished what it was told; psycopg2 closes the connection on errors."""
    deadline = time.monotonic() + _limit(conn)
    while (state := conn.poll()) != POLL_OK:
        poll = select.poll()
        poll.register(conn.fileno(), select.POLLIN if state == POLL_READ else select.POLLOUT)
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(min(left, 3600) * 1000):
            raise OperationalError("the server did not answer in time")


def install() -> None:
    """Have all of psycopg2's blocking connections wait by `wait`."""
    set_wait_callback(wait)


def _limit(conn: connection) -> float:
    if conn.status == STATUS_SETUP:
        return CONNECT
    return ANSWER if isinstance(conn, ImpatientConnection) else float("inf")
