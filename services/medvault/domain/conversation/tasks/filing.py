"""Filing a report: from its checked file through the answers to the vault, or to nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from medvault.domain.audit import Action
from medvault.domain.conversation import backlog
from medvault.domain.conversation.effects import (
    CheckAgain,
    Discard,
    DiscardBacklog,
    Effect,
    Fetch,
    FileReport,
    Record,
    Say,
    ShowTyping,
)
from medvault.domain.conversation.events import Checked, SentFile
from medvault.domain.conversation.moment import Moment, Outcome
from medvault.domain.conversation.state import Conversation, Draft, Step
from medvault.domain.conversation.tasks import questions
from medvault.domain.media import Attachment, Verdict
from medvault.domain.replies import MAX_BUTTONS
from medvault.domain.reports import Report, ReportFile, ReportType
from medvault.domain.saying.messages import Filed, KeptWithout, Plain, Refused, TimedOut
from medvault.domain.taps import Choice, Tap
from medvault.domain.understanding import answers, dates

_OFFER_AFTER = 2


def answer(state: Conversation, text: str, moment: Moment) -> Outcome:
    """Take a typed answer to the open question."""
    match state.step:
        case Step.DATE:
            return _date(state, text, moment)
        case Step.HOSPITAL:
            return _hospital(state, _offered(state, text) or answers.hospital(text), moment)
        case Step.TYPE if answers.opens_kinds(text):
            question = questions.open_question(state, moment.today)
            return state, (Say(question),) if question else ()
        case Step.TYPE:
            return _type(state, answers.report_type(text), moment)
        case Step.CONFIRM:
            if answers.agrees(text):
                return file_it(state, moment)
            if answers.wants_change(text):
                return state, (Say(questions.change(state)),)
            if topic := answers.topic(text):
                return _ask(state, Step(topic), _draft(state), moment)
            return _again(state, Plain.NOT_A_CONFIRMATION, moment)
        case _:
            return state, (Say(still_checking(_draft(state))),)


def tapped(state: Conversation, tap: Tap, moment: Moment) -> Outcome:
    """Take a tapped answer of the turn that is open."""
    match tap.choice, state.step:
        case Choice.CANCEL, _:
            return cancel(state, moment)
        case Choice.DATE, Step.DATE:
            return _date(state, tap.value, moment)
        case Choice.HOSPITAL, Step.HOSPITAL:
            offered = {str(n): name for n, name in enumerate(state.hospitals)}
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
    if tap.choice is Choice.CHANGE and (topic := answers.topic(tap.value)):
        return _ask(state, Step(topic), _draft(state), moment)
    return stale(state, moment)


def stale(state: Conversation, moment: Moment) -> Outcome:
    """An answer to a question that is not open: say so and ask the open one again."""
    if question := questions.open_question(state, moment.today):
        return state, (Say(Plain.STALE), Say(question))
    if state.draft is not None:
        return state, (Say(Plain.STALE), Say(still_checking(state.draft)))
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
    state, asked = _ask(state, step, replace(draft, removed=None), moment)
    return state, (told, *asked)


def file_it(state: Conversation, moment: Moment) -> Outcome:
    """File the confirmed report, and go on to the next file if one waits."""
    draft = _draft(state)
    details = questions.details(draft)
    scanned = draft.verdict is not Verdict.NOT_SCANNED
    report = Report(moment.new_id(), details, scanned)
    state = replace(state, filed=state.filed + 1)
    offers_pin = state.filed == _OFFER_AFTER and state.pin is None
    told = Filed(details, offers_pin=offers_pin)
    filed: tuple[Effect, ...] = (
        FileReport(report, (ReportFile(draft.media_id, copied=draft.copied),), told),
        Record(Action.REPORT_FILING, report.id),
    )
    others = [h for h in state.hospitals if h.casefold() != details.hospital.casefold()]
    hospitals = (details.hospital, *others)[:MAX_BUTTONS]
    state, following = next_file(replace(state.idle(), hospitals=hospitals), moment)
    return state, filed + (following or (ShowTyping(),))


def cancel(state: Conversation, moment: Moment) -> Outcome:
    """Drop the report in the making; the files behind it are asked about next."""
    if state.draft is None and state.waiting:
        state = replace(state, draft=state.waiting[0], waiting=state.waiting[1:])
    if state.draft is None:
        return state, (Say(Plain.NOTHING_TO_CANCEL), Say(Plain.HINT))
    dropped: tuple[Effect, ...] = (Discard(state.draft.media_id), Say(Plain.CANCELLED))
    state, following = next_file(state.idle(), moment)
    return state, dropped + following


def close(state: Conversation, moment: Moment) -> Outcome:
    """Ask no more about the file in question, and keep it behind all others."""
    draft = _draft(state)
    told = Say(Plain.QUESTION_CLOSED)
    state, following = next_file(state.idle(), moment)
    return replace(state, waiting=(*state.waiting, draft)), (told, *following)


def stop(state: Conversation) -> Outcome:
    """Drop everything that is not filed yet: the patient wants no more questions."""
    state, discards, _ = _drop_all(state)
    return state, (*discards, Say(Plain.STOPPED))


def time_out(state: Conversation, deadline: datetime) -> Outcome:
    """End a session whose deadline has passed, and say so; one that went on since then goes on."""
    if state.deadline != deadline:
        return state, ()
    state, discards, count = _drop_all(state)
    return state, (*discards, Record(Action.SESSION_ENDED), Say(TimedOut(count)))


def next_file(state: Conversation, moment: Moment) -> Outcome:
    """Take up the file that waits longest, if any does and nothing is asked."""
    if state.draft is not None or not state.waiting:
        return state, ()
    draft, *rest = state.waiting
    state = replace(state, waiting=tuple(rest))
    if draft.verdict is not None and draft.verdict.accepted:
        return go_on(state, draft, moment)
    told = Plain.CHECK_WAITS if draft.verdict is Verdict.WAITING else Plain.CHECKING_NEXT
    return replace(state, step=Step.CHECKING, draft=draft, deadline=None), (Say(told),)


def put_last(
    state: Conversation, draft: Draft, attachment: Attachment
) -> tuple[Conversation, Fetch]:
    """Take a file in behind all others, and have it fetched."""
    if backlog.begins(state):
        state, draft = backlog.put(state, draft)
        attachment = replace(attachment, day=None if draft.whole_month else draft.day)
    elif state.draft is None:
        state = replace(state, step=Step.CHECKING, draft=draft, deadline=None)
    else:
        state = replace(state, waiting=(*state.waiting, draft))
    return state, Fetch(draft.media_id, attachment)


def readmit(state: Conversation, media_id: UUID) -> Outcome:
    """Take a file in again that was kept unchecked; the patient hears of it once it is checked."""
    draft = Draft(media_id)
    if state.draft is None:
        state = replace(state, step=Step.CHECKING, draft=draft, deadline=None)
    else:
        state = replace(state, waiting=(*state.waiting, draft))
    return state, (CheckAgain(media_id),)


def resume(state: Conversation, moment: Moment) -> Outcome:
    """Go on with the files of a vault that is open again, and say which ones are not kept."""
    files = _files(state)
    left, told = sorted_out(files, of_many=len(files) > 1)
    state, following = next_file(replace(state.idle(), waiting=left), moment)
    return state, (*told, *following)


def take_up(state: Conversation, files: Sequence[Draft], moment: Moment) -> Outcome:
    """Name the files that come first in the backlog, with their verdicts if there are any.

    Those that are not kept are told of, and where nothing is asked the next one is asked about. A
    backlog of which nothing is found is over.
    """
    if state.backlog is None:
        return state, ()
    left, told = sorted_out(files, of_many=True)
    count = state.backlog.count - len(files)
    more = replace(state.backlog, count=count, after=files[-1].media_id) if files else None
    backlogged = more if count > 0 else None
    state = replace(state, waiting=(*state.waiting, *left), backlog=backlogged)
    state, following = next_file(state, moment)
    return state, (*told, *following)


def sorted_out(
    files: Sequence[Draft], *, of_many: bool
) -> tuple[tuple[Draft, ...], tuple[Effect, ...]]:
    """Return the files that are kept so far, and what is said of the others."""
    refused = [(one, one.verdict) for one in files if one.verdict and _is_refused(one.verdict)]
    left = tuple(one for one in files if one.verdict is None or not _is_refused(one.verdict))
    told: list[Effect] = []
    for one, verdict in refused:
        told += [Record(Action.FILE_REFUSED), Say(refusal(one, verdict, of_many=of_many))]
    return left, tuple(told)


def _is_refused(verdict: Verdict) -> bool:
    return not verdict.accepted and verdict is not Verdict.WAITING


def judged(draft: Draft, told: Checked) -> Draft:
    """A draft with what the checks say of its file."""
    copied = told.removed is not None
    return replace(draft, verdict=told.verdict, copied=copied, removed=told.removed)


def draft_of(sent: SentFile, moment: Moment) -> Draft:
    """Begin a draft with a file that came; a date that its caption consists of is taken over."""
    draft = Draft(moment.new_id(), sent.attachment.filename, mark=sent.mark)
    try:
        dated = _read(sent.caption or "", moment)
    except (dates.InvalidDate, dates.FutureDate, dates.Unsure):
        return draft
    return replace(draft, day=dated.day, whole_month=dated.whole_month)


def refusal(draft: Draft, verdict: Verdict, *, of_many: bool) -> Refused:
    """Say why a file is not kept, and which one where there is more than one."""
    return Refused(verdict, questions.called(draft), of_many)


def still_checking(draft: Draft) -> Plain:
    """Ask for patience while a file is checked, or can't be."""
    waits = draft.verdict is Verdict.WAITING
    return Plain.CHECK_WAITS if waits else Plain.CHECKING


