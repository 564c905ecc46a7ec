"""Dates as people write them, read strictly: never guessed, and asked about where in doubt."""

from dataclasses import dataclass
from datetime import date, timedelta

from medvault.domain.date_doubts import Unclear
from medvault.domain.understanding import calendars, date_forms, typed
from medvault.domain.understanding.date_forms import Fields, Order
from medvault.domain.understanding.month_names import DAYS_BACK, folded

_OLDEST_AGE_YEARS = 130
_NEAR_YEARS = 20
"""Years of two digits up to so far ahead have not come; those beyond are of the last century."""
_RECENT = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date on a report; if it names only its month, `day` is the first of that month."""

    day: date
    whole_month: bool = False


class InvalidDate(ValueError):
    """Not a date that can be understood."""


class LunarDate(InvalidDate):
    """A year of the Islamic calendar, whose months begin as the moon is seen."""


class FutureDate(ValueError):
    """A date that has not come yet: no report is from the future."""


class Unsure(ValueError):
    """A date to be asked about: the one or two days that may be meant, the likelier one first."""

    def __init__(self, days: tuple[date, ...], why: Unclear) -> None:
        super().__init__(why.value)
        self.days = days
        self.why = why


@dataclass(frozen=True, slots=True)
class _Found:
    dated: Dated
    why: Unclear | None
    rival: bool

    def is_on(self, weekday: int | None) -> bool:
        """Whether this day is of the weekday that is named beside it, if one is."""
        return weekday is None or self.dated.whole_month or self.dated.day.weekday() == weekday


def parse(
    text: str, today: date, latest: date | None = None, order: Order = Order.DAY_FIRST
) -> Dated:
    """Read a date in one of the forms that docs/conversation.md lists.

    `today` is the writer's day, `latest` the last one that has come anywhere on earth. Raises
    `InvalidDate` for what is no date or lies over 130 years back, `FutureDate` for what lies after
    `latest`, and `Unsure` for what can be read in more than one way or is another calendar's.
    """
    latest = max(today, latest or today)
    said = typed.plain(text)
    if len(said) > date_forms.LONGEST:
        raise InvalidDate
    days_back = DAYS_BACK.get(folded(said).strip(" .,!"))
    if days_back is not None:
        return Dated(today - timedelta(days=days_back))
    form = date_forms.read(said, order)
    if form is None or not form.readings:
        raise InvalidDate
    first, *others = [_outcome(reading, latest) for reading in form.readings]
    found = [one for one in others if isinstance(one, _Found)]
    if isinstance(first, _Found):
        return _judged(first, found, form.weekday, latest)
    if not found:
        raise first
    raise Unsure(tuple(one.dated.day for one in found), found[0].why or Unclear.ORDER)


def _judged(first: _Found, others: list[_Found], weekday: int | None, latest: date) -> Dated:
    """Take the clinic's own reading, unless there is a doubt or another one is as likely."""
    if first.why:
        raise Unsure((first.dated.day,), first.why)
    fitting = [one for one in others if one.is_on(weekday) and one.dated != first.dated]
    if not first.is_on(weekday):
        raise Unsure((first.dated.day, *(one.dated.day for one in fitting)), Unclear.WEEKDAY)
    rivals = [one.dated.day for one in fitting if one.rival]
    if rivals and max(rivals) <= latest - _RECENT < first.dated.day:
        return first.dated
    if rivals:
        raise Unsure((first.dated.day, *rivals), Unclear.TWO_WAYS)
    return first.dated


def _outcome(fields: Fields, latest: date) -> _Found | ValueError:
    try:
        return _day(fields, latest)
    except (InvalidDate, FutureDate) as refusal:
        return refusal
    except ValueError:
        return InvalidDate()


def _day(fields: Fields, latest: date) -> _Found:
    year, calendar, why = int(fields.year), fields.calendar, None
    if len(fields.year) == 2:
        year, why = _full(year, latest)
    elif calendar is None:
        calendar = calendars.of_year(year, latest)
    if calendar is not None and fields.day is not None:
        day = calendars.ours(calendar, year, fields.month, fields.day)
        why = Unclear(calendar)
    elif calendar is not None:
        raise InvalidDate
    elif calendars.is_lunar(year):
        raise LunarDate
    else:
        day = date(year, fields.month, 1 if fields.day is None else fields.day)
    if day > latest:
        raise FutureDate
    if day.year < latest.year - _OLDEST_AGE_YEARS:
        raise InvalidDate
    return _Found(Dated(day, whole_month=fields.day is None), why, fields.rival)


def _full(digits: int, latest: date) -> tuple[int, Unclear | None]:
    """Return the year that two digits mean: one of this century, unless that is far ahead."""
    year = latest.year // 100 * 100 + digits
    if year - latest.year > _NEAR_YEARS:
        return year - 100, Unclear.CENTURY
    return year, None
