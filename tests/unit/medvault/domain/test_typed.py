from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.typed import name, plain

ANY_TEXT = st.text(st.characters(codec=None))


def test_texts_to_be_compared_have_one_form() -> None:
    assert plain(" Ａ\tb\n१२–３\u00ad\u200f ") == "A b 12-3"


def test_a_name_keeps_its_accents_joiners_and_emoji() -> None:
    for text in ("Hôpital Saint-Louis", "श्री\u200dकृष्ण", "Smile 👩‍⚕️ Dental", "Ａlpha № 5"):
        assert name(text) == text


def test_a_name_is_one_line_without_controls() -> None:
    assert name(" Apollo\r\n \x00 Clinic\x1b ") == "Apollo Clinic"


def test_a_name_can_not_turn_the_text_around_it() -> None:
    assert name("\u202eApollo\u2066") == "Apollo"


def test_a_name_loses_its_quotes_and_only_those() -> None:
    assert name('"List"') == "List"
    assert name("“ Help ”") == "Help"
    assert name("St John's") == "St John's"
    assert name('"') == '"'
    assert name('""') == ""


@given(ANY_TEXT)
def test_every_name_can_be_stored_and_stays_itself(text: str) -> None:
    found = name(text)
    found.encode()
    assert found == " ".join(found.split())
    assert "\x00" not in found


@given(ANY_TEXT)
def test_every_plain_text_is_one_line_that_can_be_stored(text: str) -> None:
    found = plain(text)
    found.encode()
    assert found == " ".join(found.split())
