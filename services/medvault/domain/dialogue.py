"""One step of a conversation: (state, event, now) -> (state, effects), without input or output."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from medvault.domain import browsing, commands, filing, wording
from medvault.domain.audit import Action
from medvault.domain.commands import Word
from medvault.domain.conversations import Conversation, Draft, Step
from medvault.domain.effects import Discard, Effect, Fetch, Link, Record, Say, ShowTyping
from medvault.domain.events import (
    Checked,
    Event,
    Moved,
    NotDelivered,
    Said,
    SentFile,
    SentTooLarge,
    SentUnusable,
    Tapped,
    TimedOut,
)
from medvault.domain.media import Verdict
from medvault.domain.replies import Reply
from medvault.domain.reports import Report

Outcome = tuple[Conversation, tuple[Effect, ...]]


@dataclass(frozen=True, slots=True)
class Moment:
    """What a step is decided on besides state and event: the time, the clinic's day, fresh ids."""

    now: datetime
    today: date
    new_id: Callable[[], UUID]
    support_contact: str | None = None


def needs_shelf(event: Event) -> bool:
    """Whether the event can only be answered knowing the patient's reports."""
    if isinstance(event, Said):
        command = commands.parse(event.text)
        return command is not None and command.word in (Word.LIST, Word.MORE, Word.GET)
    return isinstance(event, Tapped) and event.id.startswith(("report:", "menu:"))


def advance(
    state: Conversation, event: Event, moment: Moment, shelf: Sequence[Report] = ()
) -> Outcome:
    """Take one event; `shelf` holds the patient's reports where `needs_shelf` says so."""
    match event:
        case Said(text):
            return _welcomed(state, _said(state, text, moment, shelf))
        case Tapped(id):
            return _welcomed(state, _tapped(state, id, moment, shelf))
        case SentFile():
            return _welcomed(state, _file(state, event, moment))
        case SentTooLarge():
            return _welcomed(state, _say(state, wording.TOO_LARGE))
        case SentUnusable():
            return _welcomed(state, _say(state, wording.UNUSABLE))
        case Checked(media_id, verdict):
            return _checked(state, media_id, verdict, moment)
        case TimedOut():
            return filing.time_out(state, moment.now)
        case NotDelivered(report_id):
            said = Say(Reply(wording.NOT_SENT))
            return state, (Record(Action.REPORT_NOT_SENT, report_id), said)
        case Moved(contact):
            linked = replace(state, contact=contact)
            return linked, (Link(contact), Record(Action.IDENTITY_LINKED))
        case _:
            return state, ()


def _welcomed(before: Conversation, outcome: Outcome) -> Outcome:
    """Greet a patient who writes for the first time, ahead of the answer."""
    if before.greeted:
        return outcome
    state, effects = outcome
    return replace(state, greeted=True), (Say(Reply(wording.WELCOME)), *effects)


def _said(state: Conversation, text: str, moment: Moment, shelf: Sequence[Report]) -> Outcome:
    command = commands.parse(text)
    if command is None:
        if state.step is Step.IDLE:
            return _say(state, wording.HINT) if state.greeted else (state, ())
        return filing.answer(state, text, moment.now, moment.today, moment.new_id)
    if command.word is Word.CANCEL:
        return filing.cancel(state, moment.now, moment.today)
    if command.word is Word.HELP:
        return _reminded(_help(state, moment), moment)
    if command.word is Word.LIST:
        return _reminded(browsing.show_list(state, shelf), moment)
    if command.word is Word.MORE:
        return _reminded(browsing.show_more(state, shelf), moment)
    return _reminded(browsing.get_number(state, shelf, command.number), moment)


def _tapped(state: Conversation, tap: str, moment: Moment, shelf: Sequence[Report]) -> Outcome:
    what, _, rest = tap.partition(":")
    if what == "report":
        try:
            return _reminded(browsing.get_report(state, shelf, UUID(rest)), moment)
        except ValueError:
            return filing.stale(state, moment.today)
    turn, _, value = rest.partition(":")
    if state.draft is None or turn != str(state.turn):
        return filing.stale(state, moment.today)
    return filing.tapped(state, what, value, moment.now, moment.today, moment.new_id)


def _file(state: Conversation, event: SentFile, moment: Moment) -> Outcome:
    """Have the file fetched; while another is in the making it waits its turn."""
    draft = Draft(moment.new_id(), event.attachment.filename)
    effects = (Record(Action.FILE_RECEIVED), Fetch(draft.media_id, event.attachment))
    if state.draft is not None:
        return replace(state, waiting=(*state.waiting, draft)), effects
    state = replace(state, step=Step.CHECKING, draft=draft, deadline=None)
    return state, (*effects, ShowTyping())


def _checked(state: Conversation, media_id: UUID, verdict: Verdict, moment: Moment) -> Outcome:
    drafts = (state.draft, *state.waiting)
    draft = next((d for d in drafts if d is not None and d.media_id == media_id), None)
    if draft is None:
        return state, (Discard(media_id),) if verdict.accepted else ()
    if verdict is Verdict.WAITING:
        return _say(state, wording.CHECK_WAITS)
    if not verdict.accepted:
        return _refused(state, draft, verdict, moment)
    passed = replace(draft, verdict=verdict)
    if draft is state.draft:
        return filing.ask(state, Step.DATE, moment.now, moment.today, passed)
    waiting = tuple(passed if d is draft else d for d in state.waiting)
    return replace(state, waiting=waiting), ()


def _refused(state: Conversation, draft: Draft, verdict: Verdict, moment: Moment) -> Outcome:
    told: tuple[Effect, ...] = (Record(Action.FILE_REFUSED), Say(Reply(wording.REFUSED[verdict])))
    if draft is not state.draft:
        waiting = tuple(d for d in state.waiting if d is not draft)
        return replace(state, waiting=waiting), told
    state, following = filing.next_file(state.idle(), moment.now, moment.today)
    return state, told + following


def _help(state: Conversation, moment: Moment) -> Outcome:
    text = wording.HELP
    if moment.support_contact:
        text = f"{text}\n\n{wording.CONTACT.format(contact=moment.support_contact)}"
    return _say(state, text)


def _reminded(outcome: Outcome, moment: Moment) -> Outcome:
    """After a command in the middle of filing, ask the open question once more."""
    state, effects = outcome
    open_question = filing.question(state, moment.today)
    if open_question is None or state.step is Step.CHECKING:
        return outcome
    again = replace(open_question, body=f"{wording.STILL_OPEN} {open_question.body}")
    return state, (*effects, Say(again))


def _say(state: Conversation, text: str) -> Outcome:
    return state, (Say(Reply(text)),)
