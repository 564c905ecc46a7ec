import pytest

from medvault.domain.reports import Detail, ReportType
from medvault.domain.saying import wording
from medvault.domain.understanding.answers import agrees, hospital, report_type, topic, wants_change
from medvault.domain.understanding.english import ENGLISH


@pytest.mark.parametrize("text", ["YES", "yes.", " Ok! ", "file it", "ｙｅｓ"])
def test_a_patient_agrees(text: str) -> None:
    assert agrees(text, ENGLISH)


@pytest.mark.parametrize("text", ["", "yes but no", "👍", "File", "no", "maybe"])
def test_only_whole_words_agree(text: str) -> None:
    assert agrees(text, ENGLISH) is (text == "File")


def test_no_asks_for_a_change() -> None:
    assert wants_change("No", ENGLISH)
    assert wants_change("CHANGE", ENGLISH)
    assert not wants_change("yes", ENGLISH)


def test_a_patient_names_what_to_change() -> None:
    assert topic("date", ENGLISH) is Detail.DATE
    assert topic("Change the hospital", ENGLISH) is Detail.HOSPITAL
    assert topic("kind", ENGLISH) is Detail.TYPE
    assert topic("weather", ENGLISH) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Apollo", "Apollo"), ("AA", "AA"), ("  St.\n Mary's ", "St. Mary's"), ("42", "42"),
        ("एम्स", "एम्स"), ("a" * 80, "a" * 80), ('"List"', "List"), ("Smile 👩‍⚕️", "Smile 👩‍⚕️"),
    ],
)  # fmt: skip
def test_a_hospital_has_a_name(text: str, name: str) -> None:
    assert hospital(text) == name


@pytest.mark.parametrize(
    "text", ["", " ", "A", "👍", "👍🏽", "...", "--", "a" * 81, '""', "\u200b\u200b"]
)
def test_what_names_no_hospital_is_refused(text: str) -> None:
    assert hospital(text) is None


@pytest.mark.parametrize("kind", ReportType)
def test_every_kind_is_known_by_its_title_its_value_and_its_place(kind: ReportType) -> None:
    title = wording.TYPE_NAMES[kind][0]
    place = list(wording.TYPE_NAMES).index(kind) + 1
    for text in (title, title.upper(), kind.value, str(place), f" {title}. "):
        assert report_type(text, ENGLISH) is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("blood test", ReportType.LAB), ("MRI", ReportType.IMAGING),
        ("an x-ray", ReportType.IMAGING),
        ("CT scan", ReportType.IMAGING), ("the bill", ReportType.INVOICE),
        ("vaccine", ReportType.VACCINATION),
        ("medicines", ReportType.PRESCRIPTION), ("doctor's letter", ReportType.CONSULTATION),
    ],
)  # fmt: skip
def test_common_words_mean_a_kind(text: str, kind: ReportType) -> None:
    assert report_type(text, ENGLISH) is kind


@pytest.mark.parametrize(
    "text", ["", " ", "or", "0", "9", "report", "blood test bill", "👍", "a", "labrador"]
)
def test_what_means_no_kind_or_two_is_refused(text: str) -> None:
    assert report_type(text, ENGLISH) is None


def test_a_text_too_long_for_a_name_is_no_hospital() -> None:
    assert hospital("City Hospital" + " " * 300) is None
