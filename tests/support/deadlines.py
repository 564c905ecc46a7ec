"""The deadline of an open question, brought nearer than any test wants to wait for it."""

from datetime import timedelta

from medvault.domain.conversation.state import Conversation
from medvault.domain.conversation.timers import TimerName
from medvault.domain.identifiers import PersonId
from medvault.ports.timers import Timer


def earlier_by(time: timedelta, state: Conversation) -> Conversation:
    """Returns the state with its deadline, and the timer for it, so much earlier."""
    if state.filing.deadline is None:
        raise AssertionError("no question is open")
    ends = state.filing.deadline - time
    return state._replace(filing=state.filing._replace(deadline=ends), rings=ends)


def session_timer(patient_id: PersonId, state: Conversation) -> Timer:
    """Returns the timer that the state says is set."""
    if state.rings is None:
        raise AssertionError("no timer is set")
    return Timer(patient_id, TimerName.SESSION, state.rings)
