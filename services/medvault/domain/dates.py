"""Dates as people write them, read strictly: day first, never guessed."""

import re
from datetime import date, timedelta

from medvault.domain import typed

_NAMES = (
    "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july",
    "aug august", "sep sept september", "oct october", "nov november", "dec december",
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
_YEAR_FIRST = re.compile(r"(\d{4})([./-])(\d{1,2})\2(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})([./\- ])(\d{1,2})\2(\d{4}|\d{2})")
_SPACED_SIGN = re.compile(r" ?([./-]) ?")
_DAY_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?(?: of)?[ .\-/]*([a-z]{3,9})[ .,\-/]*(\d{4}|\d{2})"
)
_MONTH_DAY = re.compile(r"([a-z]{3,9})[ .]*(\d{1,2})(?:st|nd|rd|th)?[ ,.]+(\d{4})")
_OLDEST_AGE_YEARS = 130


class InvalidDate(ValueError):
    """Not a date that can be understood in one way only."""


class FutureDate(ValueError):
    """A date after today: no report is from the future."""


def parse(text: str, today: date) -> date:
    """Read a date written day first, with a month's name, or year first as ISO 8601 has it.

    Raises `InvalidDate` for what is no date, names none in full, or lies over 130 years back,
    and `FutureDate` for what lies after `today`.
    """
    said = _SPACED_SIGN.sub(r"\1", typed.plain(text).casefold()).strip(" .,!")
    days_back = {"today": 0, "yesterday": 1}.get(said)
    if days_back is not None:
        return today - timedelta(days=days_back)
    year, month, day = _fields(said, today)
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise InvalidDate from error
    if found > today:
        raise FutureDate
    if found.year < today.year - _OLDEST_AGE_YEARS:
        raise InvalidDate
    return found


def _fields(said: str, today: date) -> tuple[int, int, int]:
    if m := _YEAR_FIRST.fullmatch(said):
        return int(m[1]), int(m[3]), int(m[4])
    if m := _DAY_FIRST.fullmatch(said):
        return _year(m[4], today), int(m[3]), int(m[1])
    if m := _DAY_MONTH.fullmatch(said):
        return _year(m[3], today), _month(m[2]), int(m[1])
    if m := _MONTH_DAY.fullmatch(said):
        return _year(m[3], today), _month(m[1]), int(m[2])
    raise InvalidDate


def _month(name: str) -> int:
    if name not in _MONTHS:
        raise InvalidDate
    return _MONTHS[name]


def _year(digits: str, today: date) -> int:
    """Two digits mean the latest such year that is not after this one."""
    if len(digits) == 4:
        return int(digits)
    century = today.year // 100 * 100
    year = century + int(digits)
    return year if year <= today.year else year - 100


def in_words(day: date) -> str:
    """Write a date so that nobody can read it two ways, in any locale: "2 May 2019"."""
    month = _NAMES[day.month - 1].split()[-1].title()
    return f"{day.day} {month} {day.year}"
