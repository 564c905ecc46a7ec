"""One step of a conversation: (state, event, now) -> (state, effects), without input or output."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from medvault.domain import (
    browsing,
    commands,
    corrections,
    dates,
    filing,
    locking,
    pin_setting,
    questions,
    wording,
)
from medvault.domain.audit import Action
from medvault.domain.commands import Command, Word
from medvault.domain.conversations import SESSION_LIFETIME, Conversation, Draft, Step
from medvault.domain.effects import Effect, Record, Say, ShowTyping
from medvault.domain.events import (
    Arrived,
    Checked,
    Deleted,
    DeliveredLate,
    Doubted,
    Edited,
    Event,
    Joined,
    Moved,
    NotDelivered,
    Readmitted,
    Said,
    SaidTooMuch,
    SentFile,
    SentTooLarge,
    SentUnusable,
    Tapped,
    TimedOut,
    Unjoined,
    Vouched,
)
from medvault.domain.media import Verdict
from medvault.domain.moment import Moment
from medvault.domain.replies import Button, Reply
from medvault.domain.reports import Report

Outcome = tuple[Conversation, tuple[Effect, ...]]
_HEARD = (Said, SaidTooMuch, Tapped, SentFile, SentTooLarge, SentUnusable, Edited, Arrived)


def needs_shelf(event: Event) -> bool:
    """Whether the event can only be answered knowing the patient's reports."""
    if isinstance(event, Said | Edited):
        if event.text is None:
            return False
        command = commands.parse(event.text)
        if command is None:
            return any(read(event.text) is not None for read in (commands.number, commands.listed))
        return command.word in (Word.LIST, Word.MORE, Word.GET)
    return isinstance(event, Tapped) and event.id.startswith(("report:", "menu:"))


def advance(
    state: Conversation, event: Event, moment: Moment, shelf: Sequence[Report] = ()
) -> Outcome:
    """Take one event; `shelf` holds the patient's reports where `needs_shelf` says so."""
    match event:
        case Moved(contact):
            return locking.move(state, contact, moment)
        case Doubted(doubt, proof):
            return locking.doubted(state, doubt, moment, proof)
        case Vouched(since):
            return locking.vouched(state, since, moment)
        case Joined() | Unjoined():
            return locking.joined(state, event)
    if state.lock is not None:
        return locking.hear(state, state.lock, event, moment)
    if isinstance(event, _HEARD):
        return _heard(state, _answered(state, event, moment, shelf), moment)
    return _told(state, event, moment)


def _told(state: Conversation, event: Event, moment: Moment) -> Outcome:
    """Take what needs no greeting, nor says that somebody is there to answer."""
    match event:
        case Deleted():
            return corrections.made(state, event, moment)
        case Checked(_, Verdict.WAITING, datetime() as until):
            return _say(state, wording.FILES_WAIT.format(time=_time(until, moment)))
        case Checked():
            return _checked(state, event, moment)
        case Readmitted(media_id):
            return filing.readmit(state, media_id)
        case TimedOut(deadline):
            return filing.time_out(state, deadline)
        case NotDelivered() | DeliveredLate():
            return _missed(state, event)
        case _:
            return state, ()


def _answered(
    state: Conversation, event: Event, moment: Moment, shelf: Sequence[Report]
) -> Outcome:
    match event:
        case Said(text, mark):
            return corrections.noted(state, _said(state, text, moment, shelf), mark)
        case Edited(mark, str() as text) if state.said == (mark, state.turn):
            return corrections.noted(state, _said(state, text, moment, shelf), mark)
        case Edited():
            after, effects = corrections.made(state, event, moment)
            too_late = _reminded(_say(state, wording.EDIT_TOO_LATE), moment)
            return (after, effects) if effects else too_late
        case Arrived():
            return _reminded((state, (Say(_hint()),) if state.greeted else ()), moment)
        case Tapped(id):
            return _tapped(state, id, moment, shelf)
        case SentFile():
            return _file(state, event, moment)
        case SaidTooMuch():
            return _reminded(_say(state, wording.TOO_LONG), moment)
        case SentTooLarge():
            return _reminded(_say(state, wording.TOO_LARGE), moment)
        case _:
            return _reminded(_say(state, wording.UNUSABLE), moment)


def _heard(before: Conversation, outcome: Outcome, moment: Moment) -> Outcome:
    """Greet a patient who writes for the first time; whoever writes has time again to answer."""
    state, effects = outcome
    if state.deadline is not None:
        state = replace(state, deadline=moment.now + SESSION_LIFETIME)
    if before.greeted:
        return state, effects
    return replace(state, greeted=True), (Say(Reply(wording.WELCOME)), *effects)


def _said(state: Conversation, text: str, moment: Moment, shelf: Sequence[Report]) -> Outcome:
    command = commands.parse(text)
    if command is None and state.step is Step.IDLE and state.listed:
        number = commands.number(text)
        command = Command(Word.GET, number) if number is not None else None
    if command is not None:
        return _obeyed(state, command, moment, shelf)
    if report_id := browsing.labelled(state, shelf, text):
        return _reminded(browsing.get_report(state, shelf, report_id), moment)
    if state.pin_question is not None:
        answered = pin_setting.answered(state, text, moment)
        if answered is not None:
            return _reminded(answered, moment)
        state = replace(state, pin_question=None)
    if state.step is Step.IDLE and state.waiting:
        return filing.next_file(state, moment.now, moment.today)
    if state.step is Step.IDLE:
        return (state, (Say(_hint()),)) if state.greeted else (state, ())
    return filing.answer(state, text, moment)


