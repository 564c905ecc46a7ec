"""Logs: a JSON line each on stderr, with classes and places of exceptions, and not their words.

The text of an error of Kubernetes or a library may show an object's content. A test looks at every
call of the operator's own: its text is a literal, and its fields are those of `FIELDS`.
"""

import logging
import sys
import threading
from traceback import walk_tb
from typing import Any

from pythonjsonlogger.json import JsonFormatter

_OF_OTHERS = {
    "kopf": logging.WARNING,
    "kopf._core.reactor.running": logging.ERROR,
    "urllib3": logging.ERROR,
    "asyncio": logging.CRITICAL,
}
"""Others' loggers. kopf warns of each start that it leaves signals to us, as it should, and
asyncio of each callback of kopf's that fails once its streams are refused."""
FIELDS = frozenset({"identity", "kind", "namespace", "object", "reason", "vault"})
"""The fields that a line may have besides its event; those that a library adds are left out."""
_SHOWN = FIELDS | {"timestamp", "level", "logger", "event", "component", "exc_info"}
_FRAMES = 12


class _Places:
    """Shows of an exception where it came from and nothing that it says."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - named by logging
        _, error, trace = ei
        frames = [
            f"{'/'.join(frame.f_code.co_filename.split('/')[-3:])}:{line}"
            for frame, line in walk_tb(trace)
        ]
        return f"{type(error).__module__}.{type(error).__qualname__} at " + " ".join(
            frames[-_FRAMES:]
        )


class JsonLines(_Places, JsonFormatter):
    """For machines."""

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "message"],
            rename_fields={"levelname": "level", "name": "logger", "message": "event"},
            static_fields={"component": "operator"},
            timestamp=True,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Leave out what is not on the list."""
        return {name: value for name, value in log_data.items() if name in _SHOWN}


class ConsoleLines(_Places, logging.Formatter):
    """For a person at a terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")


def configure(level: str, *, json: bool = True) -> None:
    """Route everything that this process logs to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if json else ConsoleLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
    logging.getLogger("medvault_operator").setLevel(level.upper())
    for name, least in _OF_OTHERS.items():
        logging.getLogger(name).setLevel(least)
    threading.excepthook = _uncaught


def _uncaught(ended: threading.ExceptHookArgs) -> None:
    error = ended.exc_value
    info = (type(error), error, ended.exc_traceback) if error else None
    logging.getLogger(__name__).critical("A thread ended by an error.", exc_info=info)
