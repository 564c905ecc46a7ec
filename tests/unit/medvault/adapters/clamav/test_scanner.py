"""The client keeps to clamd's protocol, and takes nothing but `stream: OK` for a clean file."""

import socket
import tempfile
import time

import pytest

from medvault.adapters.clamav.scanner import ClamdScanner
from medvault.domain.errors import ScanOverran, Transient, Unavailable
from medvault.domain.media import Verdict
from support.scripted import Script, serving
from support.servers.machine import free_port


def scanner(address: str, seconds: float = 5.0) -> ClamdScanner:
    return ClamdScanner(address, connect_timeout=1.0, timeout=seconds)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (b"stream: OK\0", Verdict.CLEAN),
        (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", Verdict.INFECTED),
        (b"stream: Heuristics.Phishing.Email FOUND\0", Verdict.INFECTED),
        (b"stream: OK FOUND\0", Verdict.INFECTED),
        (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", Verdict.UNSCANNABLE),
        (b"stream: Heuristics.Limits.Exceeded FOUND\0", Verdict.UNSCANNABLE),
        (b"stream: Heuristics.Encrypted.PDF FOUND\0", Verdict.UNSCANNABLE),
        (b"INSTREAM size limit exceeded. ERROR\0", Verdict.UNSCANNABLE),
    ],
)
def test_an_answer_becomes_a_verdict(answer: bytes, verdict: Verdict) -> None:
    with serving(Script(answer)) as script:
        assert scanner(script.address).scan([b"a report"]) is verdict


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"stream: OK",
        b"stream: ok\0",
        b"stream: OK \0",
        b"stream:OK\0",
        b"\nstream: OK\0",
        b"stream: OK\n\0",
        b"OK\0",
        b"UNKNOWN COMMAND\0",
        b"COMMAND READ TIMED OUT\0",
        b"\xff\xfe\0",
        b"stream: " + b"A" * 100_000,
    ],
)
def test_whatever_else_is_answered_is_no_verdict(answer: bytes) -> None:
    with serving(Script(answer)) as script, pytest.raises(Unavailable):
        scanner(script.address).scan([b"a report"])


def test_an_error_of_one_file_does_not_count_as_an_outage() -> None:
    with (
        serving(Script(b"stream: Can't allocate memory ERROR\0")) as script,
        pytest.raises(Transient) as caught,
    ):
        scanner(script.address).scan([b"a report"])
    assert not isinstance(caught.value, Unavailable)


def test_a_file_is_sent_in_chunks_with_their_lengths_and_a_final_zero() -> None:
    with serving(Script(b"stream: OK\0")) as script:
        scanner(script.address).scan([b"abc", b"", b"de"])
    assert script.heard == b"zINSTREAM\0\0\0\0\3abc\0\0\0\2de\0\0\0\0"


def test_an_answer_given_before_the_file_is_sent_is_read() -> None:
    chunks = [bytes(1024 * 1024)] * 64
    with serving(Script(b"INSTREAM size limit exceeded. ERROR\0", after=10)) as script:
        assert scanner(script.address).scan(chunks) is Verdict.UNSCANNABLE


def test_a_connection_lost_amid_the_file_is_no_verdict() -> None:
    chunks = [bytes(1024 * 1024)] * 64
    with serving(Script(b"", after=10)) as script, pytest.raises(Unavailable):
        scanner(script.address).scan(chunks)


@pytest.mark.parametrize("beginning", [b"", b"stream: "])
def test_a_silent_scanner_is_given_up(beginning: bytes) -> None:
    with serving(Script(beginning, hang=True)) as script:
        start = time.monotonic()
        with pytest.raises(Unavailable):
            scanner(script.address, seconds=0.3).scan([b"a report"])
        assert 0.3 <= time.monotonic() - start < 2


def test_a_scanner_that_reads_nothing_is_given_up() -> None:
    with serving(Script(b"", after=1, hang=True)) as script:
        start = time.monotonic()
        with pytest.raises(Unavailable):
            scanner(script.address, seconds=0.3).scan([bytes(64 * 1024 * 1024)])
        assert time.monotonic() - start < 2


def test_a_refused_connection_is_an_outage() -> None:
    away = scanner(f"tcp://127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable):
        away.scan([b"a report"])
    with pytest.raises(Unavailable):
        away.check()


def test_a_socket_file_is_an_address_too() -> None:
    with tempfile.TemporaryDirectory() as folder:  # a socket's path must be short
        path = f"{folder}/clamd"
        with pytest.raises(Unavailable):
            scanner(f"unix://{path}").check()
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen()
        with serving(Script(b"PONG\0"), listener):
            scanner(f"unix://{path}").check()


@pytest.mark.parametrize("answer", [b"", b"PONG", b"ERROR\0"])
def test_only_a_pong_proves_that_the_scanner_is_there(answer: bytes) -> None:
    with serving(Script(answer)) as script, pytest.raises(Unavailable):
        scanner(script.address).check()


def test_a_check_takes_no_more_than_a_second() -> None:
    with serving(Script(b"", hang=True)) as script:
        start = time.monotonic()
        with pytest.raises(Unavailable):
            scanner(script.address, seconds=60).check()
        assert time.monotonic() - start < 2


@pytest.mark.parametrize("address", ["", "127.0.0.1:3310", "http://clamd:3310", "tcp://", "unix:"])
def test_a_malformed_address_is_refused_at_once(address: str) -> None:
    with pytest.raises(ValueError, match="tcp://host:port or unix:///path"):
        scanner(address)


def test_an_error_names_neither_signature_nor_file() -> None:
    with (
        serving(Script(b"stream: Secret.Name ERROR\0")) as script,
        pytest.raises(Transient) as caught,
    ):
        scanner(script.address).scan([b"a report"])
    assert str(caught.value) == "clamd failed at a file"


def test_a_scan_that_clamd_itself_gave_up_is_one_out_of_time() -> None:
    answer = b"stream: Heuristics.Limits.Exceeded.MaxScanTime FOUND\0"
    with serving(Script(answer)) as script, pytest.raises(ScanOverran):
        scanner(script.address).scan([b"a report"])
