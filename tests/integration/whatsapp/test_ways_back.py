"""WhatsApp takes back each file that passes examination: as it came, or as a PDF made from it."""

from collections.abc import Callable, Iterator

import pytest

from medvault.adapters.sandbox.examiner import SandboxExaminer
from medvault.adapters.whatsapp.media import CloudMedia
from medvault.domain.errors import Permanent
from medvault.domain.media import MAX_BYTES, FileKind, Verdict
from support import pictures
from support.corpus import photos
from support.files import JPEG, MEBIBYTE, PDF, PNG
from support.simulated import Simulator

HARD: dict[str, tuple[FileKind, Callable[[], bytes], FileKind]] = {
    "jpeg": (JPEG, pictures.jpeg, JPEG),
    "mirrored jpeg": (JPEG, lambda: pictures.turned(5), JPEG),
    "mirrored jpeg of 8 MB": (JPEG, lambda: pictures.turned(5) + bytes(8 * MEBIBYTE), PDF),
    "cmyk jpeg": (JPEG, lambda: pictures.jpeg("CMYK"), PDF),
    "jpeg that is as large as can be": (JPEG, lambda: pictures.jpeg().ljust(MAX_BYTES, b"\0"), PDF),
    "jpeg without its end": (JPEG, lambda: pictures.jpeg()[:-2], PDF),
    "png": (PNG, lambda: pictures.png("RGBA"), PNG),
    "png of 16 bits": (PNG, lambda: pictures.png("I;16"), PDF),
    "png of 16 bits a channel": (PNG, photos.deep, PDF),
    "transparent png of 16 bits": (PNG, lambda: photos.deep(6), PDF),
    "transparent png of 12 MB": (PNG, lambda: pictures.noisy_png((2000, 1500)), PDF),
}


@pytest.fixture
def media(simulator: Simulator) -> Iterator[CloudMedia]:
    with CloudMedia(simulator.options()) as media:
        yield media


@pytest.mark.parametrize("name", HARD)
def test_what_is_accepted_can_be_given_back(media: CloudMedia, name: str) -> None:
    kind, build, comes_as = HARD[name]
    content, examiner = build(), SandboxExaminer(None)
    assert examiner.examine([content], kind) is Verdict.NOT_SCANNED
    with examiner.give_back([content], kind) as returned:
        assert returned.kind is comes_as
        assert media.upload(returned.chunks, returned.size, returned.kind, "a")


@pytest.mark.parametrize("name", ["cmyk jpeg", "png of 16 bits", "transparent png of 12 MB"])
def test_as_it_came_it_would_be_refused(media: CloudMedia, name: str) -> None:
    kind, build, _ = HARD[name]
    content = build()
    with pytest.raises(Permanent):
        media.upload([content], len(content), kind, "a")
