from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.replies import MAX_BODY, Button, Reply, Row, clip

BUTTON = Button("a:1", "Yes")


def test_two_texts_become_one_message() -> None:
    merged = Reply("Second", buttons=(BUTTON,)).after(Reply("First"))
    assert merged == Reply("First\n\nSecond", buttons=(BUTTON,))


def test_nothing_is_merged_after_something_to_tap() -> None:
    assert Reply("Second").after(Reply("First", buttons=(BUTTON,))) is None
    assert Reply("Second").after(Reply("First", rows=(Row("a:1", "One"),), menu="Show")) is None


@given(st.text(min_size=1, max_size=MAX_BODY), st.text(min_size=1, max_size=MAX_BODY))
def test_merging_stays_within_a_body_and_loses_nothing(first: str, second: str) -> None:
    merged = Reply(second).after(Reply(first))
    fits = len(first) + len(second) + 2 <= MAX_BODY
    assert (merged is not None) == fits
    if merged:
        assert len(merged.body) <= MAX_BODY
        assert merged.body.startswith(first)
        assert merged.body.endswith(second)


def test_the_longest_pair_that_fits_is_merged() -> None:
    assert Reply("b" * 22).after(Reply("a" * 1000)) is not None
    assert Reply("b" * 23).after(Reply("a" * 1000)) is None


@given(st.text(), st.integers(1, 80))
def test_a_clipped_text_fits_and_shows_that_it_was_clipped(text: str, length: int) -> None:
    clipped = clip(text, length)
    assert len(clipped) <= length
    assert clipped == text or clipped.endswith("…")


def test_no_space_is_left_before_the_mark() -> None:
    assert clip("Apollo Hospital", 8) == "Apollo…"
    assert clip("Apollo", 6) == "Apollo"
