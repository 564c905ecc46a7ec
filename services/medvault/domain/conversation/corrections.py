"""Patients' corrections in the chat itself: an answer that they edit, a file that they delete."""

from medvault.domain.conversation.effects import Say
from medvault.domain.conversation.events import Deleted, Edited
from medvault.domain.conversation.moment import Moment, Outcome
from medvault.domain.conversation.state import Conversation, Step
from medvault.domain.conversation.tasks import filing
from medvault.domain.saying.messages import Plain


def noted(before: Conversation, outcome: Outcome, mark: str | None) -> Outcome:
    """Remember which message gave an answer, or none while one is awaited: either may be edited.

    An answer that ended a draft is over: it is no answer to the question about the next file. Where
    nothing is asked nothing is remembered: a state that stays as it is costs no writing.
    """
    state, effects = outcome
    if before.filing.draft is None or state.turn == before.turn:
        said = (mark, state.turn) if mark and asks(state) else None
        return (state if state.said == said else state._replace(said=said)), effects
    draft = state.filing.draft
    if mark is not None and draft is not None and draft.media_id == before.filing.draft.media_id:
        others = tuple(one for one in draft.answers if one[0] is not before.filing.step)
        draft = draft._replace(answers=(*others, (before.filing.step, mark)))
    if draft is not state.filing.draft:
        state = state._replace(filing=state.filing._replace(draft=draft))
    return state if state.said is None else state._replace(said=None), effects


def asks(state: Conversation) -> bool:
    """Whether the patient may be in the middle of an answer."""
    return state.filing.draft is not None or state.pin_question is not None


def made(state: Conversation, event: Edited | Deleted, moment: Moment) -> Outcome:
    """Correct an answer, or the date in a file's caption; or close the question about a file.

    Nothing comes of what else is edited or deleted: a report that is filed stays as it is.
    """
    draft = state.filing.draft
    match event:
        case Edited(text=None):
            return state, (Say(Plain.EDIT_UNSEEN),)
        case Edited(mark, str() as text) if draft is not None:
            steps = [step for step, given in draft.answers if given == mark]
            if mark == draft.mark and state.filing.step is Step.DATE:
                steps.append(Step.DATE)
            if steps:
                asked = state._replace(filing=state.filing._replace(step=steps[0]))
                return noted(asked, filing.answered(asked, text, moment), mark)
        case Deleted(mark) if draft is not None and draft.mark == mark:
            return filing.close(state, moment)
    return state, ()
