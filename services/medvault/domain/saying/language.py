"""A language that patients read: its words, and how it writes dates, times and waits."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from gettext import NullTranslations

from medvault.domain.saying import wording
from medvault.domain.saying.marks import Counted


@dataclass(frozen=True, slots=True)
class Language:
    """A code (BCP 47) and a catalogue of gettext, whose message ids are the English words."""

    code: str
    catalogue: NullTranslations

    def text(self, words: str, **fields: str | int) -> str:
        """Return words in this language, with their fields filled in."""
        translated = self.catalogue.gettext(words)
        return translated.format(**fields) if fields else translated

    def counted(self, words: Counted, count: int) -> str:
        """Return the form of words that a count takes, with the count filled in."""
        return self.catalogue.ngettext(*words, count).format(count=count)

    def day(self, day: date, *, whole_month: bool = False) -> str:
        """Write a date so that nobody can read it two ways, in any locale: "2 May 2019"."""
        form = self.text(wording.MONTH_OF_YEAR if whole_month else wording.DAY_OF_MONTH)
        return self._filled(form, day)

    def title_of(self, day: date, *, whole_month: bool = False) -> str:
        """Write a date as short as the title of a button or row asks for, and as clearly."""
        form = wording.MONTH_IN_TITLE if whole_month else wording.DAY_IN_TITLE
        return self._filled(self.catalogue.pgettext(*form), day)

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
        for size, words in wording.WAITS:
            if minutes >= size:
                return self.counted(words, -(-minutes // size))
        raise AssertionError("a minute is the smallest unit")

    def _filled(self, form: str, day: date) -> str:
        month = self.text(wording.MONTHS[day.month - 1])
        return form.format(day=day.day, month=month, year=day.year)


ENGLISH = Language("en", NullTranslations())
