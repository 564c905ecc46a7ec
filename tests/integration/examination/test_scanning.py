"""Examinations with a real clamd that knows EICAR and nothing else."""

import io
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Literal

import pikepdf
import pytest

from medvault.adapters.clamav.scanner import ClamdScanner
from medvault.adapters.sandbox.decoded import Archive
from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.sandbox.limits import MAX_COPY
from medvault.domain.errors import Unavailable
from medvault.domain.media import FileKind, Verdict
from medvault.ports import Disarmed
from support import files, hostile, pdfs, pictures
from support.corpus import hidden
from support.corpus.handwritten import attached
from support.files import JPEG, PDF, PNG, Sample
from support.servers.clamd import EICAR, Clamd, PrivateClamd
from support.servers.machine import free_port

ROOMY = EICAR + b" " * 500
"""EICAR with enough around it that encoders shorten it."""

INFECTED = {
    "in a page": (PDF, lambda: pdfs.with_content(EICAR, **pdfs.AS_IT_IS)),
    "in a deflated page": (PDF, lambda: pdfs.with_content(ROOMY)),
    "in a page deflated twice": (
        PDF,
        lambda: pdfs.with_filters(
            zlib.compress(zlib.compress(ROOMY)), "/FlateDecode", "/FlateDecode"
        ),
    ),
    "in an object stream": (PDF, lambda: pdfs.object_stream(b"(" + EICAR + b")", 500)),
    "behind permissions of revision 3": (
        PDF,
        lambda: pdfs.with_content(ROOMY, encryption=pdfs.password("", 3)),
    ),
    "behind permissions of revision 4": (
        PDF,
        lambda: pdfs.with_content(ROOMY, encryption=pdfs.password("", 4)),
    ),
    "behind permissions of revision 6": (
        PDF,
        lambda: pdfs.with_content(ROOMY, encryption=pdfs.password("", 6)),
    ),
    "in data attached to a pdf": (PDF, lambda: attached(ROOMY)),
    "after a pdf": (PDF, lambda: pdfs.scanned() + EICAR),
    "after a jpeg": (JPEG, lambda: pictures.jpeg() + EICAR),
    "in a jpeg's comment": (JPEG, lambda: pictures.with_comment(pictures.jpeg(), EICAR)),
    "in a png's text": (PNG, lambda: pictures.with_text(pictures.png(), EICAR)),
}


def boxed(clamd: str, scan_seconds: float = 60.0) -> SandboxExaminer:
    """Examines files as the services do, with the clamd at host:port."""
    return SandboxExaminer(ClamdScanner(f"tcp://{clamd}", min(5.0, scan_seconds), scan_seconds))


@pytest.fixture(scope="module")
def examiner(clamd: Clamd) -> SandboxExaminer:
    return boxed(clamd.address)


@pytest.fixture
def own_clamd() -> Iterator[PrivateClamd]:
    with PrivateClamd() as server:
        yield server


@pytest.mark.parametrize("sample", files.GOOD, ids=lambda sample: sample.name)
def test_a_good_file_is_clean(examiner: SandboxExaminer, sample: Sample) -> None:
    assert examiner.examine([sample.build()], sample.kind) is Verdict.CLEAN


@pytest.mark.parametrize(("kind", "build"), INFECTED.values(), ids=INFECTED.keys())
def test_eicar_is_found(
    examiner: SandboxExaminer, kind: FileKind, build: Callable[[], bytes]
) -> None:
    assert examiner.examine([build()], kind) is Verdict.INFECTED


HIDDEN = hidden.dictionaries(ROOMY + b" " * (-len(ROOMY) % 8))


@pytest.mark.parametrize("name", HIDDEN)
def test_eicar_is_found_where_only_the_decoded_copy_shows_it(
    examiner: SandboxExaminer, clamd: Clamd, name: str
) -> None:
    alone = ClamdScanner(f"tcp://{clamd.address}", 5.0, 60.0)
    assert alone.scan([HIDDEN[name]]) is Verdict.CLEAN, "the control: clamd does not see it"
    assert examiner.examine([HIDDEN[name]], PDF) is Verdict.INFECTED


