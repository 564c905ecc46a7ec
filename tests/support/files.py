"""Files that patients and attackers send, with what an examination says of each."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import img2pdf
from pikepdf import Array, Dictionary, Name, String

from medvault.domain.media import FileKind, Verdict
from support import pdfs, pictures
from support.pdfs import action

MEBIBYTE = 1024 * 1024
PDF, JPEG, PNG, WEBP, HEIC = (
    FileKind.PDF,
    FileKind.JPEG,
    FileKind.PNG,
    FileKind.WEBP,
    FileKind.HEIC,
)
AVIF, TIFF, GIF, BMP = FileKind.AVIF, FileKind.TIFF, FileKind.GIF, FileKind.BMP


@dataclass(frozen=True, slots=True)
class Sample:
    """A file, sent as `kind`; `verdict` is what speaks against it, None where nothing does."""

    name: str
    kind: FileKind
    build: Callable[[], bytes]
    verdict: Verdict | None = None


def cut(file: bytes, share: float) -> bytes:
    """The first part of a file."""
    return file[: int(len(file) * share)]


GOOD = [
    Sample("classic pdf", PDF, lambda: pdfs.written(pdfs.report(), **pdfs.CLASSIC)),
    Sample("pdf with object streams", PDF, lambda: pdfs.written(pdfs.report(), **pdfs.MODERN)),
    Sample("linearized pdf", PDF, lambda: pdfs.written(pdfs.report(), linearize=True)),
    Sample("pdf 1.3", PDF, lambda: pdfs.written(pdfs.report(), force_version="1.3")),
    Sample("scanner's pdf", PDF, pdfs.scanned),
    Sample("pdf of a photo", PDF, lambda: img2pdf.convert(pictures.jpeg())),
    Sample("pdf without its end", PDF, lambda: pdfs.scanned().removesuffix(b"%%EOF\n")),
    Sample("pdf without its startxref", PDF, lambda: pdfs.scanned().partition(b"startxref")[0]),
    Sample(
        "pdf with a wrong table", PDF, lambda: pdfs.scanned().replace(b"1.4\n", b"1.4\n% moved\n")
    ),
    Sample("pdf with a tail", PDF, lambda: pdfs.scanned() + b"\0" * 4096),
    Sample("pdf that loops in its table", PDF, pdfs.looping_xref),
    Sample("pdf that forbids copying", PDF, lambda: pdfs.locked("", 3)),
    Sample("pdf that forbids copying, aes-128", PDF, lambda: pdfs.locked("", 4)),
    Sample("pdf that forbids copying, aes-256", PDF, lambda: pdfs.locked("", 6)),
    Sample("pdf with a blank page", PDF, lambda: pdfs.changed(lambda pdf: pdf.add_blank_page())),
    Sample(
        "pdf with a link",
        PDF,
        lambda: pdfs.with_annotation(
            Subtype=Name.Link, A=action("URI", URI=String("https://example.org"))
        ),
    ),
    Sample(
        "pdf that opens at a page",
        PDF,
        lambda: pdfs.with_root(OpenAction=action("GoTo", D=Array([0, Name.Fit]))),
    ),
    Sample(
        "pdf with a form",
        PDF,
        lambda: pdfs.with_root(AcroForm=Dictionary(Fields=Array([]), NeedAppearances=True)),
    ),
    Sample(
        "pdf with an empty tree of attachments",
        PDF,
        lambda: pdfs.with_root(Names=Dictionary(EmbeddedFiles=Dictionary(Names=Array([])))),
    ),
    Sample(
        "pdf with fonts named like actions",
        PDF,
        lambda: pdfs.with_root(
            Spare=Dictionary(
                AA=Dictionary(Type=Name.Font), JS=Dictionary(Type=Name.Font), EF=Dictionary()
            )
        ),
    ),
    Sample("pdf of 2000 pages", PDF, lambda: pdfs.many_pages(2000)),
    Sample(
        "pdf of a scan at 600 dpi",
        PDF,
        lambda: pdfs.with_filters(zlib.compress(bytes(4960 * 7016 * 3), 1), "/FlateDecode"),
    ),
    Sample(
        "pdf in ascii85",
        PDF,
        lambda: pdfs.with_filters(b"9jqo^BlbD-~>", "/ASCII85Decode"),
    ),
    Sample("jpeg", JPEG, pictures.jpeg),
    Sample("progressive jpeg", JPEG, lambda: pictures.jpeg(progressive=True)),
    Sample("grey jpeg", JPEG, lambda: pictures.jpeg("L")),
    Sample("cmyk jpeg", JPEG, lambda: pictures.jpeg("CMYK")),
    Sample("turned jpeg", JPEG, lambda: pictures.turned(6)),
    Sample("mirrored jpeg", JPEG, lambda: pictures.turned(2)),
    Sample("jpeg of two pictures", JPEG, lambda: pictures.animated("MPO")),
    Sample("jpeg with a motion photo", JPEG, lambda: pictures.jpeg() + pdfs.noise(90_000)),
    Sample("png", PNG, pictures.png),
    Sample("png with transparency", PNG, lambda: pictures.png("RGBA")),
    Sample("png with a palette", PNG, lambda: pictures.png("P")),
    Sample("one-bit png", PNG, lambda: pictures.blank_png(2480, 3508)),
    Sample("png of 16 bits", PNG, lambda: pictures.png("I;16")),
    Sample("animated png", PNG, lambda: pictures.animated("PNG")),
    Sample("webp", WEBP, pictures.webp),
    Sample("lossless webp", WEBP, lambda: pictures.webp(lossless=True)),
    Sample("animated webp", WEBP, lambda: pictures.animated("WEBP")),
    Sample("heic", HEIC, pictures.heic),
    Sample("turned heic", HEIC, lambda: pictures.turned(6, "HEIF")),
]

EMPTY = [Sample(f"empty {kind.name}", kind, bytes, Verdict.EMPTY) for kind in FileKind]

MISLABELLED = [
    Sample("png named pdf", PDF, pictures.png, Verdict.WRONG_KIND),
    Sample("pdf named jpeg", JPEG, pdfs.scanned, Verdict.WRONG_KIND),
    Sample("web page named pdf", PDF, lambda: b"<html></html>" * 99, Verdict.WRONG_KIND),
    Sample("heic named webp", WEBP, pictures.heic, Verdict.WRONG_KIND),
]

DAMAGED = [
    Sample(
        "pdf with a picture cut off",
        PDF,
        lambda: cut(pdfs.written(pdfs.with_a_picture(), **pdfs.CLASSIC), 0.5),
        Verdict.DAMAGED,
    ),
    Sample(
        "pdf behind a line, cut in half",
        PDF,
        lambda: b"\n" + cut(pdfs.scanned(), 0.5),
        Verdict.DAMAGED,
    ),
    Sample("pdf of a header", PDF, lambda: b"%PDF-1.7\n", Verdict.DAMAGED),
    Sample("pdf of noise", PDF, lambda: b"%PDF-1.7\n" + pdfs.noise(5000), Verdict.DAMAGED),
    *[
        Sample(f"pdf cut at {share:.0%}", PDF, partial(cut, pdfs.scanned(), share), Verdict.DAMAGED)
        for share in (0.05, 0.3, 0.5, 0.8)
    ],
    Sample(
        "modern pdf cut in half",
        PDF,
        lambda: cut(pdfs.written(pdfs.report(), **pdfs.MODERN), 0.5),
        Verdict.DAMAGED,
    ),
    Sample(
        "linearized pdf cut in half",
        PDF,
        lambda: cut(pdfs.written(pdfs.report(9), linearize=True), 0.5),
        Verdict.DAMAGED,
    ),
    Sample(
        "pdf without pages",
        PDF,
        lambda: pdfs.handmade(
            [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]
        ),
        Verdict.DAMAGED,
    ),
    Sample("pdf that loops in its pages", PDF, pdfs.looping_pages, Verdict.DAMAGED),
    Sample("jpeg cut", JPEG, lambda: cut(pictures.jpeg(), 0.7), Verdict.DAMAGED),
    Sample(
        "progressive jpeg cut",
        JPEG,
        lambda: cut(pictures.jpeg(progressive=True), 0.3),
        Verdict.DAMAGED,
    ),
    Sample("jpeg of noise", JPEG, lambda: b"\xff\xd8\xff\xe0" + pdfs.noise(5000), Verdict.DAMAGED),
    Sample("png cut", PNG, lambda: cut(pictures.png(), 0.7), Verdict.DAMAGED),
    Sample("png of noise", PNG, lambda: b"\x89PNG\r\n\x1a\n" + pdfs.noise(5000), Verdict.DAMAGED),
    Sample("webp cut", WEBP, lambda: cut(pictures.webp(), 0.7), Verdict.DAMAGED),
    Sample(
        "webp of noise",
        WEBP,
        lambda: b"RIFF\x90\x13\x00\x00WEBPVP8 " + pdfs.noise(5000),
        Verdict.DAMAGED,
    ),
    Sample("heic cut", HEIC, lambda: cut(pictures.heic(), 0.7), Verdict.DAMAGED),
    Sample(
        "heic of noise",
        HEIC,
        lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + pdfs.noise(5000),
        Verdict.DAMAGED,
    ),
]

ENCRYPTED = [
    Sample(f"locked pdf, revision {revision}", PDF, build, Verdict.ENCRYPTED)
    for revision, build in pdfs.LOCKED.items()
]
ENCRYPTED.append(
    Sample(
        "pdf locked by a certificate",
        PDF,
        pdfs.locked_by_certificate,
        Verdict.LOCKED_BY_CERTIFICATE,
    )
)
