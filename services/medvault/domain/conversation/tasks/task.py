"""A task: one flow of a conversation, with a part of its state and a question that may be open."""

from typing import Protocol

from medvault.domain.conversation.moment import Moment, Outcome
from medvault.domain.conversation.state import Conversation


class Task(Protocol):
    """A task whose question takes typed answers; each is a module of this room.

    Taps name their task by their choice, timers by their name: the router hands them over.
    """

    def is_open(self, state: Conversation) -> bool:
        """Whether it waits for an answer."""
        ...

    def answered(self, state: Conversation, text: str, moment: Moment) -> Outcome | None:
        """Take a typed text; None where that is no answer to this question."""
        ...

    def interrupted(self, state: Conversation) -> Conversation:
        """Return the state after something was said that is no answer, or is another's."""
        ...
