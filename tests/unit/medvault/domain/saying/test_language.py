"""English, as it writes dates, times and waits."""

from datetime import date

from medvault.domain.saying.language import ENGLISH


def test_a_date_is_echoed_with_its_month_in_letters() -> None:
    assert ENGLISH.day(date(2019, 5, 2)) == "2 May 2019"
    assert ENGLISH.day(date(2005, 12, 1), whole_month=True) == "December 2005"
