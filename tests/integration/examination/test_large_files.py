"""A file that is admitted for its size is checked: limits here, at clamd and in the docs agree."""

import os
import re
from dataclasses import replace

import pytest

from medvault.adapters.clamav.scanner import ClamdScanner
from medvault.adapters.sandbox.decoding import PICTURES, STREAMS
from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.sandbox.limits import MAX_COPY, Limits
from medvault.bootstrap.media import SCAN_SECONDS
from medvault.domain.media import MAX_BYTES, Verdict
from medvault_operator.resources.scanner import LIMITS as MANAGED
from medvault_operator.vault.interface import MEDIA
from support import lossless, pdfs
from support.files import MEBIBYTE, PDF
from support.servers import clamd as scanners
from support.servers.clamd import Clamd
from unit.docs.pages import ROOT

FULL = bool(os.environ.get("MEDVAULT_TEST_FULL"))
PAGES, LIMITS = (300, Limits()) if FULL else (3, Limits(decoded=32 * MEBIBYTE))
LARGEST = MAX_BYTES if FULL else 8 * MEBIBYTE
CONSUMER_TIMEOUT = 30 * 60
"""RabbitMQ's own, in seconds."""
UNITS = {"": 1, "M": MEBIBYTE, "G": 1024 * MEBIBYTE}


def documented() -> dict[str, str]:
    """The settings that docs/operations.md asks of clamd."""
    text = (ROOT / "docs" / "operations.md").read_text()
    block = re.search(r"```conf\n(StreamMaxLength.*?)```", text, re.DOTALL)
    assert block
    return dict(line.split() for line in block[1].splitlines())


def number(option: str) -> int:
    found = re.fullmatch(r"(\d+)([MG]?)", documented()[option])
    assert found
    return int(found[1]) * UNITS[found[2]]


def test_docs_operator_and_tests_have_the_same_clamd() -> None:
    assert documented() == MANAGED == scanners.LIMITS


def test_clamd_takes_what_is_admitted_and_gives_up_before_it_is_given_up() -> None:
    decoded = Limits().decoded
    assert number("StreamMaxLength") >= max(MAX_BYTES, MAX_COPY)
    assert number("MaxFileSize") >= max(decoded, MAX_BYTES, MAX_COPY)
    assert number("MaxScanSize") >= decoded * (PICTURES + STREAMS) + MAX_BYTES
    assert number("MaxScanTime") / 1000 < SCAN_SECONDS


def test_whoever_looks_into_the_longest_file_has_the_time_to_end() -> None:
    limits = Limits().of(MAX_BYTES)
    assert MEDIA.grace >= SCAN_SECONDS + limits.cpu
    assert f"{MEDIA.grace:,} s" in (ROOT / "docs" / "operations.md").read_text()
    assert SCAN_SECONDS + limits.wall < CONSUMER_TIMEOUT


def test_a_larger_file_has_more_time() -> None:
    small, large = Limits(), Limits().of(MAX_BYTES)
    assert small.of(1_000) == small
    assert large.cpu >= 3 * small.cpu
    assert large.wall > large.cpu
    assert replace(large, cpu=small.cpu, wall=small.wall) == small


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("scanned", [False, True], ids=["structure alone", "with clamd"])
def test_pages_that_are_large_once_decoded_pass(clamd: Clamd, scanned: bool) -> None:
    """At full size 300 of them, in colour and at 300 dpi: 7.8 GB."""
    scanner = ClamdScanner(f"tcp://{clamd.address}", 5.0, SCAN_SECONDS) if scanned else None
    content = lossless.pages(PAGES)
    assert len(content) < MAX_BYTES
    whole = PAGES * lossless.PAGE_BYTES
    assert whole > STREAMS * LIMITS.decoded, "more than all other streams may"
    verdict = SandboxExaminer(scanner, LIMITS).examine([content], PDF)
    assert verdict is (Verdict.CLEAN if scanned else Verdict.NOT_SCANNED)


def test_a_file_of_the_largest_size_is_clean(clamd: Clamd) -> None:
    scanner = ClamdScanner(f"tcp://{clamd.address}", 5.0, SCAN_SECONDS)
    room = LARGEST - len(pdfs.with_content(b"", **pdfs.AS_IT_IS)) - 1024
    content = pdfs.with_content(b"% " + os.urandom(room // 2).hex().encode(), **pdfs.AS_IT_IS)
    assert LARGEST - 4096 < len(content) <= LARGEST
    assert SandboxExaminer(scanner).examine([content], PDF) is Verdict.CLEAN
