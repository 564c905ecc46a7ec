"""Which question of filing is open, and what it asks about."""

from datetime import date

from medvault.domain.conversation.effects import Say
from medvault.domain.conversation.moment import Moment, Outcome
from medvault.domain.conversation.state import Conversation, Draft, Step
from medvault.domain.date_doubts import Unclear
from medvault.domain.reports import ReportDetails
from medvault.domain.saying.messages import (
    Again,
    AskChange,
    AskConfirm,
    AskDate,
    AskHospital,
    AskType,
    AskWhichDay,
    Plain,
    Question,
    StillOpen,
)
from medvault.domain.understanding import answers, typed


def open_question(state: Conversation, today: date) -> Question | None:
    """Return the question that waits for an answer; None while nothing is filed or checked."""
    draft, turn = state.filing.draft, state.turn
    match state.filing.step:
        case Step.DATE if draft:
            return AskDate(turn, today, called(draft), state.filing.behind_it)
        case Step.HOSPITAL if draft and draft.day:
            titles = tuple(answers.titles(state.filing.hospitals))
            return AskHospital(turn, draft.day, draft.whole_month, state.filing.hospitals, titles)
        case Step.TYPE if draft and draft.hospital:
            return AskType(turn, draft.hospital)
        case Step.CONFIRM if draft:
            return AskConfirm(turn, details(draft))
        case _:
            return None


def again(state: Conversation, why: Plain, today: date) -> Again | Plain:
    """Say what was wrong with an answer and offer the same ones once more, under the same turn."""
    question = open_question(state, today)
    return Again(why, question) if question else why


def change(state: Conversation) -> AskChange:
    """Ask which answer to correct; meanwhile the confirmation stays open."""
    return AskChange(state.turn)


def which_day(state: Conversation, days: tuple[date, ...], why: Unclear) -> AskWhichDay:
    """Ask which day is meant; the answers belong to the same turn."""
    return AskWhichDay(state.turn, days, why)


def called(draft: Draft) -> str:
    """The name of a draft's file, fit to be shown; photos have none."""
    return typed.name(draft.filename or "")


def details(draft: Draft) -> ReportDetails:
    """The patient's details of a report; raises `ValueError` where an answer is missing."""
    if draft.day is None or draft.hospital is None or draft.type is None:
        raise ValueError("the report is not described yet")
    return ReportDetails(draft.day, draft.hospital, draft.type, draft.filename, draft.whole_month)


def reminded(outcome: Outcome, moment: Moment) -> Outcome:
    """After a command in the middle of filing, ask the open question once more.

    While a PIN is asked for, that question waits: a typed text belongs to one question.
    """
    state, effects = outcome
    question = open_question(state, moment.today)
    if question is None or state.pin_question is not None:
        return outcome
    return state, (*effects, Say(StillOpen(question)))
