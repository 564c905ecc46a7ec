"""The forms in which people write a date: which numbers in it are year, month and day."""

import itertools
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from medvault.domain.understanding.calendars import ERAS, Calendar
from medvault.domain.understanding.month_names import (
    BESIDE,
    MONTHS,
    PERSIAN_MONTHS,
    THAI_MONTHS,
    WEEKDAYS,
    folded,
)

LONGEST = 100
"""Characters of the longest date: its weekday, its month and its time in words."""


class Order(StrEnum):
    """Which number of `2/5/2019` is the day; a setting of the clinic."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class Fields(NamedTuple):
    """One way to read a date: a year of two or four digits, and no day where none is said.

    A `rival` is as likely as the reading before it, others only count where that is no date.
    """

    year: str
    month: int
    day: int | None
    calendar: Calendar | None = None
    rival: bool = False


class Form(NamedTuple):
    """All ways to read a date, the clinic's own first, and the weekday that it names."""

    readings: Sequence[Fields]
    weekday: int | None = None


_TWO_WORDS = "|".join(
    re.escape(name).replace(r"\ ", "[ -]") for name in (*MONTHS, *WEEKDAYS) if " " in name
)
_TOKEN = re.compile(rf"\d+|{_TWO_WORDS}|[^\W\d_](?:[^\W\d_]|[\u0900-\u0e7f])*")
_TIME = re.compile(
    r"(?:(?<=\d)t|(?<![\d:])(?:(?:at|as|a|a las|الساعة) )?)"
    r"(\d{1,2}) ?(?:h ?(\d\d)?(?: min(?: \d\d s)?)?|:(\d\d)(?::\d\d(?:[.,]\d{1,6})?)?"
    r"|(?=[ap]\.? ?m\b))"
    r"(?: ?(?:[ap]\.? ?m\b\.?|[صم]\b|बजे|h(?:rs)?\b))?(?: ?(?:z|utc|gmt|ist|[+-]\d\d:?\d\d))?(?!\d)"
)
_SIGNS = {"/", "-", ".", ""}
_BETWEEN_WORDS = frozenset(" .,-/،")
_BY_SIGN = ("年", "月", "日")
_LAST_DAY = 31


def read(text: str, order: Order) -> Form | None:
    """Read a text of at most `LONGEST` characters, `typed.plain`; None where it is no date."""
    said = _without_time(folded(text).replace("元年", "1年"))
    if said is None:
        return None
    tokens, gaps = _parts(said)
    numbers = [token for token in tokens if token.isdigit()]
    words = [token for token in tokens if not token.isdigit()]
    if any(len(number) not in (1, 2, 4) for number in numbers):
        return None
    if words and words[0] in ERAS and tokens[0] == words[0]:
        return Form(tuple(_of_era(numbers, words)))
    if words and tuple(words) == _BY_SIGN[: len(words)]:
        return Form(tuple(_year_first(numbers)))
    return _western(tokens, gaps, numbers, order)


def _western(
    tokens: Sequence[str], gaps: Sequence[str], numbers: Sequence[str], order: Order
) -> Form | None:
    months = [at for at, token in enumerate(tokens) if _month(token)]
    if len(months) == 2 and tokens[months[0]] in WEEKDAYS:
        months.pop(0)  # "mar. 12 mars": both may be written with the same letters
    weekdays = [at for at, token in enumerate(tokens) if token in WEEKDAYS and at not in months]
    beside = sum(token in BESIDE for at, token in enumerate(tokens) if at not in weekdays)
    named = len(months) + len(weekdays)
    if len(tokens) != len(numbers) + named + beside or len(months) > 1 or len(weekdays) > 1:
        return None
    weekday = WEEKDAYS[tokens[weekdays[0]]] if weekdays else None
    if gaps[0] or gaps[-1] or any(set(gap) - _BETWEEN_WORDS for gap in gaps):
        return None
    if not months:
        return Form(tuple(_numeric(numbers, _signs(tokens, gaps), order)), weekday)
    month_first = not any(token.isdigit() for token in tokens[: months[0]])
    return Form(tuple(_named(numbers, tokens[months[0]], month_first=month_first)), weekday)


