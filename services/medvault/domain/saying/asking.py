"""The questions of filing as a patient sees them; their answers belong to the turn."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import assert_never

from medvault.domain.replies import MAX_BUTTONS, Button, Reply, Row, clip
from medvault.domain.reports import ReportDetails
from medvault.domain.saying import wording
from medvault.domain.saying.language import Language
from medvault.domain.saying.messages import (
    Again,
    AskChange,
    AskConfirm,
    AskDate,
    Asked,
    AskHospital,
    AskType,
    AskWhichDay,
    StillOpen,
)
from medvault.domain.taps import Choice, Tap

_FILENAME = 60


def asked(question: Asked, language: Language) -> Reply:
    """Put a question into words."""
    match question:
        case AskDate():
            return _date(question, language)
        case AskHospital(day=day, whole_month=whole_month):
            written = language.day(day, whole_month=whole_month)
            return _hospital(question, language.text(wording.ASK_HOSPITAL, day=written), language)
        case AskType():
            return _type(question, language)
        case AskConfirm():
            return _confirm(question, language)
        case AskChange(turn):
            taps = (_tap(Choice.CHANGE, turn, title, language, topic)
                    for topic, title in wording.TOPICS.items())  # fmt: skip
            return Reply(language.text(wording.ASK_CHANGE), buttons=tuple(taps))
        case AskWhichDay():
            return _which_day(question, language)
        case Again():
            return _again(question, language)
        case StillOpen(open_one):
            whole = asked(open_one, language)
            body = f"{language.text(wording.STILL_OPEN)} {whole.body}"
            return Reply(body, whole.buttons, whole.rows, whole.menu)
        case _:
            assert_never(question)


def called(name: str) -> str:
    """Return a file's name as it is shown."""
    return clip(name, _FILENAME)


def described(details: ReportDetails, language: Language) -> dict[str, str]:
    """Return the words for a report's date, hospital and type."""
    return {
        "day": language.day(details.date, whole_month=details.whole_month),
        "hospital": details.hospital,
        "type": language.text(wording.TYPE_NAMES[details.type][0]),
    }


def _again(again: Again, language: Language) -> Reply:
    """Offer the same answers once more; the hospitals of before are named once more, too."""
    why = language.text(again.why.value)
    if isinstance(again.question, AskHospital):
        return _hospital(again.question, why, language)
    whole = asked(again.question, language)
    return Reply(why, whole.buttons, whole.rows, whole.menu)


def _date(question: AskDate, language: Language) -> Reply:
    name, waiting = called(question.name), question.waiting
    parts = [language.text(wording.HAVE_NAMED_FILE if name else wording.HAVE_FILE, name=name)]
    if waiting:
        parts.append(language.counted(wording.FILES_BEHIND, waiting))
    parts.append(language.text(wording.ASK_DATE))
    days = (
        (wording.TODAY, question.today), (wording.YESTERDAY, question.today - timedelta(days=1))
    )  # fmt: skip
    taps = [_day(question.turn, day, language.text(title)) for title, day in days]
    return Reply(" ".join(parts), buttons=_or_cancel(taps, question.turn, language))


def _hospital(question: AskHospital, body: str, language: Language) -> Reply:
    """Offer the hospitals of before; those with a number for a title are named in the text."""
    if question.titles != question.names:
        lines = (f"{number}. {name}" for number, name in enumerate(question.names, start=1))
        body = "\n".join([body, language.text(wording.KNOWN_HOSPITALS), *lines])
    taps = (
        Button(Tap(Choice.HOSPITAL, str(place), question.turn).id, title)
        for place, title in enumerate(question.titles)
    )
    return Reply(body, buttons=_or_cancel(taps, question.turn, language)[:MAX_BUTTONS])


def _type(question: AskType, language: Language) -> Reply:
    rows = tuple(
        Row(Tap(Choice.TYPE, kind, question.turn).id, language.text(title), language.text(about))
        for kind, (title, about) in wording.TYPE_NAMES.items()
    )
    body = language.text(wording.ASK_TYPE, hospital=question.hospital)
    return Reply(body, rows=rows, menu=language.text(wording.TYPE_MENU))


def _confirm(question: AskConfirm, language: Language) -> Reply:
    turn = question.turn
    taps = (
        _tap(Choice.CONFIRM, turn, wording.FILE_IT, language),
        _tap(Choice.EDIT, turn, wording.CHANGE, language),
    )
    body = language.text(wording.ASK_CONFIRM, **described(question.details, language))
    return Reply(body, buttons=_or_cancel(taps, turn, language))


def _which_day(question: AskWhichDay, language: Language) -> Reply:
    days = question.days[: MAX_BUTTONS - 1]
    taps = [_day(question.turn, day, language.title_of(day)) for day in days]
    if len(days) > 1:
        body = language.text(wording.WHICH_DATE)
    else:
        (day,) = days
        this = wording.DOUBTS.get(question.why, wording.THIS_DATE)
        body = language.text(this, day=language.day(day), weekday=language.weekday(day))
    return Reply(body, buttons=_or_cancel(taps, question.turn, language))


def _or_cancel(taps: Iterable[Button], turn: int, language: Language) -> tuple[Button, ...]:
    return (*taps, _tap(Choice.CANCEL, turn, wording.CANCEL, language))


def _day(turn: int, day: date, title: str) -> Button:
    return Button(Tap(Choice.DATE, day.isoformat(), turn).id, title)


def _tap(choice: Choice, turn: int, title: str, language: Language, value: str = "") -> Button:
    return Button(Tap(choice, value, turn).id, language.text(title))