@pytest.mark.parametrize("revision", [3, 4, 6])
def test_eicar_is_found_behind_permissions_too_where_clamd_goes_astray(
    examiner: SandboxExaminer, revision: Literal[3, 4, 6]
) -> None:
    with pikepdf.open(io.BytesIO(HIDDEN["behind a string that ends a dictionary"])) as pdf:
        locked = io.BytesIO()
        pdf.save(locked, encryption=pdfs.password("", revision))
    assert examiner.examine([locked.getvalue()], PDF) is Verdict.INFECTED


SCRIPT = b"/Type/Catalog/OpenAction<</S/JavaScript/JS(1)>>"
ACTING = {name: file.replace(b"/Type/Catalog", SCRIPT) for name, file in HIDDEN.items()} | {
    "in what is taken away": attached(b"MZ" + ROOMY, b"a.exe"),
    "behind its end": pdfs.with_root(OpenAction=hostile.script()) + EICAR,
}


@pytest.mark.parametrize("name", ACTING)
def test_an_infected_pdf_that_acts_is_not_kept_as_a_copy_either(
    examiner: SandboxExaminer, name: str
) -> None:
    kept: list[Disarmed] = []
    assert examiner.examine([ACTING[name]], PDF, keep=kept.append) is Verdict.INFECTED
    assert not kept


def test_a_clean_pdf_that_acts_is_kept_as_a_copy(examiner: SandboxExaminer) -> None:
    kept: list[Disarmed] = []
    clean = pdfs.with_root(OpenAction=hostile.script())
    assert examiner.examine([clean], PDF, keep=kept.append) is Verdict.CLEAN
    assert [copy.removed for copy in kept] == [Verdict.HAS_SCRIPT]


@pytest.mark.long("a copy at its bound is scanned")
def test_a_copy_has_a_bound_and_pictures_are_not_in_it(examiner: SandboxExaminer) -> None:
    large = MAX_COPY * b"\0"
    assert examiner.examine([pdfs.with_content(large)], PDF) is Verdict.UNSCANNABLE
    assert examiner.examine([pdfs.scanned()], PDF) is Verdict.CLEAN


def test_an_archive_is_one_as_others_know_it() -> None:
    file = io.BytesIO()
    archive = Archive(file)
    with pikepdf.open(io.BytesIO(HIDDEN["with rows of a predictor"])) as pdf:
        archive.take(pdf.pages[0].Contents, encrypted=False)
        archive.take(pdf.make_stream(b"plain"), encrypted=False)
        archive.take(pdf.make_stream(b"plain"), encrypted=True)
    archive.end()
    file.seek(0)
    with tarfile.open(fileobj=file) as found:
        contents = [
            member.read() for name in found.getnames() if (member := found.extractfile(name))
        ]
    assert [contents[0].rstrip(), contents[1:]] == [EICAR, [b"plain"]]


def test_an_attachment_that_acts_is_refused_before_it_is_scanned(
    examiner: SandboxExaminer,
) -> None:
    program = pdfs.with_attachment(b"MZ\0" + EICAR)
    assert examiner.examine([program], PDF) is Verdict.HAS_ATTACHMENT


def test_a_file_is_never_clean_while_the_scanner_is_away() -> None:
    away = boxed(f"127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable) as caught:
        away.examine([pdfs.scanned()], PDF)
    assert caught.value.dependency == "clamd"


def test_a_broken_file_is_judged_without_the_scanner() -> None:
    away = boxed(f"127.0.0.1:{free_port()}")
    assert away.examine([b"%PDF-1.7\n"], PDF) is Verdict.DAMAGED


def test_a_frozen_scanner_is_given_up_in_time_and_works_again_later(
    own_clamd: PrivateClamd,
) -> None:
    examiner = boxed(own_clamd.address, scan_seconds=1.0)
    own_clamd.pause()
    start = time.monotonic()
    with pytest.raises(Unavailable):
        examiner.examine([pdfs.scanned()], PDF)
    assert time.monotonic() - start < 8
    own_clamd.resume()
    assert examiner.examine([pdfs.scanned()], PDF) is Verdict.CLEAN
