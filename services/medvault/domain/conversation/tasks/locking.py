"""A locked vault: it keeps what is sent, says how it is opened, and gives nothing away."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from medvault.domain import pin
from medvault.domain.audit import Action
from medvault.domain.conversation.effects import (
    Effect,
    LinkIdentity,
    LockVault,
    Record,
    Say,
    UnlockVault,
)
from medvault.domain.conversation.events import (
    Arrived,
    Checked,
    Deleted,
    DeliveredLate,
    Edited,
    Heard,
    Joined,
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
)
from medvault.domain.conversation.moment import Moment, Outcome
from medvault.domain.conversation.state import BrowsingState, Conversation, Draft, Lock
from medvault.domain.conversation.tasks import pin_setting, receiving
from medvault.domain.identity import Contact, Doubt
from medvault.domain.media import Verdict
from medvault.domain.pin import Result
from medvault.domain.saying.messages import Locked, Message, Plain, Unlocked, VaultJoined

_RECORDED_BY_WHO_TOLD = (Doubt.REFUSED, Doubt.DESK)


def lock(state: Conversation, doubt: Doubt, moment: Moment) -> Outcome:
    """Close a vault, or close it again: a person about to be let in is not let in any more.

    The questions that are open wait with their files. Only the clinic opens a vault that it has
    closed.
    """
    noted = () if doubt in _RECORDED_BY_WHO_TOLD else (Record(Action.IDENTITY_LOCKED),)
    since, kept = moment.now, 0
    if state.lock is not None:
        since, kept = max(since, state.lock.since + timedelta(microseconds=1)), state.lock.kept
        doubt = Doubt.DESK if state.lock.doubt is Doubt.DESK else doubt
    state = state._replace(
        lock=Lock(since, doubt, kept),
        turn=state.turn + 1,
        filing=state.filing._replace(deadline=None),
        browsing=BrowsingState(),
        pin_question=None,
    )
    return state, (LockVault(since, doubt), *noted)


def doubted(state: Conversation, doubt: Doubt, moment: Moment, proof: str | None = None) -> Outcome:
    """Lock for what somebody else found out, and say so once.

    With a `proof` only if that is another identity key than the one that is known. A key that
    WhatsApp refuses is known no more: a message that goes out without one arrives, and the
    patient's next message shows the right one.
    """
    if proof is not None:
        return _reached(state, proof, moment)
    if doubt is Doubt.REFUSED and state.contact is not None:
        state = state._replace(contact=replace(state.contact, proof=None))
    known = state.lock.doubt if state.lock else Doubt.UNTOLD
    if known is not Doubt.UNTOLD and (doubt is Doubt.REFUSED or known is doubt):
        return state, ()
    state, effects = lock(state, doubt, moment)
    return state, (*effects, Say(notice(state, moment)))


def _reached(state: Conversation, proof: str, moment: Moment) -> Outcome:
    """Compare the key that a message reached; the first one is only learned from the patient."""
    known = state.contact
    if known is None or known.proof in (None, proof):
        return state, ()
    state = state._replace(contact=replace(known, proof=proof))
    state, effects = lock(state, Doubt.KEY, moment)
    return state, (*effects, Say(notice(state, moment)))


def move(state: Conversation, shown: Contact, moment: Moment) -> Outcome:
    """Follow a patient to another number or user id, and lock: it may be somebody else's by now.

    Without a user id there is nothing to follow to that proves anything; a vault that a user id
    owns stays where it is.
    """
    known = state.contact
    moves: tuple[Effect, ...] = ()
    if shown.user_id or known is None or not known.user_id:
        state = state._replace(contact=shown)
        moves = (LinkIdentity(shown), Record(Action.IDENTITY_LINKED))
    state, effects = lock(state, Doubt.NUMBER, moment)
    return state, (*moves, *effects, Say(notice(state, moment)))


def vouched(state: Conversation, since: datetime, moment: Moment) -> Outcome:
    """Open a vault for a patient whom the clinic has seen, unless another doubt came meanwhile.

    The PIN goes: a patient who comes to the clinic has forgotten it, or somebody else may know it.
    """
    if state.lock is None or state.lock.since != since:
        return state, ()
    return _opened(state._replace(pin=None), Unlocked(), moment)


def joined(state: Conversation, event: Joined | Unjoined) -> Outcome:
    """Tell of a vault that was joined, or is no more; a patient who is locked out is told nothing.

    With a joining the PIN goes, as with the clinic's opening: neither the one that this vault had,
    nor the other's, may open more than it was set for.
    """
    told: Message = Plain.UNJOINED
    state = state._replace(browsing=BrowsingState())
    if isinstance(event, Joined):
        told = VaultJoined(pin_gone=state.pin is not None)
        state = state._replace(pin=None, pin_question=None)
    return state, () if state.lock is not None else (Say(told),)


def hear(state: Conversation, locked: Lock, event: Heard | Told, moment: Moment) -> Outcome:
    """Take an event of a locked vault."""
    match event:
        case Said(text):
            return _said(state, locked, text, moment)
        case SentFile():
            return _keep(state, locked, event, moment)
        case SaidTooMuch() | Tapped() | SentTooLarge() | SentUnusable() | Arrived() | Edited():
            return state, (Say(notice(state, moment)),)
        case Checked(_, Verdict.WAITING, datetime()):
            return state, ()
        case Checked():
            return _judged(state, event), ()
        case Readmitted(media_id):
            return receiving.readmit(state, media_id)
        case NotDelivered(report_id):
            return state, (Record(Action.REPORT_NOT_SENT, report_id),)
        case Rang():
            return state._replace(rings=None), ()
        case Deleted() | NotFiled() | DeliveredLate() | Noticed():
            return state, ()
        case _:
            assert_never(event)


def notice(state: Conversation, moment: Moment, *, keeps_file: bool = False) -> Locked:
    """Say that the vault is locked, why, and how it is opened."""
    if state.lock is None:
        raise ValueError("the vault is not locked")
    doubt, known = state.lock.doubt, state.pin
    by_pin = known is not None and doubt is not Doubt.DESK
    pause = known.pause(moment.now) if known and by_pin else None
    return Locked(doubt, by_pin, pause, moment.support_contact, keeps_file)


def _said(state: Conversation, locked: Lock, text: str, moment: Moment) -> Outcome:
    digits = pin.read(text)
    if state.pin is None or locked.doubt is Doubt.DESK or digits is None or not pin.fits(digits):
        return state, (Say(notice(state, moment)),)
    state, result, effects = pin_setting.prove(state, state.pin, digits, moment)
    if result is Result.RIGHT:
        return _opened(state, Plain.UNLOCKED_BY_PIN, moment)
    return state, effects


def _keep(state: Conversation, locked: Lock, event: SentFile, moment: Moment) -> Outcome:
    """Keep a file until the vault is open; only the first of many is answered."""
    draft = receiving.draft_of(event, moment)
    state, fetch = receiving.put_last(state, draft, event.attachment)
    effects: tuple[Effect, ...] = (Record(Action.FILE_RECEIVED), fetch)
    state = state._replace(lock=replace(locked, kept=locked.kept + 1))
    if not locked.kept:
        effects = (*effects, Say(notice(state, moment, keeps_file=True)))
    return state, effects


def _judged(state: Conversation, told: Checked) -> Conversation:
    """Remember a verdict; it is spoken of once the vault is open."""

    def judged(draft: Draft) -> Draft:
        waits = draft.verdict in (None, Verdict.WAITING)
        return receiving.judged(draft, told) if draft.media_id == told.media_id and waits else draft

    known = state.filing
    draft = judged(known.draft) if known.draft else None
    return state._replace(
        filing=known._replace(draft=draft, waiting=tuple(map(judged, known.waiting)))
    )


def _opened(state: Conversation, told: Message, moment: Moment) -> Outcome:
    state = state._replace(lock=None)
    state, following = receiving.resume(state, moment)
    opened = (UnlockVault(), Record(Action.IDENTITY_UNLOCKED), Say(told))
    return state, (*opened, *following)
