"""Logs: JSON lines on stderr, everything through one pipeline that lets no content pass."""

import logging
import sys
import threading
from collections.abc import Iterable
from inspect import currentframe
from types import TracebackType
from typing import TYPE_CHECKING

import structlog
from structlog.typing import EventDict, WrappedLogger

from medvault.observability.records import Bridge, Vetted
from medvault.observability.redaction import REDACTED, describe_error, is_literal, redact

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_TALKS_AT_START = ("uvicorn.error",)
_TALKS_WITHIN = {"migrate": ("alembic.runtime.migration",)}
"""By component: everybody else only looks where the migrations stand."""
_SILENT = ("uvicorn.access", "aiohttp.access")
_ONLY_WHEN_FATAL = ("pika",)
"""They log a traceback for every connection that ends, which whoever holds it reports already."""

log = structlog.get_logger()


def configure(component: str, *, json: bool = True, level: str = "INFO") -> None:
    """Route structlog, `logging`, warnings and uncaught exceptions of this process to stderr.

    Without `json` the lines are made for a person at a terminal. Only the warnings of other
    people's loggers pass. Call uvicorn with `log_config=None` and keep Celery from hijacking the
    root logger, or they put handlers of their own back.
    """
    number = logging.getLevelNamesMapping()[level.upper()]

    def name_component(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["component"] = component
        return event

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _vet_event,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            name_component,
            describe_error,
            redact,
            structlog.processors.JSONRenderer(default=str) if json else _for_people(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _take_over_logging(number, (*_TALKS_AT_START, *_TALKS_WITHIN.get(component, ())))
    sys.excepthook = _uncaught
    sys.unraisablehook = _unraisable
    threading.excepthook = _uncaught_in_thread


def _vet_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    text = event.get("event")
    if not isinstance(text, Vetted) and not is_literal(text, currentframe()):
        event["event"] = REDACTED
    return event


def _for_people() -> structlog.dev.ConsoleRenderer:
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def _take_over_logging(level: int, talking: Iterable[str]) -> None:
    logging.captureWarnings(True)
    logging.basicConfig(handlers=[Bridge()], level=max(level, logging.WARNING), force=True)
    for name in list(logging.Logger.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in talking:
        logging.getLogger(name).setLevel(level)
    for name in _ONLY_WHEN_FATAL:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in _SILENT:
        logging.getLogger(name).disabled = True


def _uncaught(
    _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    if not isinstance(error, KeyboardInterrupt):
        log.critical("uncaught exception", exc_info=error)


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        log.critical("uncaught exception in a thread", exc_info=args.exc_value)


def _unraisable(args: "UnraisableHookArgs") -> None:
    log.error("exception in a finalizer", exc_info=args.exc_value)
