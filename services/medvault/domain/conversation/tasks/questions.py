"""The questions of filing as a patient sees them; their answers' ids carry the turn as nonce."""

from datetime import date, timedelta

from medvault.domain.conversation.state import Conversation, Draft, Step
from medvault.domain.replies import MAX_BUTTONS, Button, Reply, Row, clip
from medvault.domain.reports import ReportDetails
from medvault.domain.saying import wording
from medvault.domain.taps import Choice, Tap
from medvault.domain.understanding import commands, dates, typed

_TITLE = 20
_FILENAME = 60
_TOPICS = {"date": "Date", "hospital": "Hospital", "type": "Kind of report"}


def open_question(state: Conversation, today: date) -> Reply | None:
    """Return the question that waits for an answer; None while nothing is filed or checked."""
    draft, turn = state.draft, state.turn
    match state.step:
        case Step.DATE if draft:
            return _date(state, draft, today)
        case Step.HOSPITAL if draft and draft.day:
            day = dates.in_words(draft.day, whole_month=draft.whole_month)
            body = wording.ASK_HOSPITAL.format(day=day)
            return _hospital(state, body)
        case Step.TYPE if draft and draft.hospital:
            rows = tuple(
                Row(Tap(Choice.TYPE, kind, turn).id, title, about)
                for kind, (title, about) in wording.TYPE_NAMES.items()
            )
            body = wording.ASK_TYPE.format(hospital=draft.hospital)
            return Reply(body, rows=rows, menu=wording.TYPE_MENU)
        case Step.CONFIRM if draft:
            taps = (
                Button(Tap(Choice.CONFIRM, turn=turn).id, "File it"),
                Button(Tap(Choice.EDIT, turn=turn).id, "Change"),
            )
            body = wording.ASK_CONFIRM.format(**described(details(draft)))
            return Reply(body, buttons=(*taps, _cancel(turn)))
        case _:
            return None


def again(state: Conversation, why: str, today: date) -> Reply:
    """Say what was wrong with an answer and offer the same ones once more, under the same turn."""
    if state.step is Step.HOSPITAL:
        return _hospital(state, why)
    question = open_question(state, today)
    return Reply(why, question.buttons, question.rows, question.menu) if question else Reply(why)


def change(state: Conversation) -> Reply:
    """Ask which answer to correct; meanwhile the confirmation stays open."""
    taps = (
        Button(Tap(Choice.CHANGE, topic, state.turn).id, title) for topic, title in _TOPICS.items()
    )
    return Reply(wording.ASK_CHANGE, buttons=tuple(taps))


def offer(state: Conversation, unsure: dates.Unsure) -> Reply:
    """Ask which day is meant; the answers belong to the same turn."""
    days = unsure.days[: MAX_BUTTONS - 1]
    taps = (_day(state.turn, day, dates.in_words(day)) for day in days)
    if len(days) > 1:
        body = wording.WHICH_DATE
    else:
        weekday = wording.WEEKDAYS[days[0].weekday()]
        body = wording.THIS_DATE[unsure.why].format(day=dates.in_words(days[0]), weekday=weekday)
    return Reply(body, buttons=(*taps, _cancel(state.turn)))


def called(draft: Draft) -> str:
    """The name of a draft's file, fit to be shown; photos have none."""
    return clip(typed.name(draft.filename or ""), _FILENAME)


def details(draft: Draft) -> ReportDetails:
    """What the patient said of a report; raises `ValueError` where an answer is missing."""
    if draft.day is None or draft.hospital is None or draft.type is None:
        raise ValueError("the report is not described yet")
    return ReportDetails(draft.day, draft.hospital, draft.type, draft.filename, draft.whole_month)


def described(details: ReportDetails) -> dict[str, str]:
    """The words for a report's date, hospital and type."""
    return {
        "day": details.dated,
        "hospital": details.hospital,
        "type": wording.TYPE_NAMES[details.type][0],
    }


def _date(state: Conversation, draft: Draft, today: date) -> Reply:
    name, waiting = called(draft), len(state.waiting)
    waiting += state.backlog.count if state.backlog else 0
    parts = [wording.HAVE_NAMED_FILE.format(name=name) if name else wording.HAVE_FILE]
    if waiting:
        parts += [wording.ONE_WAITS if waiting == 1 else wording.MANY_WAIT.format(count=waiting)]
    days = (("Today", today), ("Yesterday", today - timedelta(days=1)))
    taps = (_day(state.turn, day, title) for title, day in days)
    return Reply(" ".join([*parts, wording.ASK_DATE]), buttons=(*taps, _cancel(state.turn)))


def hospitals(state: Conversation) -> list[str]:
    """Return the buttons' titles of the hospitals of before, by number where names don't do.

    They don't where they are too long, look alike, or mean something else where they are typed.
    """
    names = state.hospitals
    distinct = {typed.label(name) for name in names}
    short = all(len(name) <= _TITLE and commands.parse(name) is None for name in names)
    if short and len(distinct) == len(names):
        return list(names)
    return [clip(f"{number}. {name}", _TITLE) for number, name in enumerate(names, start=1)]


def _hospital(state: Conversation, body: str) -> Reply:
    """Offer the hospitals of before."""
    names, titles = state.hospitals, hospitals(state)
    if titles != list(names):
        lines = (f"{number}. {name}" for number, name in enumerate(names, start=1))
        body = "\n".join([body, wording.KNOWN_HOSPITALS, *lines])
    taps = [
        Button(Tap(Choice.HOSPITAL, str(n), state.turn).id, title) for n, title in enumerate(titles)
    ]
    return Reply(body, buttons=(*taps, _cancel(state.turn))[:MAX_BUTTONS])


def _day(turn: int, day: date, title: str) -> Button:
    return Button(Tap(Choice.DATE, day.isoformat(), turn).id, title)


def _cancel(turn: int) -> Button:
    return Button(Tap(Choice.CANCEL, turn=turn).id, "Cancel")
