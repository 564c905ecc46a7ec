import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.filenames import LONGEST, fitting
from medvault.domain.media import FileKind

GIVEN_BACK = {
    FileKind.PDF: (".pdf",),
    FileKind.JPEG: (".jpg", ".jpeg"),
    FileKind.PNG: (".png",),
}


@pytest.mark.parametrize(
    ("name", "kind", "fitted"),
    [
        ("blood.pdf", FileKind.PDF, "blood.pdf"),
        ("blood", FileKind.PDF, "blood.pdf"),
        ("scan.heic", FileKind.PDF, "scan.heic.pdf"),
        ("photo.JPEG", FileKind.JPEG, "photo.JPEG"),
        ("photo.png", FileKind.JPEG, "photo.png.jpg"),
        ("C:\\scans\\a.pdf", FileKind.PDF, "a.pdf"),
        ("../../a.pdf", FileKind.PDF, "a.pdf"),
        (" ", FileKind.PNG, "report.png"),
        ("a" * 240, FileKind.PDF, "a" * 236 + ".pdf"),
        ("a" * 237 + ".pdf", FileKind.PDF, "a" * 236 + ".pdf"),
        ("ä" * 236 + ".heic", FileKind.PDF, "ä" * 236 + ".pdf"),
    ],
)
def test_a_name_gets_the_suffix_of_what_goes_back(name: str, kind: FileKind, fitted: str) -> None:
    assert fitting(name, kind) == fitted


@given(st.text(max_size=300), st.sampled_from(list(GIVEN_BACK)))
def test_every_name_fits(name: str, kind: FileKind) -> None:
    fitted = fitting(name, kind)
    assert 0 < len(fitted) <= LONGEST
    assert fitted.lower().endswith(GIVEN_BACK[kind])
