import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.media import MAX_BYTES, SNIFF_BYTES, FileKind, Verdict, returnable, sniff

MB = 1024 * 1024
HEADS = [
    (b"%PDF-1.7\n", FileKind.PDF),
    (b"\n%PDF-1.7\n", FileKind.PDF),
    (b"\xef\xbb\xbf%PDF-1.7", FileKind.PDF),
    (b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7", FileKind.PDF),
    (bytes(128) + b"%PDF-1.7", FileKind.PDF),
    (bytes(1024) + b"%PDF-1.7", FileKind.PDF),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF %PDF-1.7", FileKind.JPEG),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", FileKind.JPEG),
    (b"\xff\xd8\xff\xdb", FileKind.JPEG),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", FileKind.PNG),
    (b"RIFF\x10\x00\x00\x00WEBPVP8 ", FileKind.WEBP),
    (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1", FileKind.HEIC),
    (b"\x00\x00\x00\x18ftypmif1", FileKind.HEIC),
    (b"\x00\x00\x00\x18ftypheif\x00\x00\x00\x00mif1heic", FileKind.HEIC),
    (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1", FileKind.AVIF),
    (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00miafavif", FileKind.AVIF),
    (b"II*\x00\x08\x00\x00\x00", FileKind.TIFF),
    (b"MM\x00*\x00\x00\x00\x08", FileKind.TIFF),
    (b"II+\x00\x08\x00\x00\x00", FileKind.TIFF),
    (b"GIF89a\x10\x00", FileKind.GIF),
    (b"GIF87a\x10\x00", FileKind.GIF),
    (b"BM" + bytes(12) + b"\x28\x00\x00\x00", FileKind.BMP),
]


@pytest.mark.parametrize(("head", "kind"), HEADS)
def test_a_file_is_known_by_its_first_bytes(head: bytes, kind: FileKind) -> None:
    assert sniff(head) is kind
    assert sniff(head.ljust(SNIFF_BYTES, b"\x00")) is kind


@pytest.mark.parametrize(
    "head",
    [
        b"", b"%PDF", b"PDF-1.7", b"\xff\xd8", b"\x89PNG\n\x1a\n", b"RIFF\x10\x00\x00\x00WAVE",
        b"RIFF", b"GIF88a", b"BM", b"BMW or bus",
        b"\x00\x00\x00\x18ftypmp42", b"\x00\x00\x00\x18ftyp", b"PK\x03\x04", b"MZ\x90\x00",
        b"<!DOCTYPE html>",
        b"II*", b"MM\x00", bytes(1025) + b"%PDF-1.7", b"PK\x03\x04 report.pdf %PDF-1.7",
        b"\n<html>%PDF-1.7",
        bytes(128) + b"DICM %PDF-1.7", b"MZ\x90\x00 %PDF-1.7", b"#!/bin/sh\n%PDF-1.7",
    ],
)  # fmt: skip
def test_what_only_resembles_a_kind_is_none(head: bytes) -> None:
    assert sniff(head) is None


@given(st.binary(max_size=SNIFF_BYTES), st.binary(max_size=100))
def test_the_first_bytes_decide_alone(head: bytes, rest: bytes) -> None:
    whole = head.ljust(SNIFF_BYTES, b"\x00")
    assert sniff(whole + rest) is sniff(whole)


@pytest.mark.parametrize(
    ("kind", "most"),
    [
        (FileKind.PDF, MAX_BYTES),
        (FileKind.JPEG, 5 * MB),
        (FileKind.PNG, 5 * MB),
        (FileKind.WEBP, 0),
        (FileKind.HEIC, 0),
        (FileKind.AVIF, 0),
        (FileKind.TIFF, 0),
        (FileKind.GIF, 0),
        (FileKind.BMP, 0),
    ],
)
def test_a_kind_goes_back_as_it_is_up_to_its_upload_limit(kind: FileKind, most: int) -> None:
    assert returnable(kind, most) is (most > 0)
    assert not returnable(kind, most + 1)


def test_only_a_clean_or_knowingly_unscanned_file_is_accepted() -> None:
    assert {v for v in Verdict if v.accepted} == {Verdict.CLEAN, Verdict.NOT_SCANNED}
