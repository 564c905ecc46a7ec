"""The content of a log line: nothing but what this module lets through.

Three rules, so that no forgotten call can show a patient: an event is a literal of the program,
a field's name is on the list, and its value is a number, an id or a single word of code.
"""

import re
import sys
from datetime import date, timedelta
from enum import Enum
from types import FrameType
from typing import Any
from uuid import UUID

from structlog.typing import EventDict, WrappedLogger

from medvault.observability.tracebacks import describe

REDACTED = "[redacted]"

# fmt: off
FIELDS = frozenset({
    "answer", "argument", "attempt", "code", "component", "count", "dependency", "error",
    "event", "host", "kind", "level", "logger", "media_id", "outcome", "patient_id", "port",
    "queue", "reason", "report_id", "retry_in", "seconds", "seq", "setting", "source", "state",
    "step", "task_id", "timestamp", "trace", "verdict", "version", "worker_id",
})
# fmt: on

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,39}")
_WORD = re.compile(r"(?!.*(\d{7}|wamid))[A-Za-z0-9_.:/<>-]{1,100}")
_UUID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}")
_FOUND: set[str] = set()
"""Literals that were found once, so that each costs one walk; the program bounds their number."""
_MADE_HERE = frozenset({"event", "timestamp", "level", "trace"})


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace whatever is not let through; a structlog processor, to run just before rendering.

    The event, time, level and trace must come from this package's own processors.
    """
    redacted: EventDict = {}
    for name, value in event.items():
        if name in _MADE_HERE:
            redacted[name] = value
        elif name in FIELDS:
            redacted[name] = _plain(value)
        else:
            redacted[name if _NAME.fullmatch(name) else REDACTED] = REDACTED
    return redacted


def describe_error(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Turn `exc_info` and an exception in `error` into class names and places in the code."""
    event.pop("trace", None)
    match event.pop("exc_info", None):
        case (_, error, _) | (BaseException() as error):
            pass
        case asked:
            error = sys.exc_info()[1] if asked else None
    if isinstance(error, BaseException):
        event["error"] = error
        event["trace"] = describe(error)
    return event


def is_literal(text: object, frame: FrameType | None) -> bool:
    """Tell whether a text stands as it is in the code that `frame` and its callers run.

    A text that was put together at run time does not, so it may hold content. A test looks at every
    call of ours; this is for those of others, and for what that test can't see.
    """
    if not isinstance(text, str) or text in _FOUND:
        return isinstance(text, str)
    while frame is not None:
        if text in frame.f_code.co_consts:
            _FOUND.add(str(text))
            return True
        frame = frame.f_back
    return False


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | float() | UUID() | date() | timedelta():
            return value
        case Enum():
            return _plain(value.value)
        case int() if abs(value) < 10**9:  # a phone number has more digits
            return value
        case BaseException():
            return type(value).__qualname__
        case type():
            return value.__qualname__
        case str() if _WORD.fullmatch(value) or _UUID.fullmatch(value):
            return value
        case _:
            return REDACTED
