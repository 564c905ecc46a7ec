"""Files of which no two are alike, so that what comes back can be told from any other."""

import random
from dataclasses import dataclass

from PIL import Image

from support import pdfs, pictures

SMALL, LARGE = (1_000, 40_000), (200_000, 900_000)
LARGE_SHARE = 0.04


@dataclass(frozen=True, slots=True)
class File:
    """A file that a patient sends: as a document, or as a photo without a name."""

    name: str
    mime: str
    data: bytes
    document: bool


def pdf(dice: random.Random, name: str) -> File:
    """A PDF of some kilobytes, seldom of hundreds."""
    size = dice.randint(*(LARGE if dice.random() < LARGE_SHARE else SMALL))
    content = b"% " + dice.randbytes(size // 2).hex().encode() + b"\n" + pdfs.TEXT
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Resources<<>>/Contents 4 0 R>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        page,
        b"<</Length %d>>stream\n%b\nendstream" % (len(content), content),
    ]
    return File(f"{name}.pdf", "application/pdf", pdfs.handmade(objects), document=True)


def photo(dice: random.Random, name: str) -> File:
    """A small JPEG."""
    width, height = 64, 48
    noise = Image.frombytes("RGB", (width, height), dice.randbytes(width * height * 3))
    return File(f"{name}.jpg", "image/jpeg", pictures.encoded(noise, "JPEG"), document=False)


def no_report(dice: random.Random, name: str) -> File:
    """A file that no vault takes: a text that says it is a PDF."""
    text = b"to whom it may concern: " + dice.randbytes(20).hex().encode()
    return File(f"{name}.pdf", "application/pdf", text, document=True)
