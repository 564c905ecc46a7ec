"""A language that patients read: its words, and how it writes dates, times and waits."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from gettext import NullTranslations

from medvault.domain.saying import wording


@dataclass(frozen=True, slots=True)
class Language:
    """A catalogue of gettext: the words of `wording` are its message ids."""

    code: str
    catalogue: NullTranslations

    def text(self, words: str, **fields: str | int) -> str:
        """Return words in this language, with their fields filled in."""
        translated = self.catalogue.gettext(words)
        return translated.format(**fields) if fields else translated

    def counted(self, one: str, many: str, count: int, **fields: str | int) -> str:
        """Return the form of words that a count takes, with the count filled in."""
        return self.catalogue.ngettext(one, many, count).format(count=count, **fields)

    def day(self, day: date, *, whole_month: bool = False) -> str:
        """Write a date so that nobody can read it two ways, in any locale: "2 May 2019"."""
        month = self.text(wording.MONTHS[day.month - 1])
        if whole_month:
            return self.text(wording.MONTH_OF_YEAR, month=month, year=day.year)
        return self.text(wording.DAY_OF_MONTH, day=day.day, month=month, year=day.year)

    def weekday(self, day: date) -> str:
        """Name a date's weekday."""
        return self.text(wording.WEEKDAYS[day.weekday()])

    def time(self, at: datetime, *, with_day: bool) -> str:
        """Write a time of day, with its day where that is another one."""
        time = f"{at:%H:%M}"
        return self.text(wording.TIME_OF_DAY, time=time, day=self.day(at)) if with_day else time

    def wait(self, wait: timedelta) -> str:
        """Write how long something takes, rounded up to minutes, hours or days."""
        minutes = max(1, -(-int(wait.total_seconds()) // 60))
        for size, one, many in wording.WAITS:
            if minutes >= size:
                return self.counted(one, many, -(-minutes // size))
        raise AssertionError("a minute is the smallest unit")


ENGLISH = Language("en", NullTranslations())