def _ask(state: Conversation, step: Step, draft: Draft, moment: Moment) -> Outcome:
    asking = state.asking(step, moment.now, draft)
    question = questions.open_question(asking, moment.today)
    return asking, (Say(question),) if question else ()


def _date(state: Conversation, text: str, moment: Moment) -> Outcome:
    """Take a date, or a yes to the only one that was offered; one in doubt is offered first."""
    draft = _draft(state)
    if (offered := draft.offered) is not None:
        draft = replace(draft, offered=None)
        if answers.agrees(text):
            return go_on(state, replace(draft, day=offered), moment)
        state = replace(state, draft=draft)
    try:
        dated = _read(text, moment)
    except dates.Unsure as unsure:
        offered = unsure.days[0] if len(unsure.days) == 1 else None
        told = Say(questions.which_day(state, unsure.days, unsure.why))
        return replace(state, draft=replace(draft, offered=offered)), (told,)
    except dates.FutureDate:
        return _again(state, Plain.FUTURE_DATE, moment)
    except dates.LunarDate:
        return _again(state, Plain.LUNAR_DATE, moment)
    except dates.InvalidDate:
        return _again(state, Plain.NOT_A_DATE, moment)
    draft = replace(draft, day=dated.day, whole_month=dated.whole_month)
    return go_on(state, draft, moment)


