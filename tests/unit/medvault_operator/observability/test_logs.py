"""Logs are JSON lines that show of an exception where it was, not what it said."""

import json
import logging
import threading
from collections.abc import Iterator

import pytest

from medvault_operator.observability import logs


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root, hook = logging.getLogger(), threading.excepthook
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    threading.excepthook = hook


def test_a_line_names_level_event_and_what_it_is_about(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info")
    logging.getLogger("medvault_operator.test").info("Done.", extra={"vault": "clinic"})
    [line] = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert (said["level"], said["event"], said["vault"]) == ("INFO", "Done.", "clinic")
    assert said["component"] == "operator"
    assert said["timestamp"]


@pytest.mark.parametrize("json_lines", [True, False])
def test_an_exception_shows_its_class_and_places_and_not_its_text(
    capsys: pytest.CaptureFixture[str], json_lines: bool
) -> None:
    logs.configure("info", json=json_lines)
    try:
        raise ValueError("hunter2")
    except ValueError:
        logging.getLogger("medvault_operator.test").exception("Failed.")
    said = capsys.readouterr().err
    assert "builtins.ValueError" in said
    assert "test_logs.py" in said
    assert "hunter2" not in said


def test_others_say_warnings_only(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("debug")
    logging.getLogger("kopf.objects").info("Handler succeeded.")
    logging.getLogger("urllib3.connectionpool").warning("Retrying /api/v1/secrets/keys")
    logging.getLogger("kopf.objects").warning("Something is wrong.")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == [
        "Something is wrong."
    ]


def test_a_thread_that_ends_by_an_error_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ValueError("hunter2")

    logs.configure("info")
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join(10)
    [line] = capsys.readouterr().err.splitlines()
    said = json.loads(line)
    assert said["event"] == "A thread ended by an error."
    assert "builtins.ValueError" in said["exc_info"]
    assert "hunter2" not in line
