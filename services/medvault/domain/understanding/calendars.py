"""Years of calendars that are not ours, noticed by their size or their era."""

from datetime import date, timedelta
from enum import StrEnum


class Calendar(StrEnum):
    """A calendar of which dates can be said in ours."""

    BUDDHIST = "Buddhist"
    PERSIAN = "Persian"
    JAPANESE = "Japanese"


ERAS = {
    "令和": 2019, "reiwa": 2019, "r": 2019,
    "平成": 1989, "heisei": 1989, "h": 1989,
    "昭和": 1926, "showa": 1926, "s": 1926,
    "大正": 1912, "taisho": 1912, "t": 1912,
    "明治": 1868, "meiji": 1868, "m": 1868,
}  # fmt: skip
"""The first years of Japan's eras, by name and letter."""

_BUDDHIST_AHEAD = 543
_PERSIAN_NEW_YEAR = date(2024, 3, 20), 1403
_PERSIAN_CYCLE = 33  # years, eight of them leap: right for 1206 to 1498
_LUNAR_YEARS = range(1300, 1500)


def of_year(year: int, today: date) -> Calendar | None:
    """Return whose year this is, if not ours: one of the last 130 or the next two."""
    past, ahead = today.year - 130, today.year + 2
    if past <= year - _BUDDHIST_AHEAD <= ahead:
        return Calendar.BUDDHIST
    if past - 621 <= year <= ahead - 621:
        return Calendar.PERSIAN
    return None


def is_lunar(year: int) -> bool:
    """Whether a year may be one of the Islamic calendar, which goes by the moon as it is seen."""
    return year in _LUNAR_YEARS


def ours(calendar: Calendar, year: int, month: int, day: int) -> date:
    """Return a day of another calendar in ours; raises `ValueError` where it has no such day."""
    if calendar is Calendar.BUDDHIST:
        return date(year - _BUDDHIST_AHEAD, month, day)
    if calendar is Calendar.PERSIAN:
        return _persian(year, month, day)
    return date(year, month, day)


def _persian(year: int, month: int, day: int) -> date:
    """Six months of 31 days, five of 30, and one of 29 or, in leap years, 30."""
    longest = 31 if month <= 6 else 30 if month <= 11 else 29 + _is_leap(year)
    if not (1 <= month <= 12 and 1 <= day <= longest):
        raise ValueError
    new_year, known = _PERSIAN_NEW_YEAR
    between = range(min(year, known), max(year, known))
    days = sum(365 + _is_leap(one) for one in between)
    into = (month - 1) * 30 + min(month - 1, 6) + day - 1
    return new_year + timedelta(days=into + (days if year >= known else -days))


def _is_leap(year: int) -> bool:
    return (25 * year + 11) % _PERSIAN_CYCLE < 8