def _read(text: str, moment: Moment) -> dates.Dated:
    return dates.parse(text, moment.today, moment.latest, moment.order)


def _hospital(state: Conversation, name: str | None, moment: Moment) -> Outcome:
    if name is None:
        return _again(state, Plain.NOT_A_HOSPITAL, moment)
    return go_on(state, replace(_draft(state), hospital=name), moment)


def _offered(state: Conversation, text: str) -> str | None:
    """The remembered hospital that a button's title or a number stands for.

    No name is a single digit.
    """
    numbered = {str(n): name for n, name in enumerate(state.hospitals, start=1)}
    shown = answers.offered(text, state.hospitals, answers.titles(state.hospitals))
    return shown or numbered.get(text.strip())


def _type(state: Conversation, kind: ReportType | None, moment: Moment) -> Outcome:
    if kind is None:
        return _again(state, Plain.NOT_A_TYPE, moment)
    return go_on(state, replace(_draft(state), type=kind), moment)


def _again(state: Conversation, why: Plain, moment: Moment) -> Outcome:
    return state, (Say(questions.again(state, why, moment.today)),)


def _drop_all(state: Conversation) -> tuple[Conversation, tuple[Effect, ...], int]:
    """Return what drops all files that are not filed, and how many these are."""
    files = _files(state)
    effects: list[Effect] = [Discard(draft.media_id) for draft in files]
    count = len(files)
    if state.backlog is not None:
        effects.append(DiscardBacklog(state.backlog))
        count += state.backlog.count
    return replace(state.idle(), waiting=(), backlog=None), tuple(effects), count


def _files(state: Conversation) -> tuple[Draft, ...]:
    return (state.draft, *state.waiting) if state.draft else state.waiting


def _draft(state: Conversation) -> Draft:
    if state.draft is None:
        raise ValueError("no report in the making")
    return state.draft
