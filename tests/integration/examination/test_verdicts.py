"""The verdict of an examination on every file of the corpus, without a scanner."""

import os
from collections.abc import Iterator

import pytest

from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.sandbox.limits import Limits
from medvault.domain.media import MAX_BYTES, FileKind, Verdict
from support import files, hostile
from support.corpus import scans
from support.files import Sample

ENDS = [each for each in scans.samples() if "without 2" in each.name or "damaged t" in each.name]
SAMPLES = [
    *files.GOOD,
    *files.EMPTY,
    *files.MISLABELLED,
    *files.DAMAGED,
    *files.ENCRYPTED,
    *hostile.ACTING,
    *hostile.EXPLODING,
    Sample("raw photo", FileKind.TIFF, scans.raw_photo, Verdict.IS_RAW_PHOTO),
    Sample("tiff of pages", FileKind.TIFF, lambda: scans.pages(3)),
    *ENDS,
]
SMALL = Limits(pages=50, objects=2_000, decoded=4 * files.MEBIBYTE)
LIMITS = Limits() if os.environ.get("MEDVAULT_TEST_FULL") else SMALL
"""A file at its limit is large, and takes seconds: `make reliability` tries those too."""
AT_A_LIMIT = [*hostile.exceeding(LIMITS), *hostile.within(LIMITS)]


@pytest.mark.long("more than a hundred files have a child each")
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_each_file_gets_its_verdict(sample: Sample) -> None:
    content = sample.build()
    verdict = SandboxExaminer(None).examine(pieces(content), sample.kind)
    assert verdict == (sample.verdict or Verdict.NOT_SCANNED)


@pytest.mark.parametrize("sample", AT_A_LIMIT, ids=lambda sample: sample.name)
def test_a_file_may_reach_a_limit_and_not_exceed_it(sample: Sample) -> None:
    content = sample.build()
    verdict = SandboxExaminer(None, LIMITS).examine(pieces(content), sample.kind)
    assert verdict == (sample.verdict or Verdict.NOT_SCANNED)


def test_no_two_samples_share_a_name() -> None:
    samples = [*SAMPLES, *AT_A_LIMIT]
    assert len({sample.name for sample in samples}) == len(samples)


def test_a_file_over_the_limit_is_refused_while_it_comes() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(files.MEBIBYTE)

    assert SandboxExaminer(None).examine(endless(), FileKind.PDF) is Verdict.TOO_LARGE
    assert taken == MAX_BYTES // files.MEBIBYTE + 1


def pieces(content: bytes) -> Iterator[bytes]:
    """A file as a store gives it out."""
    for start in range(0, len(content), 60_000):
        yield content[start : start + 60_000]
