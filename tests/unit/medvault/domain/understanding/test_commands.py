import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.understanding import commands
from medvault.domain.understanding.commands import Command, number
from medvault.domain.understanding.english import ENGLISH
from medvault.domain.understanding.lexicon import Word


def parse(text: str) -> Command | None:
    return commands.parse(text, ENGLISH)


@pytest.mark.parametrize("word", [word for word in Word if word is not Word.GET])
def test_a_command_is_read_in_any_case_with_the_usual_dots(word: Word) -> None:
    name = word.value
    for text in (
        name,
        name.lower(),
        name.title(),
        f"  {name}\n",
        f"{name}!",
        f"{name} .",
        f"{name}?",
    ):
        assert parse(text) == Command(word)


def test_wide_letters_and_invisible_marks_do_not_hide_a_command() -> None:
    assert parse("ＬＩＳＴ") == Command(Word.LIST)
    assert parse("\u200blist\u200e") == Command(Word.LIST)


@pytest.mark.parametrize(
    "text",
    [
        "Cancel Clinic", "cancel it", "The List", "List Hospital", "HELP me", "more please",
        "Stop & Shop",
        "", "  ", "...", "LISTE", "L I S T", "GET one", "GET 1 2", "GET -1", "GET 1.5",
        "target 1", "GETS",
        "CANCEL\nCLINIC",
    ],
)  # fmt: skip
def test_only_the_whole_text_is_a_command(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("text", ['"List"', "'help'", "“Cancel”", "«STOP»"])
def test_a_quoted_command_is_a_name(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("GET 1", 1), ("get #2", 2), ("Get12", 12), ("get # 3.", 3), ("GET  007", 7),
        ("GET ३", 3), ("GET 0", 0),
        ("GET", None), ("get!", None),
    ],
)  # fmt: skip
def test_get_names_a_number(text: str, wanted: int | None) -> None:
    assert parse(text) == Command(Word.GET, wanted)


@given(st.integers(min_value=10**9, max_value=10**30))
def test_a_huge_number_is_still_a_number_beyond_every_list(wanted: int) -> None:
    found = parse(f"GET {wanted}")
    assert found is not None
    assert found.number is not None
    assert found.number >= 10**8


def test_a_number_longer_than_python_reads_is_no_accident() -> None:
    assert parse("GET " + "0" * 200 + "1") == Command(Word.GET, 1)
    assert parse("GET " + "9" * 5000) is None
    assert number("9" * 5000) is None


def test_a_bare_number_is_a_number_and_no_command() -> None:
    assert (number("2"), number(" #12. "), number("two"), number("")) == (2, 12, None, None)
    assert parse("2") is None


@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    parse(text)
    number(text)
