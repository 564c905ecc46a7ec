"""Why a date that was read is asked about."""

from enum import StrEnum


class Unclear(StrEnum):
    """A doubt; those of other calendars have their calendar's name."""

    TWO_WAYS = "two ways"
    ORDER = "order"
    CENTURY = "century"
    WEEKDAY = "weekday"
    BUDDHIST = "Buddhist"
    PERSIAN = "Persian"
    JAPANESE = "Japanese"
