"""One step of a conversation: (state, event, now) -> (state, effects), without input or output."""

from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

from medvault.domain.audit import Action
from medvault.domain.conversation import corrections, timers
from medvault.domain.conversation.effects import Record, Say, SetTimer
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
    Rang,
    Readmitted,
    Said,
    SaidTooMuch,
    SentFile,
    SentTooLarge,
    SentUnusable,
    Tapped,
    Told,
    Unjoined,
    Vouched,
)
from medvault.domain.conversation.facts import Facts
from medvault.domain.conversation.moment import Moment, Outcome
from medvault.domain.conversation.state import SESSION_LIFETIME, Conversation, Step
from medvault.domain.conversation.tasks import (
    browsing,
    filing,
    locking,
    pin_setting,
    questions,
    receiving,
)
from medvault.domain.conversation.tasks.task import Task
from medvault.domain.conversation.timers import TimerName
from medvault.domain.identifiers import ReportId
from medvault.domain.reports import Report
from medvault.domain.saying.messages import Help, Menu, Message, Plain
from medvault.domain.taps import Choice, Tap
from medvault.domain.understanding import commands
from medvault.domain.understanding.commands import Command, Word

_TASKS: tuple[Task, ...] = (pin_setting, filing)
"""Tasks whose questions take typed answers; the one asked last comes first."""

_UNTAKEN = {
    SaidTooMuch: Plain.TOO_LONG,
    SentTooLarge: Plain.TOO_LARGE,
    SentUnusable: Plain.UNUSABLE,
}


def advance(state: Conversation, event: Event, moment: Moment, facts: Facts = Facts()) -> Outcome:
    """Take one event, knowing the facts that it `wants`."""
    return _timed(_taken(state, event, moment, facts), moment)


def _timed(outcome: Outcome, moment: Moment) -> Outcome:
    """Set the session's timer where it would ring too late for the deadline."""
    state, effects = outcome
    ends = state.filing.deadline
    if ends is None or not timers.is_late(state.rings, ends, moment.now):
        return outcome
    return state._replace(rings=ends), (*effects, SetTimer(TimerName.SESSION, ends))


def _taken(state: Conversation, event: Event, moment: Moment, facts: Facts) -> Outcome:
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
    return outcome if state.turn == before.turn else (pin_setting.interrupted(state), effects)


def _told(state: Conversation, event: Told, moment: Moment) -> Outcome:
    match event:
        case Deleted():
            return corrections.made(state, event, moment)
        case Checked():
            return receiving.checked(state, event, moment)
        case Readmitted(media_id):
            return receiving.readmit(state, media_id)
        case Rang(TimerName.SESSION, at):
            return filing.rang(state._replace(rings=None), at)
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
        case Edited(_, str() as text) if not corrections.asks(state) and commands.parse(text):
            return _said(state, text, moment, shelf)
        case Edited():
            after, effects = corrections.made(state, event, moment)
            too_late = questions.reminded(_say(state, Plain.EDIT_TOO_LATE), moment)
            return (after, effects) if effects else too_late
        case Arrived():
            return questions.reminded((state, (Say(Menu()),) if state.greeted else ()), moment)
        case Tapped(id):
            return _tapped(state, id, moment, shelf)
        case SentFile():
            return receiving.sent(state, event, moment)
        case SaidTooMuch() | SentTooLarge() | SentUnusable():
            return questions.reminded(_say(state, _UNTAKEN[type(event)]), moment)
        case _:
            assert_never(event)


def _heard(before: Conversation, outcome: Outcome, moment: Moment) -> Outcome:
    """Greet a patient who writes for the first time; all who write have time again to answer."""
    state, effects = outcome
    until = moment.now + SESSION_LIFETIME
    if state.filing.deadline is not None and state.filing.deadline != until:
        state = state._replace(filing=state.filing._replace(deadline=until))
    if before.greeted:
        return state, effects
    return state._replace(greeted=True), (Say(Plain.WELCOME), *effects)


def _said(state: Conversation, text: str, moment: Moment, shelf: Sequence[Report]) -> Outcome:
    command = commands.parse(text)
    if command is None and state.filing.step is Step.IDLE and state.browsing.listed:
        number = commands.number(text)
        command = Command(Word.GET, number) if number is not None else None
    if command is not None:
        return _obeyed(state, command, moment, shelf)
    if report_id := browsing.labelled(state, shelf, text):
        return questions.reminded(browsing.get_report(state, shelf, report_id), moment)
    for task in _TASKS:
        if task.is_open(state):
            if outcome := task.answered(state, text, moment):
                return outcome
            state = task.interrupted(state)
    return (state, (Say(Menu()),)) if state.greeted else (state, ())


def _obeyed(
    state: Conversation, command: Command, moment: Moment, shelf: Sequence[Report]
) -> Outcome:
    asked_for_pin = pin_setting.is_open(state)
    state = pin_setting.interrupted(state)
    match command.word:
        case Word.SET_PIN:
            return questions.reminded(pin_setting.begun(state, command.digits, moment), moment)
        case Word.CANCEL if asked_for_pin:
            return questions.reminded(_say(state, Plain.PIN_UNCHANGED), moment)
        case Word.CANCEL:
            return filing.cancel(state, moment)
        case Word.STOP:
            return filing.stop(state)
        case Word.HELP:
            return questions.reminded(_say(state, Help(moment.support_contact)), moment)
        case Word.LIST:
            return questions.reminded(browsing.show_list(state, shelf), moment)
        case Word.MORE:
            return questions.reminded(browsing.show_more(state, shelf), moment)
        case Word.GET:
            return questions.reminded(browsing.get_number(state, shelf, command.number), moment)


def _tapped(state: Conversation, id: str, moment: Moment, shelf: Sequence[Report]) -> Outcome:
    tap = Tap.read(id)
    if tap is None:
        return filing.stale(state, moment)
    if tap.choice is Choice.REPORT:
        try:
            return questions.reminded(
                browsing.get_report(state, shelf, ReportId(UUID(tap.value))), moment
            )
        except ValueError:
            return filing.stale(state, moment)
    if tap.choice is Choice.MENU and (command := commands.parse(tap.value)):
        return _obeyed(state, command, moment, shelf)
    if state.filing.draft is None or tap.turn != state.turn:
        return filing.stale(state, moment)
    return filing.tapped(state, tap, moment)


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
