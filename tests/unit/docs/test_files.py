"""The tables of docs/conversation.md: files that are taken, how they come back, and what is not."""

from medvault.adapters.sandbox.pictures import MAX_PIXELS, MAX_WHOLE, MEGAPIXEL
from medvault.domain.media import ACTING, FOREIGN, MAX_BYTES, FileKind, Verdict, returnable
from medvault.domain.saying import verdicts
from unit.docs.pages import ROOT, rows

PAGE = ROOT / "docs" / "conversation.md"
MEBIBYTE = 1024 * 1024
STILL = (FileKind.BMP,)
EVERY_PAGE = (FileKind.TIFF,)


def taken() -> list[str]:
    """A row for each kind of file."""
    return [
        f"| {name} | {MAX_BYTES // MEBIBYTE} MB{pixels(kind)} | {way_back(kind)} |"
        for kind, name in verdicts.KIND_NAMES.items()
    ]


def pixels(kind: FileKind) -> str:
    if kind not in MAX_PIXELS:
        return ""
    most = f", {MAX_PIXELS[kind] // MEGAPIXEL} megapixels"
    if kind is not FileKind.HEIC:
        return most
    return f"{most} in tiles, {MAX_WHOLE // MEGAPIXEL} without"


def way_back(kind: FileKind) -> str:
    sizes = range(MEBIBYTE, MAX_BYTES + 1, MEBIBYTE)
    as_it_came = sum(returnable(kind, size) for size in sizes)
    if kind is FileKind.PDF:
        without = "[without that](#what-acts-is-taken-away)"
        assert set(verdicts.KEPT_WITHOUT) == ACTING, "each of them is told"
        return f"as it came up to {as_it_came} MB; if it acts, {without}"
    if as_it_came:
        return f"as it came up to {as_it_came} MB, in grey or RGB of 8 bits; else as a PDF"
    if kind in EVERY_PAGE:
        return "as a PDF of every page"
    return "as a PDF" if kind in STILL else "as a PDF of its first picture"


def others() -> list[str]:
    """A row for each kind of file that is known and not taken."""
    named = [
        f"| it is {what} | {words.format(what=what)} |" for words, what in verdicts.FOREIGN.values()
    ]
    return [*named, f"| it is a DICOM file | {verdicts.REFUSED[Verdict.IS_DICOM]} |"]


def test_staff_read_how_each_kind_of_file_comes_back() -> None:
    written = rows(PAGE, "| file | at most | comes back |")
    expected = taken()
    assert written == expected, "the rows should be:\n" + "\n".join(expected)


def test_staff_read_the_name_of_each_file_that_is_not_taken() -> None:
    written = rows(PAGE, "| because | the patient reads, whatever the file is called |")
    expected = others()
    assert written == expected, "the rows should be:\n" + "\n".join(expected)
    assert len(expected) == len(FOREIGN)
