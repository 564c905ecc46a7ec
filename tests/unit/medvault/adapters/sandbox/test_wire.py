"""A child is understood, and nothing that it says lets a file into a vault."""

import pytest

from medvault.adapters.sandbox import wire
from medvault.adapters.sandbox.wire import Say
from medvault.domain.media import Verdict


@pytest.mark.parametrize(
    ("say", "value"),
    [(Say.READY, ""), (Say.OBJECTION, Verdict.DAMAGED), (Say.SIZE, 17), (Say.SMALLER, 17)],
)
def test_what_is_said_is_understood(say: Say, value: str | int) -> None:
    line = wire.line(say, value)
    assert len(line) <= wire.LONGEST
    assert wire.parse(line.removesuffix(b"\n")) == (say, str(value))


@pytest.mark.parametrize("verdict", Verdict)
def test_no_objection_accepts_a_file(verdict: Verdict) -> None:
    try:
        assert not wire.objection(verdict).accepted
    except ValueError:
        assert verdict in {
            *(Verdict.CLEAN, Verdict.NOT_SCANNED, Verdict.INFECTED),
            *(Verdict.WAITING, Verdict.EXPIRED, Verdict.FAILED, Verdict.UNCHECKED),
            Verdict.TOO_SLOW,
        }


@pytest.mark.parametrize("text", [b"", b"clean", b"verdict clean", b"\xff\xfe", b'{"size": 1}'])
def test_what_is_no_line_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - also a decoder's own
        wire.parse(text)


@pytest.mark.parametrize("value", ["", "-1", "1e9", "1_0", " 1", "9" * 13, "²"])
def test_what_is_no_size_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="size"):
        wire.number(value)
