import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.foreign import named
from medvault.domain.media import FOREIGN, SNIFF_BYTES, Verdict, sniff
from support.corpus.others import OTHERS


@pytest.mark.parametrize("name", OTHERS)
def test_a_file_of_another_kind_is_known_by_its_name(name: str) -> None:
    verdict, build = OTHERS[name]
    head = build()[:SNIFF_BYTES]
    assert sniff(head) is None
    assert named(head) is verdict


def test_each_name_is_tried() -> None:
    found_within = {Verdict.IS_RAW_PHOTO}
    assert {verdict for verdict, _ in OTHERS.values()} >= FOREIGN - found_within


@given(st.binary(max_size=200))
def test_whatever_comes_has_a_name_or_none(head: bytes) -> None:
    assert named(head) in FOREIGN | {Verdict.WRONG_KIND}


def test_a_letter_that_is_cut_makes_no_other_kind_of_a_text() -> None:
    letters = ("ä" * SNIFF_BYTES).encode()
    assert named(letters[: SNIFF_BYTES - 1]) is Verdict.IS_TEXT
    assert named(letters[:50] + b"\xe4" + letters) is Verdict.WRONG_KIND
