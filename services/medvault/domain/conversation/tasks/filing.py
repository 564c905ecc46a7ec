"""Filing a report: from its checked file through the answers to the vault, or to nothing."""

from datetime import datetime

from medvault.domain.audit import Action
from medvault.domain.conversation.effects import (
    Discard,
    DiscardBacklog,
    Effect,
    FileReport,
    Record,
    Say,
    ShowTyping,
)
from medvault.domain.conversation.moment import Moment, Outcome
from medvault.domain.conversation.state import Conversation, Draft, Step
from medvault.domain.conversation.tasks import questions
from medvault.domain.identifiers import ReportId
from medvault.domain.media import Verdict
from medvault.domain.replies import MAX_BUTTONS
from medvault.domain.reports import Detail, Report, ReportFile, ReportType
from medvault.domain.saying.messages import Filed, KeptWithout, Plain, TimedOut
from medvault.domain.taps import Choice, Tap
from medvault.domain.understanding import answers, dates

_OFFER_AFTER = 2


def is_open(state: Conversation) -> bool:
    """Whether a report is in the making, or a file waits that one could be made of."""
    return bool(state.filing.files)


def interrupted(state: Conversation) -> Conversation:
    """Leave the question open: it is asked once more when the interruption is over."""
    return state


def answered(state: Conversation, text: str, moment: Moment) -> Outcome:
    """Take a typed answer to the open question; where none is open, ask about the next file."""
    match state.filing.step:
        case Step.IDLE:
            return next_file(state, moment)
        case Step.DATE:
            return _date(state, text, moment)
        case Step.HOSPITAL:
            return _hospital(state, _offered(state, text, moment) or answers.hospital(text), moment)
        case Step.TYPE if answers.opens_kinds(text, moment.lexicon):
            question = questions.open_question(state, moment)
            return state, (Say(question),) if question else ()
        case Step.TYPE:
            return _type(state, answers.report_type(text, moment.lexicon), moment)
        case Step.CONFIRM:
            if answers.agrees(text, moment.lexicon):
                return file_it(state, moment)
            if answers.wants_change(text, moment.lexicon):
                return state, (Say(questions.change(state)),)
            if topic := answers.topic(text, moment.lexicon):
                return _ask(state, Step(topic), _draft(state), moment)
            return _again(state, Plain.NOT_A_CONFIRMATION, moment)
        case _:
            return state, (Say(still_checking(_draft(state))),)


def tapped(state: Conversation, tap: Tap, moment: Moment) -> Outcome:
    """Take a tapped answer of the turn that is open."""
    match tap.choice, state.filing.step:
        case Choice.CANCEL, _:
            return cancel(state, moment)
        case Choice.DATE, Step.DATE:
            return _date(state, tap.value, moment)
        case Choice.HOSPITAL, Step.HOSPITAL:
            offered = {str(n): name for n, name in enumerate(state.filing.hospitals)}
            if tap.value in offered:
                return _hospital(state, offered[tap.value], moment)
        case Choice.TYPE, Step.TYPE:
            if tap.value in list(ReportType):
                return _type(state, ReportType(tap.value), moment)
        case _, Step.CONFIRM:
            return _tapped_last(state, tap, moment)
    return stale(state, moment)


def _tapped_last(state: Conversation, tap: Tap, moment: Moment) -> Outcome:
    if tap.choice is Choice.CONFIRM:
        return file_it(state, moment)
    if tap.choice is Choice.EDIT:
        return state, (Say(questions.change(state)),)
    if tap.choice is Choice.CHANGE and tap.value in list(Detail):
        return _ask(state, Step(tap.value), _draft(state), moment)
    return stale(state, moment)


def stale(state: Conversation, moment: Moment) -> Outcome:
    """An answer to a question that is not open: say so and ask the open one again."""
    if question := questions.open_question(state, moment):
        return state, (Say(Plain.STALE), Say(question))
    if state.filing.draft is not None:
        return state, (Say(Plain.STALE), Say(still_checking(state.filing.draft)))
    return state, (Say(Plain.NOTHING_OPEN), Say(Plain.HINT))


def go_on(state: Conversation, draft: Draft, moment: Moment) -> Outcome:
    """Ask the first question that the draft has no answer to, and last for confirmation.

    Say before, once, what the file is kept without.
    """
    answered = (
        (Step.DATE, draft.day), (Step.HOSPITAL, draft.hospital), (Step.TYPE, draft.type)
    )  # fmt: skip
    step = next((step for step, known in answered if known is None), Step.CONFIRM)
    if draft.removed is None:
        return _ask(state, step, draft, moment)
    told = Say(KeptWithout(draft.removed))
    state, asked = _ask(state, step, draft._replace(removed=None), moment)
    return state, (told, *asked)


def file_it(state: Conversation, moment: Moment) -> Outcome:
    """File the confirmed report, and go on to the next file if one waits."""
    draft = _draft(state)
    details = questions.details(draft)
    scanned = draft.verdict is not Verdict.NOT_SCANNED
    report = Report(ReportId(moment.new_id()), details, scanned)
    filed = state.filing.filed + 1
    offers_pin = filed == _OFFER_AFTER and state.pin is None
    told = Filed(details, offers_pin=offers_pin)
    effects: tuple[Effect, ...] = (
        FileReport(report, (ReportFile(draft.media_id, copied=draft.copied),), told),
        Record(Action.REPORT_FILING, report.id),
    )
    others = [h for h in state.filing.hospitals if h.casefold() != details.hospital.casefold()]
    hospitals = (details.hospital, *others)[:MAX_BUTTONS]
    done = state.filing._replace(filed=filed, hospitals=hospitals)
    state, following = next_file(state.idle(done), moment)
    return state, effects + (following or (ShowTyping(),))


