"""Setting a PIN: whoever has one gives it before it is replaced."""

from dataclasses import replace
from datetime import timedelta

from medvault.domain import pin
from medvault.domain.audit import Action
from medvault.domain.conversation.effects import Effect, Record, Say
from medvault.domain.conversation.moment import Moment, Outcome
from medvault.domain.conversation.state import Conversation, PinQuestion
from medvault.domain.pin import Pin, Result
from medvault.domain.replies import Reply
from medvault.domain.saying import wording

_ASKED = {PinQuestion.CURRENT: wording.ASK_CURRENT_PIN, PinQuestion.NEW: wording.ASK_NEW_PIN}


def begun(state: Conversation, digits: str | None, moment: Moment) -> Outcome:
    """Take the command; a first PIN may come along with it."""
    if state.pin is None:
        asked = replace(state, pin_question=PinQuestion.NEW)
        return _chosen(asked, digits, moment) if digits else _ask(asked, PinQuestion.NEW)
    if not state.pin.may_change(moment.now):
        return state, (Say(Reply(wording.PIN_JUST_SET)),)
    return _ask(state, PinQuestion.CURRENT)


def answered(state: Conversation, text: str, moment: Moment) -> Outcome | None:
    """Take an answer to the open question; None for what is none, which closes it."""
    digits = pin.read(text)
    if digits is None:
        return None
    if state.pin_question is PinQuestion.NEW or state.pin is None:
        return _chosen(state, digits, moment)
    if not pin.fits(digits):
        return state, (Say(Reply(wording.PIN_FORM)),)
    state, result, effects = prove(state, state.pin, digits, moment)
    if result is Result.RIGHT:
        return _ask(state, PinQuestion.NEW)
    if result is Result.SHUT:
        state = replace(state, pin_question=None)
    return state, effects


def prove(
    state: Conversation, known: Pin, digits: str, moment: Moment
) -> tuple[Conversation, Result, tuple[Effect, ...]]:
    """Take one try at the PIN, for whatever asks for it; what is wrong is told and recorded."""
    tried, result = pin.attempt(known, digits, moment.now)
    state = replace(state, pin=tried)
    if result is Result.RIGHT:
        return state, result, ()
    if result is Result.SHUT:
        told = shut(tried, moment)
    else:
        left = pin.TRIES - tried.wrong
        told = wording.PIN_WRONG_ONE_LEFT if left == 1 else wording.PIN_WRONG.format(left=left)
    return state, result, (Record(Action.PIN_REFUSED), Say(Reply(told)))


def shut(tried: Pin, moment: Moment) -> str:
    """Say when the next try is taken."""
    return wording.PIN_SHUT.format(wait=_in_words(tried.pause(moment.now) or timedelta()))


def _chosen(state: Conversation, digits: str, moment: Moment) -> Outcome:
    if not pin.fits(digits):
        return state, (Say(Reply(wording.PIN_FORM)),)
    if pin.too_easy(digits):
        return state, (Say(Reply(wording.PIN_TOO_EASY)),)
    hashed = moment.scrypt.hashed(digits, moment.new_id().bytes)
    state = replace(state, pin=Pin(hashed, moment.now), pin_question=None)
    return state, (Record(Action.PIN_SET), Say(Reply(wording.PIN_IS_SET)))


def _ask(state: Conversation, question: PinQuestion) -> Outcome:
    return replace(state, pin_question=question), (Say(Reply(_ASKED[question])),)


def _in_words(wait: timedelta) -> str:
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size or size == 1:
            count = -(-minutes // size)
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    raise AssertionError("a minute is the smallest unit")
