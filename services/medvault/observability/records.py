"""Records of the standard library's logging, which other people's code writes."""

import errno
import logging
from inspect import currentframe

import structlog

from medvault.observability.redaction import REDACTED, is_literal
from medvault.observability.tracebacks import short_path

TRUSTED = frozenset({"alembic.runtime.migration"})
"""Loggers whose arguments can't hold content: names of migrations."""


class Bridge(logging.Handler):
    """Sends records through structlog: the format string if it is a literal, never its arguments.

    `source` says where a record comes from even if its text could not be kept. The class of an
    exception that stands in place of a text is kept, and the name of its `errno`. For the loggers
    in `TRUSTED` the text is kept whole.
    """

    def __init__(self) -> None:
        super().__init__()
        self._log = structlog.get_logger()

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record on."""
        fields: dict[str, object] = {"exc_info": record.exc_info}
        if record.name in TRUSTED:
            event = record.getMessage()
        elif isinstance(record.msg, BaseException):
            event = "an exception was logged"
            fields = {"exc_info": record.msg, "code": _code(record.msg)}
        else:
            event = record.msg if is_literal(record.msg, currentframe()) else REDACTED
        self._log.log(
            min(max(record.levelno // 10 * 10, logging.DEBUG), logging.CRITICAL),
            Vetted(event),
            logger=record.name,
            source=f"{short_path(record.pathname)}:{record.lineno}",
            **fields,
        )

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - named by logging
        """Say nothing: the standard library would print the record with its arguments."""


def _code(error: BaseException) -> str | None:
    number = error.errno if isinstance(error, OSError) else None
    return None if number is None else errno.errorcode.get(number)


class Vetted(str):
    """An event that was looked at already."""

    __slots__ = ()
