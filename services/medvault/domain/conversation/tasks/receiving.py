"""Receiving files: each is fetched and checked; it waits until it is asked about, or is refused."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from medvault.domain.audit import Action
from medvault.domain.conversation import backlog
from medvault.domain.conversation.effects import CheckAgain, Effect, Fetch, Record, Say, ShowTyping
from medvault.domain.conversation.events import Checked, SentFile
from medvault.domain.conversation.moment import Moment, Outcome
from medvault.domain.conversation.state import Conversation, Draft, Step
from medvault.domain.conversation.tasks import filing, questions
from medvault.domain.identifiers import MediaId
from medvault.domain.media import Attachment, Verdict
from medvault.domain.saying.messages import FilesWait, Message, Plain, Refused
from medvault.domain.understanding import dates


def sent(state: Conversation, event: SentFile, moment: Moment) -> Outcome:
    """Have the file fetched; while another is in the making it waits its turn.

    Only the first file of an album is answered, not to bury the question under receipts, and only
    the first of a backlog.
    """
    draft = draft_of(event, moment)
    after, fetch = put_last(state, draft, event.attachment)
    effects = (Record(Action.FILE_RECEIVED), fetch)
    if state.filing.draft is None:
        return after, (*effects, ShowTyping())
    if after.filing.backlog is not None and state.filing.backlog is None:
        told = Say(Plain.BACKLOG)
    elif not state.filing.waiting and state.filing.step is not Step.CHECKING:
        told = Say(Plain.WAITS_ITS_TURN)
    else:
        return after, effects
    return questions.reminded((after, (*effects, told)), moment)


def checked(state: Conversation, told: Checked, moment: Moment) -> Outcome:
    """Take a verdict; on a file that was dropped or passed before it means nothing any more."""
    known, verdict = state.filing, told.verdict
    if verdict is Verdict.WAITING and told.until is not None:
        return state, (Say(_files_wait(told.until, moment)),)
    draft = next((one for one in known.files if one.media_id == told.media_id), None)
    if draft is None:
        return state, ()
    if not verdict.accepted and verdict is not Verdict.WAITING:
        refused = refusal(draft, verdict, of_many=bool(known.waiting))
        return _refused(state, draft, refused, moment)
    if draft.verdict is not None and (draft.verdict.accepted or draft.verdict is verdict):
        return state, ()
    after = judged(draft, told)
    if draft is not known.draft:
        waiting = tuple(after if one is draft else one for one in known.waiting)
        return state._replace(filing=known._replace(waiting=waiting)), ()
    if verdict is Verdict.WAITING:
        waits = state._replace(filing=known._replace(draft=after))
        return waits, (Say(Plain.CHECK_WAITS),)
    return filing.go_on(state, after, moment)


def _refused(state: Conversation, draft: Draft, why: Message, moment: Moment) -> Outcome:
    told: tuple[Effect, ...] = (Record(Action.FILE_REFUSED), Say(why))
    if draft is not state.filing.draft:
        waiting = tuple(one for one in state.filing.waiting if one is not draft)
        return state._replace(filing=state.filing._replace(waiting=waiting)), told
    state, following = filing.next_file(state.idle(), moment)
    return state, told + following


def _files_wait(until: datetime, moment: Moment) -> FilesWait:
    """Tell a time of the clinic's day, to the full minute after it."""
    there = (max(until, moment.now) + timedelta(minutes=1)).astimezone(moment.zone)
    return FilesWait(there, there.date() != moment.now.astimezone(moment.zone).date())


def put_last(
    state: Conversation, draft: Draft, attachment: Attachment
) -> tuple[Conversation, Fetch]:
    """Take a file in behind all others, and have it fetched."""
    if backlog.begins(state):
        state, draft = backlog.put(state, draft)
        attachment = replace(attachment, day=None if draft.whole_month else draft.day)
    else:
        state = _taken_in(state, draft)
    return state, Fetch(draft.media_id, attachment)


def readmit(state: Conversation, media_id: MediaId) -> Outcome:
    """Take a file in again that was kept unchecked; the patient hears of it once it is checked."""
    return _taken_in(state, Draft(media_id)), (CheckAgain(media_id),)


def _taken_in(state: Conversation, draft: Draft) -> Conversation:
    known = state.filing
    taken = known.checking(draft) if known.draft is None else known.behind(draft)
    return state._replace(filing=taken)


def resume(state: Conversation, moment: Moment) -> Outcome:
    """Go on with the files of a vault that is open again, and say which ones are not kept."""
    files = state.filing.files
    left, told = sorted_out(files, of_many=len(files) > 1)
    state, following = filing.next_file(state.idle(state.filing._replace(waiting=left)), moment)
    return state, (*told, *following)


def take_up(state: Conversation, files: Sequence[Draft], moment: Moment) -> Outcome:
    """Name the files that come first in the backlog, with their verdicts if there are any.

    Those that are not kept are told of, and where nothing is asked the next one is asked about. A
    backlog of which nothing is found is over.
    """
    known = state.filing.backlog
    if known is None:
        return state, ()
    left, told = sorted_out(files, of_many=True)
    count = known.count - len(files)
    more = replace(known, count=count, after=files[-1].media_id) if files else None
    left_over = state.filing.behind(*left)._replace(backlog=more if count > 0 else None)
    state, following = filing.next_file(state._replace(filing=left_over), moment)
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
    return draft._replace(verdict=told.verdict, copied=copied, removed=told.removed)


def draft_of(event: SentFile, moment: Moment) -> Draft:
    """Begin a draft with a file that came; a date that its caption consists of is taken over."""
    draft = Draft(MediaId(moment.new_id()), event.attachment.filename, mark=event.mark)
    try:
        dated = dates.parse(event.caption or "", moment.today, moment.latest, moment.order)
    except (dates.InvalidDate, dates.FutureDate, dates.Unsure):
        return draft
    return draft._replace(day=dated.day, whole_month=dated.whole_month)


def refusal(draft: Draft, verdict: Verdict, *, of_many: bool) -> Refused:
    """Say why a file is not kept, and which one where there is more than one."""
    return Refused(verdict, questions.called(draft), of_many)