def _obeyed(
    state: Conversation, command: Command, moment: Moment, shelf: Sequence[Report]
) -> Outcome:
    asked_for_pin = state.pin_question is not None
    state = replace(state, pin_question=None)
    match command.word:
        case Word.SET_PIN:
            return _reminded(pin_setting.begun(state, command.digits, moment), moment)
        case Word.CANCEL if asked_for_pin:
            return _reminded(_say(state, wording.PIN_UNCHANGED), moment)
        case Word.CANCEL:
            return filing.cancel(state, moment.now, moment.today)
        case Word.STOP:
            return filing.stop(state)
        case Word.HELP:
            return _reminded(_help(state, moment), moment)
        case Word.LIST:
            return _reminded(browsing.show_list(state, shelf), moment)
        case Word.MORE:
            return _reminded(browsing.show_more(state, shelf), moment)
        case Word.GET:
            return _reminded(browsing.get_number(state, shelf, command.number), moment)


def _tapped(state: Conversation, tap: str, moment: Moment, shelf: Sequence[Report]) -> Outcome:
    what, _, rest = tap.partition(":")
    if what == "report":
        try:
            return _reminded(browsing.get_report(state, shelf, UUID(rest)), moment)
        except ValueError:
            return filing.stale(state, moment.today)
    if what == "menu" and (command := commands.parse(rest)):
        return _obeyed(state, command, moment, shelf)
    turn, _, value = rest.partition(":")
    if state.draft is None or turn != str(state.turn):
        return filing.stale(state, moment.today)
    return filing.tapped(state, what, value, moment)


def _file(state: Conversation, event: SentFile, moment: Moment) -> Outcome:
    """Have the file fetched; while another is in the making it waits its turn.

    Of an album only the first file is answered, not to bury the question under receipts, and the
    first of a backlog.
    """
    draft = filing.draft_of(event, moment)
    after, fetch = filing.put_last(state, draft, event.attachment)
    effects = (Record(Action.FILE_RECEIVED), fetch)
    if state.draft is None:
        return after, (*effects, ShowTyping())
    if after.backlog is not None and state.backlog is None:
        told = Say(Reply(wording.BACKLOG))
    elif not state.waiting and state.step is not Step.CHECKING:
        told = Say(Reply(wording.WAITS_ITS_TURN))
    else:
        return after, effects
    return _reminded((after, (*effects, told)), moment)


def _checked(state: Conversation, told: Checked, moment: Moment) -> Outcome:
    """Take a verdict; on a file that was dropped or passed before it means nothing any more."""
    drafts, verdict = (state.draft, *state.waiting), told.verdict
    draft = next((d for d in drafts if d is not None and d.media_id == told.media_id), None)
    if draft is None:
        return state, ()
    if not verdict.accepted and verdict is not Verdict.WAITING:
        refused = filing.refusal(draft, verdict, of_many=bool(state.waiting))
        return _refused(state, draft, refused, moment)
    if draft.verdict is not None and (draft.verdict.accepted or draft.verdict is verdict):
        return state, ()
    judged = filing.judged(draft, told)
    if draft is not state.draft:
        waiting = tuple(judged if d is draft else d for d in state.waiting)
        return replace(state, waiting=waiting), ()
    if verdict is Verdict.WAITING:
        return _say(replace(state, draft=judged), wording.CHECK_WAITS)
    return filing.go_on(state, judged, moment.now, moment.today)


def _refused(state: Conversation, draft: Draft, why: Reply, moment: Moment) -> Outcome:
    told: tuple[Effect, ...] = (Record(Action.FILE_REFUSED), Say(why))
    if draft is not state.draft:
        waiting = tuple(d for d in state.waiting if d is not draft)
        return replace(state, waiting=waiting), told
    state, following = filing.next_file(state.idle(), moment.now, moment.today)
    return state, told + following


def _time(until: datetime, moment: Moment) -> str:
    """A time of the clinic's day, to the full minute after it; with its day if that is another."""
    there = (max(until, moment.now) + timedelta(minutes=1)).astimezone(moment.zone)
    if there.date() == moment.now.astimezone(moment.zone).date():
        return f"{there:%H:%M}"
    return f"{there:%H:%M} on {dates.in_words(there.date())}"


def _hint() -> Reply:
    menu = (("menu:list", wording.MY_REPORTS), ("menu:help", wording.HELP_BUTTON))
    return Reply(wording.HINT, buttons=tuple(Button(id, title) for id, title in menu))


def _help(state: Conversation, moment: Moment) -> Outcome:
    text = wording.HELP
    if moment.support_contact:
        text = f"{text}\n\n{wording.CONTACT.format(contact=moment.support_contact)}"
    return _say(state, text)


def _reminded(outcome: Outcome, moment: Moment) -> Outcome:
    """After a command in the middle of filing, ask the open question once more.

    While a PIN is asked for that waits: what is typed belongs to one question.
    """
    state, effects = outcome
    question = questions.open_question(state, moment.today)
    if question is None or state.pin_question is not None:
        return outcome
    again = replace(question, body=f"{wording.STILL_OPEN} {question.body}")
    return state, (*effects, Say(again))


def _missed(state: Conversation, event: NotDelivered | DeliveredLate) -> Outcome:
    if isinstance(event, DeliveredLate):
        return _say(state, wording.SENT_LATE)
    said = Say(Reply(wording.NOT_SENT))
    return state, (Record(Action.REPORT_NOT_SENT, event.report_id), said)


def _say(state: Conversation, text: str) -> Outcome:
    return state, (Say(Reply(text)),)
