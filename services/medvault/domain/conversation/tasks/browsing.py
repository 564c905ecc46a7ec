"""LIST, MORE and GET: a patient looks at what is filed and asks for one of it."""

from collections.abc import Sequence

from medvault.domain.audit import Action
from medvault.domain.conversation.effects import Record, Say, SendReport, ShowTyping
from medvault.domain.conversation.moment import Outcome
from medvault.domain.conversation.state import BrowsingState, Conversation
from medvault.domain.identifiers import ReportId
from medvault.domain.replies import MAX_ROWS
from medvault.domain.reports import Report, newest_first
from medvault.domain.saying import rendering
from medvault.domain.saying.messages import GetUnknown, ListPage, Plain
from medvault.domain.understanding import commands, typed

_LISTED_AT_ONCE = 100


def show_list(state: Conversation, shelf: Sequence[Report], *, in_answer: bool = False) -> Outcome:
    """Show the first page; the meaning of the numbers stays fixed until LIST is said again."""
    if not shelf:
        return state._replace(browsing=BrowsingState()), (Say(Plain.NO_REPORTS),)
    return _page(state._replace(browsing=BrowsingState()), shelf, in_answer=in_answer)


def show_more(state: Conversation, shelf: Sequence[Report]) -> Outcome:
    """Show the next page of the list that the patient saw."""
    if not state.browsing.listed:
        return show_list(state, shelf)
    if state.browsing.shown >= len(state.browsing.listed) and not _beyond(
        state.browsing.listed, shelf
    ):
        return state, (Say(Plain.NO_MORE),)
    return _page(state, shelf)


def get_number(state: Conversation, shelf: Sequence[Report], number: int | None) -> Outcome:
    """Send the n-th report of the list that the patient saw."""
    if number is None:
        return state, (Say(Plain.GET_HOW),)
    if not state.browsing.listed:
        return show_list(state, shelf, in_answer=True)
    if not 1 <= number <= state.browsing.shown:
        return state, (Say(GetUnknown(state.browsing.shown)),)
    return get_report(state, shelf, state.browsing.listed[number - 1])


def get_report(state: Conversation, shelf: Sequence[Report], report_id: ReportId) -> Outcome:
    """Send a report if it is on the patient's own shelf; a stranger's looks like none at all."""
    for report in shelf:
        if report.id == report_id:
            asked = Record(Action.REPORT_REQUESTED, report_id)
            return state, (asked, ShowTyping(), SendReport(report))
    return state, (Record(Action.REPORT_REFUSED, report_id), Say(Plain.GET_REFUSED))


def labelled(state: Conversation, shelf: Sequence[Report], text: str) -> ReportId | None:
    """Return the report whose row on the list that the patient saw is this text."""
    number = commands.listed(text)
    if number is None or not 1 <= number <= state.browsing.shown:
        return None
    for report in shelf:
        if report.id == state.browsing.listed[number - 1]:
            row, said = rendering.row(number, report), typed.label(text)
            shown = (row.title, f"{row.title} {row.description}")
            return report.id if said in map(typed.label, shown) else None
    return None


def _page(state: Conversation, shelf: Sequence[Report], *, in_answer: bool = False) -> Outcome:
    listed, shown = state.browsing.listed, state.browsing.shown
    beyond = _beyond(listed, shelf)
    total = len(listed) + len(beyond)
    if shown >= len(listed):
        listed += beyond[:_LISTED_AT_ONCE]
    last = min(shown + MAX_ROWS, len(listed))
    by_id = {report.id: report for report in shelf}
    rows = tuple(
        (number, by_id[report_id])
        for number, report_id in enumerate(listed[shown:last], start=shown + 1)
        if report_id in by_id
    )
    page = ListPage(shown + 1, last, total, rows, in_answer)
    state = state._replace(browsing=BrowsingState(listed, last))
    return state, (Record(Action.REPORTS_LISTED), Say(page))


def _beyond(listed: Sequence[ReportId], shelf: Sequence[Report]) -> tuple[ReportId, ...]:
    """The reports after the list's end; the list is kept in pieces, as it is saved with every turn.

    A report that was filed since and would stand higher up must not shift the numbers, so it is
    left out.
    """
    ids = [report.id for report in newest_first(shelf)]
    known = set(listed)
    end = max((place for place, id in enumerate(ids, start=1) if id in known), default=0)
    return tuple(ids[end:])
