"""The one place that makes what a patient reads: a message, in a language, as a reply."""

from functools import lru_cache
from typing import assert_never

from medvault.domain.media import FileKind, Verdict
from medvault.domain.outbound import Document
from medvault.domain.replies import Reply, Row, clip
from medvault.domain.reports import Report
from medvault.domain.saying import offers, verdicts, wording
from medvault.domain.saying.asking import asked, called, described
from medvault.domain.saying.guarding import guarded
from medvault.domain.saying.language import Language
from medvault.domain.saying.messages import (
    Again,
    AskChange,
    AskConfirm,
    AskDate,
    AskHospital,
    AskType,
    AskWhichDay,
    Filed,
    FilesWait,
    Fixed,
    GetUnknown,
    Help,
    KeptWithout,
    LeftBehind,
    ListPage,
    Locked,
    Menu,
    Message,
    PinShut,
    PinWrong,
    Plain,
    Refused,
    StillOpen,
    TimedOut,
    Told,
    Unlocked,
    VaultJoined,
)
from medvault.domain.taps import Choice, Tap

_ROW_TITLE = 24
_ROW_DESCRIPTION = 72
_MAX_CAPTION = 1024
_FIXED = 1024
"""More than there are messages without a patient's words, in all languages."""


def render(message: Message, language: Language) -> Reply:
    """Put a message into words, within the limits of the channel."""
    match message:
        case Plain() | Help() | Menu() | LeftBehind():
            return _fixed(message, language)
        case AskDate() | AskHospital() | AskType() | AskConfirm() | AskChange() | AskWhichDay():
            return asked(message, language)
        case Again() | StillOpen():
            return asked(message, language)
        case KeptWithout() | Refused() | Filed() | TimedOut():
            return _told(message, language)
        case FilesWait():
            return _told(message, language)
        case PinWrong() | PinShut() | Locked() | Unlocked() | VaultJoined():
            return guarded(message, language)
        case ListPage():
            return _page(message, language)
        case GetUnknown(shown):
            return Reply(language.text(wording.GET_UNKNOWN, shown=shown))
        case _:
            assert_never(message)


def row(number: int, report: Report, language: Language) -> Row:
    """Return a report's row on a list; its title and description may be typed, too."""
    details, words = report.details, described(report.details, language)
    title = f"{number}. {language.title_of(details.date, whole_month=details.whole_month)}"
    about = f"{words['type']}, {words['hospital']}"
    if not report.scanned:
        about = f"{language.text(wording.NOT_SCANNED)}, {about}"
    tap = Tap(Choice.REPORT, report.id.hex)
    return Row(tap.id, clip(title, _ROW_TITLE), clip(about, _ROW_DESCRIPTION))


def documents(report: Report, language: Language) -> tuple[Document, ...]:
    """Return a report as it is given back, a document for each file.

    One without a file's name is called as its kind is.
    """
    words = described(report.details, language)
    caption = language.text(wording.REPORT_CAPTION, **words)
    if not report.scanned:
        caption = f"{caption} ({language.text(wording.NOT_SCANNED)})"
    name = report.details.filename or words["type"]
    return tuple(
        Document(report.id, name, caption, language=language.code, position=position)
        for position in report.positions
    )


def captioned(
    caption: str,
    made_from: FileKind | None,
    language: Language,
    *,
    smaller: bool = False,
) -> str:
    """Return a document's caption as it goes out; it says how it differs from the original."""
    if made_from is not None:
        words = wording.CONVERTED_SMALLER if smaller else wording.CONVERTED
        made = language.text(words, kind=verdicts.KIND_NAMES[made_from])
        caption = f"{caption} ({made})"
    return clip(caption, _MAX_CAPTION)


def _told(message: Told, language: Language) -> Reply:
    match message:
        case KeptWithout(removed):
            return Reply(language.text(verdicts.KEPT_WITHOUT[removed]))
        case Refused():
            return Reply(_refusal(message, language))
        case Filed():
            return _filed(message, language)
        case TimedOut(count):
            return Reply(language.counted(wording.TIMED_OUT, count))
        case FilesWait(at, another_day):
            time = language.time(at, with_day=another_day)
            return Reply(language.text(wording.FILES_WAIT, time=time))
        case _:
            assert_never(message)


@lru_cache(maxsize=_FIXED)
def _fixed(message: Fixed, language: Language) -> Reply:
    """Put into words once what holds nothing of a patient: most replies of a busy day."""
    match message:
        case Plain():
            return Reply(language.text(message.value))
        case Help(contact):
            return offers.with_person(language.text(wording.HELP), contact, language)
        case Menu():
            return _menu(language)
        case LeftBehind(contact):
            return offers.with_person(language.text(wording.LEFT_BEHIND), contact, language)
        case _:
            assert_never(message)


def _refusal(message: Refused, language: Language) -> str:
    why = _why(message.verdict, language)
    if name := called(message.name):
        return language.text(verdicts.REFUSED_NAMED, name=name, why=why)
    return language.text(verdicts.REFUSED_OF_MANY, why=why) if message.of_many else why


def _why(verdict: Verdict, language: Language) -> str:
    if verdict not in verdicts.FOREIGN:
        return language.text(verdicts.REFUSED[verdict])
    words, what = verdicts.FOREIGN[verdict]
    return language.text(words, what=language.text(what))


def _filed(message: Filed, language: Language) -> Reply:
    body = language.text(wording.FILED, **described(message.details, language))
    taps = (offers.command("list", wording.MY_REPORTS, language),)
    if not message.offers_pin:
        return Reply(body, buttons=taps)
    return offers.with_pin(body, taps, language)


def _menu(language: Language) -> Reply:
    taps = (
        offers.command("list", wording.MY_REPORTS, language),
        offers.command("help", wording.HELP_BUTTON, language),
    )
    return Reply(language.text(wording.HINT), buttons=taps)


def _page(page: ListPage, language: Language) -> Reply:
    head = language.text(wording.LIST_HEAD, first=page.first, last=page.last, total=page.total)
    parts = [language.text(wording.GET_LIST_FIRST)] if page.in_answer else []
    parts.append(head)
    if page.last < page.total:
        parts.append(language.text(wording.LIST_MORE))
    rows = tuple(row(number, report, language) for number, report in page.rows)
    return Reply("\n".join(parts), rows=rows, menu=language.text(wording.LIST_MENU))
