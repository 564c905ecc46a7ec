"""Setting a PIN: a patient who has one gives it before it is replaced."""

from medvault.domain import pin
from medvault.domain.audit import Action
from medvault.domain.conversation.effects import Effect, Record, Say
from medvault.domain.conversation.moment import Moment, Outcome
from medvault.domain.conversation.state import Conversation, PinQuestion
from medvault.domain.conversation.tasks import questions
from medvault.domain.pin import Pin, Result
from medvault.domain.saying.messages import PinShut, PinWrong, Plain

_ASKED = {PinQuestion.CURRENT: Plain.ASK_CURRENT_PIN, PinQuestion.NEW: Plain.ASK_NEW_PIN}


def begun(state: Conversation, digits: str | None, moment: Moment) -> Outcome:
    """Take the command; a first PIN may come along with it."""
    if state.pin is None:
        asked = state._replace(pin_question=PinQuestion.NEW)
        return _chosen(asked, digits, moment) if digits else _ask(asked, PinQuestion.NEW)
    if not state.pin.may_change(moment.now):
        return state, (Say(Plain.PIN_JUST_SET),)
    return _ask(state, PinQuestion.CURRENT)


def is_open(state: Conversation) -> bool:
    """Whether a PIN is asked for."""
    return state.pin_question is not None


def interrupted(state: Conversation) -> Conversation:
    """Ask for no PIN any more: something else was said, or is asked now."""
    return state._replace(pin_question=None) if is_open(state) else state


def answered(state: Conversation, text: str, moment: Moment) -> Outcome | None:
    """Take six digits, or what should be; None for anything else.

    Then the question about a report is asked once more.
    """
    digits = pin.read(text)
    return None if digits is None else questions.reminded(_taken(state, digits, moment), moment)


def _taken(state: Conversation, digits: str, moment: Moment) -> Outcome:
    if state.pin_question is PinQuestion.NEW or state.pin is None:
        return _chosen(state, digits, moment)
    if not pin.fits(digits):
        return state, (Say(Plain.PIN_FORM),)
    state, result, effects = prove(state, state.pin, digits, moment)
    if result is Result.RIGHT:
        return _ask(state, PinQuestion.NEW)
    if result is Result.SHUT:
        state = state._replace(pin_question=None)
    return state, effects


def prove(
    state: Conversation, known: Pin, digits: str, moment: Moment
) -> tuple[Conversation, Result, tuple[Effect, ...]]:
    """Take one try at the PIN, for whatever asks for it; a wrong one is told and recorded."""
    tried, result = pin.attempt(known, digits, moment.now)
    state = state._replace(pin=tried)
    if result is Result.RIGHT:
        return state, result, ()
    pause = tried.pause(moment.now)
    told = PinShut(pause) if pause else PinWrong(pin.TRIES - tried.wrong)
    return state, result, (Record(Action.PIN_REFUSED), Say(told))


def _chosen(state: Conversation, digits: str, moment: Moment) -> Outcome:
    if not pin.fits(digits):
        return state, (Say(Plain.PIN_FORM),)
    if pin.too_easy(digits):
        return state, (Say(Plain.PIN_TOO_EASY),)
    hashed = moment.scrypt.hashed(digits, moment.new_id().bytes)
    state = state._replace(pin=Pin(hashed, moment.now), pin_question=None)
    return state, (Record(Action.PIN_SET), Say(Plain.PIN_IS_SET))


def _ask(state: Conversation, question: PinQuestion) -> Outcome:
    return state._replace(pin_question=question), (Say(_ASKED[question]),)
