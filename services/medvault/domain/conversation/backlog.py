"""The backlog: files behind those that a conversation's state names.

The state is opened and sealed with every message, so it names only so many files. Those behind are
fetched and checked like all others, and known by their rows alone until it is their turn.
"""

from dataclasses import replace
from uuid import UUID

from medvault.domain.conversation.state import Backlog, Conversation, Draft
from medvault.domain.identifiers import MediaId

MAX_NAMED = 100
"""Files that wait by name in the state: some 40 kB at most."""
AT_ONCE = 50
"""Files that are taken up together; more than one transaction can drop, at 32 updates."""


def begins(state: Conversation) -> bool:
    """Whether the next file goes behind those that the state names."""
    return state.filing.backlog is not None or len(state.filing.waiting) >= MAX_NAMED


def put(state: Conversation, draft: Draft) -> tuple[Conversation, Draft]:
    """Put a file last; its id is made to be above all others', as the order is told by them."""
    named = [one.media_id for one in state.filing.files]
    backlog = state.filing.backlog or Backlog(0, max(named), max(named))
    draft = draft._replace(media_id=max(draft.media_id, MediaId(UUID(int=backlog.last.int + 1))))
    backlog = replace(backlog, count=backlog.count + 1, last=draft.media_id)
    return state._replace(filing=state.filing._replace(backlog=backlog)), draft


def is_due(state: Conversation) -> bool:
    """Whether files of the backlog are to be taken up."""
    room = MAX_NAMED - len(state.filing.waiting)
    return state.filing.backlog is not None and state.lock is None and room >= AT_ONCE