def cancel(state: Conversation, moment: Moment) -> Outcome:
    """Drop the report in the making; the files behind it are asked about next."""
    if not state.filing.files:
        return state, (Say(Plain.NOTHING_TO_CANCEL), Say(Plain.HINT))
    first, *rest = state.filing.files
    dropped: tuple[Effect, ...] = (Discard(first.media_id), Say(Plain.CANCELLED))
    left = state.filing._replace(waiting=tuple(rest))
    state, following = next_file(state.idle(left), moment)
    return state, dropped + following


def close(state: Conversation, moment: Moment) -> Outcome:
    """Ask no more about the file in question, and keep it behind all others."""
    draft = _draft(state)
    told = Say(Plain.QUESTION_CLOSED)
    state, following = next_file(state.idle(), moment)
    return state._replace(filing=state.filing.behind(draft)), (told, *following)


def stop(state: Conversation) -> Outcome:
    """Drop everything that is not filed yet: the patient wants no more questions."""
    state, discards, _ = _drop_all(state)
    return state, (*discards, Say(Plain.STOPPED))


def rang(state: Conversation, at: datetime) -> Outcome:
    """End a session whose deadline has passed, and say so; one that went on since then goes on."""
    if state.filing.deadline is None or state.filing.deadline > at:
        return state, ()
    state, discards, count = _drop_all(state)
    return state, (*discards, Record(Action.SESSION_ENDED), Say(TimedOut(count)))


def next_file(state: Conversation, moment: Moment) -> Outcome:
    """Take up the file that waits longest, if any does and nothing is asked."""
    if state.filing.draft is not None or not state.filing.waiting:
        return state, ()
    draft, *rest = state.filing.waiting
    filing = state.filing._replace(waiting=tuple(rest))
    state = state._replace(filing=filing)
    if draft.verdict is not None and draft.verdict.accepted:
        return go_on(state, draft, moment)
    told = Plain.CHECK_WAITS if draft.verdict is Verdict.WAITING else Plain.CHECKING_NEXT
    return state._replace(filing=filing.checking(draft)), (Say(told),)


def still_checking(draft: Draft) -> Plain:
    """Ask for patience while a file is checked, or can't be."""
    waits = draft.verdict is Verdict.WAITING
    return Plain.CHECK_WAITS if waits else Plain.CHECKING


def _ask(state: Conversation, step: Step, draft: Draft, moment: Moment) -> Outcome:
    asking = state.asking(step, moment.now, draft)
    question = questions.open_question(asking, moment)
    return asking, (Say(question),) if question else ()


def _date(state: Conversation, text: str, moment: Moment) -> Outcome:
    """Take a date, or a yes to the only one that was offered; one in doubt is offered first."""
    draft = _draft(state)
    if (offered := draft.offered) is not None:
        draft = draft._replace(offered=None)
        if answers.agrees(text, moment.lexicon):
            return go_on(state, draft._replace(day=offered), moment)
        state = state._replace(filing=state.filing._replace(draft=draft))
    try:
        dated = dates.parse(text, moment.today, moment.latest, moment.order)
    except dates.Unsure as unsure:
        offered = unsure.days[0] if len(unsure.days) == 1 else None
        told = Say(questions.which_day(state, unsure.days, unsure.why))
        filing = state.filing._replace(draft=draft._replace(offered=offered))
        return state._replace(filing=filing), (told,)
    except dates.FutureDate:
        return _again(state, Plain.FUTURE_DATE, moment)
    except dates.LunarDate:
        return _again(state, Plain.LUNAR_DATE, moment)
    except dates.InvalidDate:
        return _again(state, Plain.NOT_A_DATE, moment)
    draft = draft._replace(day=dated.day, whole_month=dated.whole_month)
    return go_on(state, draft, moment)


def _hospital(state: Conversation, name: str | None, moment: Moment) -> Outcome:
    if name is None:
        return _again(state, Plain.NOT_A_HOSPITAL, moment)
    return go_on(state, _draft(state)._replace(hospital=name), moment)


def _offered(state: Conversation, text: str, moment: Moment) -> str | None:
    """The remembered hospital that a button's title or a number stands for.

    No name is a single digit.
    """
    numbered = {str(n): name for n, name in enumerate(state.filing.hospitals, start=1)}
    titles = answers.titles(state.filing.hospitals, moment.lexicon)
    shown = answers.offered(text, state.filing.hospitals, titles)
    return shown or numbered.get(text.strip())


def _type(state: Conversation, kind: ReportType | None, moment: Moment) -> Outcome:
    if kind is None:
        return _again(state, Plain.NOT_A_TYPE, moment)
    return go_on(state, _draft(state)._replace(type=kind), moment)


def _again(state: Conversation, why: Plain, moment: Moment) -> Outcome:
    return state, (Say(questions.again(state, why, moment)),)


def _drop_all(state: Conversation) -> tuple[Conversation, tuple[Effect, ...], int]:
    """Return what drops all files that are not filed, and how many these are."""
    files = state.filing.files
    effects: list[Effect] = [Discard(draft.media_id) for draft in files]
    count = len(files)
    if state.filing.backlog is not None:
        effects.append(DiscardBacklog(state.filing.backlog))
        count += state.filing.backlog.count
    nothing = state.filing._replace(waiting=(), backlog=None)
    return state.idle(nothing), tuple(effects), count


def _draft(state: Conversation) -> Draft:
    if state.filing.draft is None:
        raise ValueError("no report in the making")
    return state.filing.draft
