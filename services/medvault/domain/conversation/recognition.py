"""Recognition: the sender is compared with the person whom the vault knows, before any answer."""

from medvault.domain.audit import Action
from medvault.domain.conversation import router
from medvault.domain.conversation.effects import Record, Say
from medvault.domain.conversation.events import Doubted, Event, Moved
from medvault.domain.conversation.facts import Facts
from medvault.domain.conversation.moment import Moment, Outcome
from medvault.domain.conversation.state import Conversation
from medvault.domain.conversation.tasks import locking
from medvault.domain.identity import Contact, meet
from medvault.domain.saying.messages import LeftBehind


def hear(
    state: Conversation,
    contact: Contact | None,
    event: Event,
    moment: Moment,
    facts: Facts = Facts(),
    *,
    left_behind: bool = False,
) -> Outcome:
    """Take one event as `router.advance` does, and lock first if its sender may be another one.

    `contact` is None for what no patient sent. A move says itself who moves. `left_behind`: a vault
    with reports was known by the sender's phone number alone, which leads to it no longer.
    """
    state, effects = _heard(state, contact, event, moment, facts)
    if not left_behind:
        return state, effects
    told = Say(LeftBehind(moment.support_contact))
    return state, (*effects, Record(Action.IDENTITY_NEW), told)


def _heard(
    state: Conversation,
    contact: Contact | None,
    event: Event,
    moment: Moment,
    facts: Facts,
) -> Outcome:
    if contact is not None and state.contact is None and isinstance(event, Moved | Doubted):
        # A person who was never heard of has nothing that could move or be locked.
        return state._replace(contact=contact), ()
    if contact is None or isinstance(event, Moved):
        return router.advance(state, event, moment, facts)
    met, doubt = meet(state.contact, contact)
    if met != state.contact:
        state = state._replace(contact=met)
    if doubt is None:
        return router.advance(state, event, moment, facts)
    state, locked = locking.lock(state, doubt, moment)
    state, effects = router.advance(state, event, moment)
    if state.lock is not None and not any(isinstance(effect, Say) for effect in effects):
        effects = (*effects, Say(locking.notice(state, moment)))
    return state, (*locked, *effects)
