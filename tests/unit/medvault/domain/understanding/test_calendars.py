import itertools
from datetime import date, timedelta

import pytest

from medvault.domain.understanding.calendars import Calendar, of_year, ours

NEW_YEARS = {  # as announced by the University of Tehran's calendar centre
    1395: "2016-03-20", 1396: "2017-03-21", 1399: "2020-03-20", 1400: "2021-03-21",
    1403: "2024-03-20", 1404: "2025-03-21", 1405: "2026-03-21", 1408: "2029-03-20",
}  # fmt: skip


def test_the_persian_year_begins_with_spring() -> None:
    for year, day in NEW_YEARS.items():
        assert ours(Calendar.PERSIAN, year, 1, 1) == date.fromisoformat(day)


def test_every_day_of_the_persian_calendar_follows_on_the_one_before() -> None:
    days = []
    for year in range(1380, 1410):
        for month in range(1, 13):
            for day in range(1, 32):
                try:
                    days.append(ours(Calendar.PERSIAN, year, month, day))
                except ValueError:
                    assert day > 29
    assert all(b - a == timedelta(days=1) for a, b in itertools.pairwise(days))


@pytest.mark.parametrize(
    ("year", "whose"),
    [
        (2569, Calendar.BUDDHIST),
        (2440, Calendar.BUDDHIST),
        (1405, Calendar.PERSIAN),
        (1276, Calendar.PERSIAN),
    ],
)
def test_a_year_tells_whose_it_is(year: int, whose: Calendar) -> None:
    assert of_year(year, date(2026, 11, 23)) is whose


@pytest.mark.parametrize("year", [2026, 1897, 2030, 1447, 1000, 9999])
def test_other_years_are_ours_or_nobodys(year: int) -> None:
    assert of_year(year, date(2026, 11, 23)) is None