def _without_time(said: str) -> str | None:
    time = _TIME.search(said)
    if time is None:
        return said.strip(" .,!،")
    if int(time[1]) > 24 or int(time[2] or time[3] or 0) > 59:
        return None
    return f"{said[: time.start()]} {said[time.end() :]}".strip(" .,!،")


def _parts(said: str) -> tuple[list[str], list[str]]:
    """Return words and numbers, and what stands before, between and after them."""
    tokens, gaps, end = [], [], 0
    for match in _TOKEN.finditer(said):
        word = match[0]
        tokens.append(word.replace("-", " "))
        gaps.append(said[end : match.start()])
        end = match.end()
    return tokens, [*gaps, said[end:]]


def _month(word: str) -> int | None:
    return MONTHS.get(word) or PERSIAN_MONTHS.get(word) or THAI_MONTHS.get(word)


def _of_era(numbers: Sequence[str], words: Sequence[str]) -> Iterator[Fields]:
    if len(numbers) == 3 and len(numbers[0]) <= 2 and tuple(words[1:]) in ((), _BY_SIGN):
        year = ERAS[words[0]] + int(numbers[0]) - 1
        yield Fields(str(year), int(numbers[1]), int(numbers[2]), Calendar.JAPANESE)


def _signs(tokens: Sequence[str], gaps: Sequence[str]) -> set[str]:
    """Return what stands between numbers: a sign, or nothing where that is a word or a space."""
    places = [at for at, token in enumerate(tokens) if token.isdigit()]
    pairs = itertools.pairwise(places)
    return {gaps[after].strip() if after == before + 1 else "" for before, after in pairs}


def _numeric(numbers: Sequence[str], signs: set[str], order: Order) -> Iterator[Fields]:
    if len(signs) != 1 or not signs <= _SIGNS:
        return
    (sign,) = signs
    if len(numbers) == 2 and sign:
        yield from _month_alone(*numbers)
    elif len(numbers) == 3 and len(numbers[0]) == 4:
        yield from _year_first(numbers)
    elif len(numbers) == 3:
        day, month, year = numbers
        both = (day, month), (month, day)
        for one in both if order is Order.DAY_FIRST else both[::-1]:
            yield Fields(year, int(one[1]), int(one[0]))
        padded = sign == "-" and all(len(number) == 2 for number in numbers)
        if len(day) == len(year) == 2 and (padded or int(day) > _LAST_DAY):
            yield Fields(day, int(month), int(year), rival=padded)


def _year_first(numbers: Sequence[str]) -> Iterator[Fields]:
    if not numbers or len(numbers[0]) != 4 or any(len(one) > 2 for one in numbers[1:]):
        return
    year, month, *day = numbers
    yield Fields(year, int(month), int(day[0]) if day else None)


def _month_alone(first: str, second: str) -> Iterator[Fields]:
    if len(first) == 4 and len(second) <= 2:
        yield Fields(first, int(second), None)
    elif len(second) == 4 and len(first) <= 2:
        yield Fields(second, int(first), None)


def _named(numbers: Sequence[str], name: str, *, month_first: bool) -> Iterator[Fields]:
    month = _month(name)
    if month is None:
        return
    calendar = Calendar.PERSIAN if name in PERSIAN_MONTHS else None
    match [len(number) for number in numbers]:
        case [4]:
            yield Fields(numbers[0], month, None, calendar)
        case [4, 1 | 2]:
            yield Fields(numbers[0], month, int(numbers[1]), calendar)
        case [1 | 2, 4]:
            yield Fields(numbers[1], month, int(numbers[0]), calendar)
        case [1 | 2, 2] if not month_first:
            yield Fields(numbers[1], month, int(numbers[0]), calendar)
        case [1 | 2, 2]:
            yield Fields(numbers[1], month, int(numbers[0]), calendar)
            yield Fields(numbers[0], month, int(numbers[1]), calendar, rival=True)
        case _:
            return
