"""Filing a report: the questions date, hospital, type and confirmation, and their answers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from medvault.domain import dates, wording
from medvault.domain.audit import Action
from medvault.domain.conversations import Conversation, Draft, Step
from medvault.domain.effects import Discard, Effect, FileReport, Record, Say
from medvault.domain.media import Verdict
from medvault.domain.replies import Button, Reply, Row, clip
from medvault.domain.reports import Report, ReportDetails, ReportType

Outcome = tuple[Conversation, tuple[Effect, ...]]
_YES = {"yes", "y", "ok", "okay", "file", "file it", "confirm", "save"}
_CHANGE = {"change", "edit", "no"}


def question(state: Conversation, today: date) -> Reply | None:
    """The question that is open, with the answers it offers; ids carry the turn as their nonce."""
    draft, turn = state.draft, state.turn
    if draft is None or state.step is Step.IDLE:
        return None
    cancel = Button(f"cancel:{turn}", "Cancel")
    if state.step is Step.DATE:
        days = (("Today", today), ("Yesterday", today - timedelta(days=1)))
        taps = tuple(Button(f"date:{turn}:{day.isoformat()}", title) for title, day in days)
        return Reply(wording.ASK_DATE, buttons=(*taps, cancel))
    if state.step is Step.HOSPITAL and draft.day:
        known = tuple(
            Button(f"hospital:{turn}:{n}", clip(name, 20)) for n, name in enumerate(state.hospitals)
        )
        return Reply(wording.ASK_HOSPITAL.format(day=dates.in_words(draft.day)), buttons=known)
    if state.step is Step.TYPE:
        rows = tuple(
            Row(f"type:{turn}:{kind}", title, about)
            for kind, (title, about) in wording.TYPE_NAMES.items()
        )
        body = wording.ASK_TYPE.format(hospital=draft.hospital)
        return Reply(body, rows=rows, menu="Choose the kind")
    if state.step is Step.CONFIRM:
        taps = (Button(f"confirm:{turn}", "File it"), Button(f"edit:{turn}", "Change"), cancel)
        return Reply(wording.ASK_CONFIRM.format(**described(_details(draft))), buttons=taps)
    return Reply(wording.CHECKING)


def described(details: ReportDetails) -> dict[str, str]:
    """The words for a report's date, hospital and type."""
    return {
        "day": dates.in_words(details.date),
        "hospital": details.hospital,
        "type": wording.TYPE_NAMES[details.type][0],
    }


def answer(
    state: Conversation, text: str, now: datetime, today: date, new_id: Callable[[], UUID]
) -> Outcome:
    """Take a typed answer to the open question."""
    said = text.strip()
    if state.step is Step.DATE:
        return _typed_date(state, said, now, today)
    if state.step is Step.HOSPITAL:
        return _hospital(state, " ".join(said.split()), now, today)
    if state.step is Step.TYPE:
        found = _type_named(said.casefold())
        return (
            _type(state, found, now, today) if found else _again(state, wording.NOT_A_TYPE, today)
        )
    if state.step is Step.CONFIRM:
        word = said.casefold().strip(".! ")
        if word in _YES:
            return file_it(state, now, today, new_id)
        if word in _CHANGE:
            return ask(state, Step.DATE, now, today)
        return _again(state, wording.NOT_A_CONFIRMATION, today)
    return state, (Say(Reply(wording.CHECKING)),)


def tapped(
    state: Conversation,
    what: str,
    value: str,
    now: datetime,
    today: date,
    new_id: Callable[[], UUID],
) -> Outcome:
    """Take a tapped answer of the turn that is open; `what` names the question it belongs to."""
    if what == "cancel":
        return cancel(state, now, today)
    if what == "date" and state.step is Step.DATE:
        return _typed_date(state, value, now, today)
    if what == "hospital" and state.step is Step.HOSPITAL and value.isdecimal():
        known = state.hospitals[int(value) : int(value) + 1]
        return _hospital(state, known[0], now, today) if known else stale(state, today)
    if what == "type" and state.step is Step.TYPE and value in wording.TYPE_NAMES:
        return _type(state, ReportType(value), now, today)
    if what == "confirm" and state.step is Step.CONFIRM:
        return file_it(state, now, today, new_id)
    if what == "edit" and state.step is Step.CONFIRM:
        return ask(state, Step.DATE, now, today)
    return stale(state, today)


def stale(state: Conversation, today: date) -> Outcome:
    """An answer to a question that is not open: say so and ask the open one again."""
    if open_question := question(state, today):
        return state, (Say(Reply(wording.STALE)), Say(open_question))
    return state, (Say(Reply(wording.NOTHING_OPEN)), Say(Reply(wording.HINT)))


