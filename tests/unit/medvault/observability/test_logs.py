import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from support import chatter

WORDS = ("+49 1512 3456789", "Wilhelmina Zweistein", "zweistein mrt knie.pdf", "4915123456789")
PIECES = ("Wilhelmina", "Zweistein", "zweistein", "knie", "3456789")


@cache
def said(form: str) -> str:
    command = [sys.executable, str(Path(chatter.__file__)), form, *WORDS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, "the program ends with an uncaught exception"
    return done.stdout + done.stderr


def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in said("json").splitlines()]


def named(event: str) -> dict[str, Any]:
    return next(line for line in lines() if line["event"] == event)


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("piece", PIECES)
def test_no_way_of_logging_shows_content(form: str, piece: str) -> None:
    assert "uncaught exception" in said(form)
    assert piece not in said(form)


def test_every_line_is_json_with_time_level_and_component() -> None:
    for line in lines():
        assert line.keys() >= {"timestamp", "level", "component", "event"}
        assert line["component"] == "chatter"


def test_listed_fields_are_kept() -> None:
    line = named("kept event")
    assert line["count"] == 3
    assert line["patient_id"] == "00000000-0000-0000-0000-000000000007"
    assert line["state"] == "filed"


def test_unknown_fields_show_that_they_were_there() -> None:
    line = named("unknown fields")
    assert (line["phone"], line["nested"], line["listed"]) == ("[redacted]",) * 3


def test_an_exception_shows_its_classes_and_places() -> None:
    line = named("failed")
    assert line["error"] == "ExceptionGroup"
    assert line["trace"][0] == "ExceptionGroup"
    assert "holding ValueError" in line["trace"]
    assert "caused by __main__.Words" in line["trace"]
    assert any(frame.endswith(" own_calls") for frame in line["trace"])


@pytest.mark.parametrize(
    "event",
    [
        "uncaught exception",
        "uncaught exception in a thread",
        "exception in a finalizer",
        "failed too for %s",
    ],
)
def test_uncaught_exceptions_and_records_tell_where_they_come_from(event: str) -> None:
    line = named(event)
    assert line["error"] == "ExceptionGroup"
    assert any(frame.endswith(" fail") for frame in line["trace"])


def test_a_record_keeps_its_format_and_its_source() -> None:
    line = named("kept format %s")
    assert line["logger"] == "uvicorn.error"
    assert line["source"].startswith("tests/support/chatter.py:")


@pytest.mark.parametrize(
    "logger",
    ["asyncio", "celery.app.trace", "py.warnings", "sqlalchemy.engine.Engine",
     "urllib3.connectionpool"],
)  # fmt: skip
def test_libraries_are_heard(logger: str) -> None:
    assert any(line.get("logger") == logger for line in lines())


def test_the_access_log_is_off() -> None:
    assert not any(line.get("logger") == "uvicorn.access" for line in lines())
