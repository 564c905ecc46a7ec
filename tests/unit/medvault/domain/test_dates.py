from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvault.domain.dates import FutureDate, InvalidDate, in_words, parse

TODAY = date(2026, 11, 23)
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")
DAYS = st.dates(min_value=date(1897, 1, 1), max_value=TODAY)


def _forms(day: date) -> list[str]:
    d, m, y, name = day.day, day.month, day.year, MONTHS[day.month - 1]
    ending = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(d, "th")
    numeric = [f"{d}{sign}{m}{sign}{y}" for sign in "/.- "]
    padded = [f"{d:02}/{m:02}/{y}", f"{d:02} / {m:02} / {y}", f"{d:02}. {m:02}. {y}"]
    named = [
        f"{d} {form} {y}" for form in (name, name[:3], name.upper(), name[:3].lower(), f"{name},")
    ]
    styled = [f"{d}-{name[:3]}-{y}", f"{d}{name[:3]}{y}", f"{d}{ending} {name} {y}"]
    spoken = [f"{d}{ending} of {name}, {y}", f"{name} {d}, {y}", f"{name[:3]}. {d}{ending}, {y}"]
    return [
        *numeric, *padded, *named, *styled, *spoken, day.isoformat(), f"{y}/{m}/{d}",
        f"  {d} {name} {y}. ", f"{d}–{m}–{y}", f"\u200f{d}/{m}/{y}\u200e", in_words(day),
    ]  # fmt: skip


@given(DAYS)
def test_a_date_in_every_supported_form_reads_as_itself(day: date) -> None:
    for written in _forms(day):
        assert parse(written, TODAY) == day, written


@given(DAYS)
def test_digits_of_any_script_are_digits(day: date) -> None:
    assert parse(f"{day:%d/%m/%Y}".translate(DEVANAGARI), TODAY) == day
    assert (
        parse(day.isoformat().translate(str.maketrans("0123456789", "０１２３４５６７８９")), TODAY)
        == day
    )


@given(st.dates(min_value=date(1927, 1, 1), max_value=TODAY))
def test_two_digits_mean_the_latest_such_year(day: date) -> None:
    assert parse(f"{day:%d/%m/%y}", TODAY) == day


@given(st.text())
def test_any_text_is_a_date_up_to_today_or_refused(text: str) -> None:
    try:
        found = parse(text, TODAY)
    except (InvalidDate, FutureDate):
        return
    assert TODAY - timedelta(days=366 * 131) < found <= TODAY


def test_the_day_comes_first() -> None:
    assert parse("2/5/2019", TODAY) == date(2019, 5, 2)


def test_today_and_yesterday_are_words() -> None:
    assert parse(" TODAY ", TODAY) == TODAY
    assert parse("Yesterday.", TODAY) == date(2026, 11, 22)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a", "1", "5", "may", "2024", "10/2024", "12 Jan", "May 2019", "last monday",
        "20240305",
        "05032024", "12-13-2024", "2019-13-01", "31/02/2020", "29 Feb 2023", "30 Feb 2024",
        "0/5/2019",
        "2/5-2019", "2/5/019", "2/5/20199", "2 Mai 2019", "2 Mayy 2019", "99/99/9999", "0000-01-01",
        "tomorrow", "in 2 days", "2/5/2019 or so", "👍", "²/5/2019x", "9" * 5000,
        "2 May 2019\n3 May 2019",
        "2 5", "1e3", "-2/5/2019", "²",
    ],
)  # fmt: skip
def test_what_is_not_one_full_date_is_refused(text: str) -> None:
    with pytest.raises(InvalidDate):
        parse(text, TODAY)


def test_the_29th_of_february_exists_every_four_years() -> None:
    assert parse("29 Feb 2024", TODAY) == date(2024, 2, 29)


@pytest.mark.parametrize("text", ["24/11/2026", "1 Jan 2027", "2999-01-01", "31/12/26"])
def test_the_future_is_refused_as_such(text: str) -> None:
    with pytest.raises(FutureDate):
        parse(text, TODAY)


def test_what_lies_over_130_years_back_is_refused() -> None:
    assert parse("1 Jan 1896", TODAY) == date(1896, 1, 1)
    with pytest.raises(InvalidDate):
        parse("31 Dec 1895", TODAY)


def test_a_date_is_echoed_with_its_month_in_letters() -> None:
    assert in_words(date(2019, 5, 2)) == "2 May 2019"
    assert in_words(date(2005, 12, 11)) == "11 December 2005"


@given(DAYS)
def test_the_echo_is_the_same_in_every_locale(day: date) -> None:
    assert in_words(day) == f"{day.day} {MONTHS[day.month - 1]} {day.year}"