def ask(
    state: Conversation, step: Step, now: datetime, today: date, draft: Draft | None = None
) -> Outcome:
    """Go on to a question."""
    current = draft or state.draft
    if current is None:
        raise ValueError("no report in the making")
    asking = state.asking(step, now, current)
    open_question = question(asking, today)
    return asking, (Say(open_question),) if open_question else ()


def file_it(state: Conversation, now: datetime, today: date, new_id: Callable[[], UUID]) -> Outcome:
    """File the confirmed report, and go on to the next file if one waits."""
    draft = state.draft
    if draft is None:
        raise ValueError("no report in the making")
    details = _details(draft)
    report = Report(new_id(), details, scanned=draft.verdict is not Verdict.NOT_SCANNED)
    hospitals = (details.hospital, *(h for h in state.hospitals if h != details.hospital))[:3]
    filed: tuple[Effect, ...] = (
        FileReport(report, draft.media_id),
        Record(Action.REPORT_FILING, report.id),
    )
    state, following = next_file(replace(state.idle(), hospitals=hospitals), now, today)
    return state, filed + following


def cancel(state: Conversation, now: datetime, today: date) -> Outcome:
    """Drop the report in the making; the files behind it are asked about next."""
    if state.draft is None:
        return state, (Say(Reply(wording.NOTHING_TO_CANCEL)),)
    dropped: tuple[Effect, ...] = (Discard(state.draft.media_id), Say(Reply(wording.CANCELLED)))
    state, following = next_file(state.idle(), now, today)
    return state, dropped + following


def time_out(state: Conversation, now: datetime) -> Outcome:
    """End a session whose deadline has passed, and say so; one that went on since then goes on."""
    if state.deadline is None or now < state.deadline:
        return state, ()
    files = ([state.draft] if state.draft else []) + list(state.waiting)
    effects: list[Effect] = [Discard(draft.media_id) for draft in files]
    effects += [Record(Action.SESSION_ENDED), Say(Reply(wording.TIMED_OUT))]
    return replace(state.idle(), waiting=()), tuple(effects)


def next_file(state: Conversation, now: datetime, today: date) -> Outcome:
    """Take up the file that waits longest, if any does and nothing is asked."""
    if state.draft is not None or not state.waiting:
        return state, ()
    draft, *rest = state.waiting
    state = replace(state, waiting=tuple(rest))
    if draft.verdict is not None and draft.verdict.accepted:
        return ask(state, Step.DATE, now, today, draft)
    return replace(state, step=Step.CHECKING, draft=draft, deadline=None), ()


def _typed_date(state: Conversation, text: str, now: datetime, today: date) -> Outcome:
    try:
        day = dates.parse(text, today)
    except dates.FutureDate:
        return _again(state, wording.FUTURE_DATE, today)
    except dates.InvalidDate:
        return _again(state, wording.NOT_A_DATE, today)
    return ask(state, Step.HOSPITAL, now, today, replace(_draft(state), day=day))


def _hospital(state: Conversation, name: str, now: datetime, today: date) -> Outcome:
    if not 2 <= len(name) <= 80:
        return _again(state, wording.NOT_A_HOSPITAL, today)
    return ask(state, Step.TYPE, now, today, replace(_draft(state), hospital=name))


def _type(state: Conversation, kind: ReportType, now: datetime, today: date) -> Outcome:
    return ask(state, Step.CONFIRM, now, today, replace(_draft(state), type=kind))


def _again(state: Conversation, why: str, today: date) -> Outcome:
    """Say what was wrong and offer the same answers once more, under the same turn."""
    open_question = question(state, today)
    if open_question is None:
        return state, (Say(Reply(why)),)
    return state, (Say(replace(open_question, body=why)),)


def _type_named(word: str) -> ReportType | None:
    for number, (kind, (title, _)) in enumerate(wording.TYPE_NAMES.items(), start=1):
        if word in (kind.value, title.casefold(), str(number)):
            return kind
    matches = [
        k
        for k, (title, _) in wording.TYPE_NAMES.items()
        if len(word) > 2 and word in title.casefold()
    ]
    return matches[0] if len(matches) == 1 else None


def _details(draft: Draft) -> ReportDetails:
    if draft.day is None or draft.hospital is None or draft.type is None:
        raise ValueError("the report is not described yet")
    return ReportDetails(draft.day, draft.hospital, draft.type, draft.filename)


def _draft(state: Conversation) -> Draft:
    if state.draft is None:
        raise ValueError("no report in the making")
    return state.draft
