"""Whoever writes is compared with whom the vault knows, before anything is answered."""

from collections.abc import Sequence
from dataclasses import replace

from medvault.domain import dialogue, locking
from medvault.domain.conversations import Conversation
from medvault.domain.effects import Effect, Say
from medvault.domain.events import Doubted, Event, Moved
from medvault.domain.identity import Contact, meet
from medvault.domain.moment import Moment
from medvault.domain.reports import Report

Outcome = tuple[Conversation, tuple[Effect, ...]]


def hear(
    state: Conversation,
    contact: Contact | None,
    event: Event,
    moment: Moment,
    shelf: Sequence[Report] = (),
) -> Outcome:
    """Take one event as `dialogue.advance` does, and lock first if its sender may be another one.

    `contact` is None for what no patient sent. A move says itself who moves.
    """
    if contact is not None and state.contact is None and isinstance(event, Moved | Doubted):
        # Whoever was never heard of has nothing that could move or be locked.
        return replace(state, contact=contact), ()
    if contact is None or isinstance(event, Moved):
        return dialogue.advance(state, event, moment, shelf)
    met, doubt = meet(state.contact, contact)
    if met != state.contact:
        state = replace(state, contact=met)
    if doubt is None:
        return dialogue.advance(state, event, moment, shelf)
    state, locked = locking.lock(state, doubt, moment)
    state, effects = dialogue.advance(state, event, moment)
    if state.lock is not None and not any(isinstance(effect, Say) for effect in effects):
        effects = (*effects, Say(locking.notice(state, moment)))
    return state, (*locked, *effects)
