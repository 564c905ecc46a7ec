import sys
import uuid
from datetime import UTC, datetime
from enum import Enum

import pytest

from medvault.observability import redaction
from medvault.observability.redaction import REDACTED, is_literal, redact


class Mood(Enum):
    CALM = "calm"
    TALKATIVE = "it was Jane Doe"


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        -0.5,
        uuid.uuid4(),
        str(uuid.UUID(int=7)),
        datetime.now(UTC),
        "too_large",
        "10.2.1",
    ],
)
def test_a_plain_value_of_a_listed_field_is_kept(value: object) -> None:
    assert redact(None, "info", {"reason": value}) == {"reason": value}


@pytest.mark.parametrize(
    "value",
    [
        "Jane Doe", "+491512345678", "491512345678", 491512345678, "wamid.HBgNNDkxNTEyMzQ1", b"x",
        ["a"], {"a": 1}, object(), "a" * 101, "knie\n", "Müller", Mood.TALKATIVE,
    ],
)  # fmt: skip
def test_a_value_that_may_be_content_is_redacted_even_in_a_listed_field(value: object) -> None:
    assert redact(None, "info", {"reason": value}) == {"reason": REDACTED}


def test_an_enumeration_shows_its_value_and_an_error_its_class() -> None:
    fields = {"state": Mood.CALM, "error": ValueError("Jane"), "reason": KeyError}
    expected = {"state": "calm", "error": "ValueError", "reason": "KeyError"}
    assert redact(None, "info", fields) == expected


def test_a_field_whose_name_may_be_content_loses_its_name_too() -> None:
    assert redact(None, "info", {"Jane Doe": 1, "jane": 1}) == {
        REDACTED: REDACTED,
        "jane": REDACTED,
    }


def test_only_literals_of_the_running_code_are_literals() -> None:
    name = uuid.uuid4().hex
    assert is_literal("standing here", sys._getframe())
    assert not is_literal(f"standing {name}", sys._getframe())
    assert not is_literal(ValueError(name), sys._getframe())


def test_a_literal_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_FOUND", set())
    assert is_literal("looked for once", sys._getframe())
    assert is_literal("looked for once", None)
    assert not is_literal("never looked for", None)
