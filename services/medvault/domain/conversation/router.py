"""One step of a conversation: (state, event, now) -> (state, effects), without input or output."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from medvault.domain.audit import Action
from medvault.domain.conversation import corrections
from medvault.domain.conversation.effects import Effect, Record, Say, ShowTyping
from medvault.domain.conversation.events import (
    Arrived,
    Checked,
    Deleted,
    DeliveredLate,
    Doubted,
    Edited,
    Event,
    Heard,
    Joined,
    Moved,
    NotDelivered,
    NotFiled,
    Noticed,
    Readmitted,
    Said,
    SaidTooMuch,
    SentFile,
    SentTooLarge,
    SentUnusable,
    Tapped,
    TimedOut,
    Told,
    Unjoined,
    Vouched,
)
from medvault.domain.conversation.facts import Facts
from medvault.domain.conversation.moment import Moment, Outcome
from medvault.domain.conversation.state import SESSION_LIFETIME, Conversation, Draft, Step
from medvault.domain.conversation.tasks import browsing, filing, locking, pin_setting, questions
from medvault.domain.media import Verdict
from medvault.domain.reports import Report
from medvault.domain.saying.messages import FilesWait, Help, Menu, Message, Plain, StillOpen
from medvault.domain.taps import Choice, Tap
from medvault.domain.understanding import commands
from medvault.domain.understanding.commands import Command
from medvault.domain.understanding.lexicon import Word

_UNTAKEN = {
    SaidTooMuch: Plain.TOO_LONG,
    SentTooLarge: Plain.TOO_LARGE,
    SentUnusable: Plain.UNUSABLE,
}


def advance(state: Conversation, event: Event, moment: Moment, facts: Facts = Facts()) -> Outcome:
    """Take one event, knowing the facts that it `wants`."""
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
    if isinstance(event, Heard):
        outcome = _heard(state, _answered(state, event, moment, facts.shelf), moment)
    else:
        outcome = _told(state, event, moment)
    return _with_one_question(state, outcome)


def _with_one_question(before: Conversation, outcome: Outcome) -> Outcome:
    """End the question for a PIN where one about a file was asked: the last one is meant."""
    state, effects = outcome
    if state.pin_question is None or state.turn == before.turn:
        return outcome
    return replace(state, pin_question=None), effects


def _told(state: Conversation, event: Told, moment: Moment) -> Outcome:
    match event:
        case Deleted():
            return corrections.made(state, event, moment)
        case Checked(_, Verdict.WAITING, datetime() as until):
            return _say(state, _files_wait(until, moment))
        case Checked():
            return _checked(state, event, moment)
        case Readmitted(media_id):
            return filing.readmit(state, media_id)
        case TimedOut(deadline):
            return filing.time_out(state, deadline)
        case NotFiled() | NotDelivered() | DeliveredLate():
            return _missed(state, event)
        case Noticed():
            return state, ()
        case _:
            assert_never(event)


def _answered(
    state: Conversation, event: Heard, moment: Moment, shelf: Sequence[Report]
) -> Outcome:
    match event:
        case Said(text, mark):
            return corrections.noted(state, _said(state, text, moment, shelf), mark)
        case Edited(mark, str() as text) if state.said == (mark, state.turn):
            return corrections.noted(state, _said(state, text, moment, shelf), mark)
        case Edited(_, str() as text) if _is_command(state, text, moment):
            return _said(state, text, moment, shelf)
        case Edited():
            after, effects = corrections.made(state, event, moment)
            too_late = _reminded(_say(state, Plain.EDIT_TOO_LATE), moment)
            return (after, effects) if effects else too_late
        case Arrived():
            return _reminded((state, (Say(Menu()),) if state.greeted else ()), moment)
        case Tapped(id):
            return _tapped(state, id, moment, shelf)
        case SentFile():
            return _file(state, event, moment)
        case SaidTooMuch() | SentTooLarge() | SentUnusable():
            return _reminded(_say(state, _UNTAKEN[type(event)]), moment)
        case _:
            assert_never(event)


def _is_command(state: Conversation, text: str, moment: Moment) -> bool:
    """Whether a text that was edited is a command, and cannot be meant as an answer."""
    return not corrections.asks(state) and commands.parse(text, moment.lexicon) is not None


def _heard(before: Conversation, outcome: Outcome, moment: Moment) -> Outcome:
    """Greet a patient who writes for the first time; all who write have time again to answer."""
    state, effects = outcome
    until = moment.now + SESSION_LIFETIME
    if state.deadline is not None and state.deadline != until:
        state = replace(state, deadline=until)
    if before.greeted:
        return state, effects
    return replace(state, greeted=True), (Say(Plain.WELCOME), *effects)


def _said(state: Conversation, text: str, moment: Moment, shelf: Sequence[Report]) -> Outcome:
    command = commands.parse(text, moment.lexicon)
    if command is None and state.step is Step.IDLE and state.listed:
        number = commands.number(text)
        command = Command(Word.GET, number) if number is not None else None
    if command is not None:
        return _obeyed(state, command, moment, shelf)
    if report_id := browsing.labelled(state, shelf, text, moment.lexicon.language):
        return _reminded(browsing.get_report(state, shelf, report_id), moment)
    if state.pin_question is not None:
        answered = pin_setting.answered(state, text, moment)
        if answered is not None:
            return _reminded(answered, moment)
        state = replace(state, pin_question=None)
    if state.step is Step.IDLE and state.waiting:
        return filing.next_file(state, moment)
    if state.step is Step.IDLE:
        return (state, (Say(Menu()),)) if state.greeted else (state, ())
    return filing.answer(state, text, moment)


def _obeyed(
    state: Conversation, command: Command, moment: Moment, shelf: Sequence[Report]
) -> Outcome:
    asked_for_pin = state.pin_question is not None
    state = replace(state, pin_question=None) if asked_for_pin else state
    match command.word:
        case Word.SET_PIN:
            return _reminded(pin_setting.begun(state, command.digits, moment), moment)
        case Word.CANCEL if asked_for_pin:
            return _reminded(_say(state, Plain.PIN_UNCHANGED), moment)
        case Word.CANCEL:
            return filing.cancel(state, moment)
        case Word.STOP:
            return filing.stop(state)
        case Word.HELP:
            return _reminded(_say(state, Help(moment.support_contact)), moment)
        case Word.LIST:
            return _reminded(browsing.show_list(state, shelf), moment)
        case Word.MORE:
            return _reminded(browsing.show_more(state, shelf), moment)
        case Word.GET:
            return _reminded(browsing.get_number(state, shelf, command.number), moment)


def _tapped(state: Conversation, id: str, moment: Moment, shelf: Sequence[Report]) -> Outcome:
    tap = Tap.read(id)
    if tap is None:
        return filing.stale(state, moment)
    if tap.choice is Choice.REPORT:
        try:
            return _reminded(browsing.get_report(state, shelf, UUID(tap.value)), moment)
        except ValueError:
            return filing.stale(state, moment)
    if tap.choice is Choice.MENU and (command := commands.parse(tap.value, moment.lexicon)):
        return _obeyed(state, command, moment, shelf)
    if state.draft is None or tap.turn != state.turn:
        return filing.stale(state, moment)
    return filing.tapped(state, tap, moment)


def _file(state: Conversation, event: SentFile, moment: Moment) -> Outcome:
    """Have the file fetched; while another is in the making it waits its turn.

    Only the first file of an album is answered, not to bury the question under receipts, and only
    the first of a backlog.
    """
    draft = filing.draft_of(event, moment)
    after, fetch = filing.put_last(state, draft, event.attachment)
    effects = (Record(Action.FILE_RECEIVED), fetch)
    if state.draft is None:
        return after, (*effects, ShowTyping())
    if after.backlog is not None and state.backlog is None:
        told = Say(Plain.BACKLOG)
    elif not state.waiting and state.step is not Step.CHECKING:
        told = Say(Plain.WAITS_ITS_TURN)
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
        return _say(replace(state, draft=judged), Plain.CHECK_WAITS)
    return filing.go_on(state, judged, moment)


def _refused(state: Conversation, draft: Draft, why: Message, moment: Moment) -> Outcome:
    told: tuple[Effect, ...] = (Record(Action.FILE_REFUSED), Say(why))
    if draft is not state.draft:
        waiting = tuple(d for d in state.waiting if d is not draft)
        return replace(state, waiting=waiting), told
    state, following = filing.next_file(state.idle(), moment)
    return state, told + following


def _files_wait(until: datetime, moment: Moment) -> FilesWait:
    """Tell a time of the clinic's day, to the full minute after it."""
    there = (max(until, moment.now) + timedelta(minutes=1)).astimezone(moment.zone)
    return FilesWait(there, there.date() != moment.now.astimezone(moment.zone).date())


def _reminded(outcome: Outcome, moment: Moment) -> Outcome:
    """After a command in the middle of filing, ask the open question once more.

    While a PIN is asked for, that question waits: a typed text belongs to one question.
    """
    state, effects = outcome
    question = questions.open_question(state, moment)
    if question is None or state.pin_question is not None:
        return outcome
    return state, (*effects, Say(StillOpen(question)))


def _missed(state: Conversation, event: NotFiled | NotDelivered | DeliveredLate) -> Outcome:
    match event:
        case NotFiled():
            return _say(state, Plain.NOT_FILED)
        case DeliveredLate():
            return _say(state, Plain.SENT_LATE)
        case NotDelivered(report_id):
            return state, (Record(Action.REPORT_NOT_SENT, report_id), Say(Plain.NOT_SENT))
        case _:
            assert_never(event)


def _say(state: Conversation, message: Message) -> Outcome:
    return state, (Say(message),)
